#include <bit>
#include <limits>
#include <tuple>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/check_parts.h"

namespace pimjit {
namespace {

bool is_power_of_two(int64_t value) {
  return value > 0 && std::has_single_bit(static_cast<uint64_t>(value));
}

Status check_power(const std::string& path, int64_t value) {
  if (is_power_of_two(value)) return {};
  return inconsistent("out_of_range", path,
                      cat(path, " is ", value, "; it must be a power of two"));
}

Status check_multiple(const std::string& path, int64_t value, const std::string& of, int64_t step) {
  if (value % step == 0) return {};
  return inconsistent("out_of_range", path,
                      cat(path, " is ", value, ", not a multiple of ", of, ", which is ", step));
}

// The instances of the innermost independent level inside one instance of `level`.
int64_t runners_inside(const TargetDesc& target, int level) {
  const int issue = target.issue_level();
  return issue > level ? target.instances(issue) / target.instances(level) : 1;
}

Status check_room(const TargetDesc& target, const Scope& scope, const std::string& path) {
  const int64_t runners = runners_inside(target, scope.level);
  const double used =
      static_cast<double>(scope.reserved) +
      static_cast<double>(scope.reserved_per_instance) * static_cast<double>(runners);
  if (used < static_cast<double>(scope.capacity)) return {};
  return inconsistent("out_of_range", path + ".reserved",
                      cat("scope ", scope.name, " reserves ", shortest(used), " of its ",
                          scope.capacity, " bytes with ", runners, " running; nothing is left"));
}

Status check_scope(const TargetDesc& target, const Scope& scope) {
  const std::string path = cat("scope.", scope.name);
  if (scope.level < -1 || scope.level >= static_cast<int>(target.levels.size())) {
    return inconsistent("bad_target", path + ".at", cat("scope ", scope.name, " is at no level"));
  }
  if (scope.capacity < 1 || scope.reserved < 0 || scope.reserved_per_instance < 0) {
    return inconsistent("out_of_range", path + ".capacity",
                        cat("scope ", scope.name, " has a negative size or none"));
  }
  const std::string granule = path + ".granule";
  Status status = check_power(granule, scope.granule);
  if (status) status = check_power(path + ".alignment", scope.alignment);
  if (!status) return status;
  const std::pair<const char*, int64_t> sizes[] = {
      {".alignment", scope.alignment},
      {".capacity", scope.capacity},
      {".reserved", scope.reserved},
      {".reserved_per_instance", scope.reserved_per_instance}};
  for (const auto& [key, value] : sizes) {
    status = check_multiple(path + key, value, granule, scope.granule);
    if (!status) return status;
  }
  return check_room(target, scope, path);
}

const Scope* scope_at(const TargetDesc& target, int end) {
  return end >= 0 ? &target.scopes[static_cast<size_t>(end)] : nullptr;
}

// A link with the host as one end.
Status check_host_link(const TargetDesc& target, const Link& link, const std::string& path) {
  const bool down = link.from == kHost;
  const Scope& scope = *scope_at(target, down ? link.to : link.from);
  const auto refuse = [&](const char* why) {
    return inconsistent("bad_target", path, cat("link ", link.name, why, scope.name),
                        cat("scope ", scope.name, " has host = \"", to_string(scope.host), '"'));
  };
  if (scope.host == HostAccess::none)
    return refuse(" joins the host and a scope it cannot reach: ");
  if (scope.host == HostAccess::direct) return refuse(" copies what is host memory anyway: ");
  if (scope.host == HostAccess::broadcast && !down)
    return refuse(" reads a scope that is only written: ");
  if (scope.host == HostAccess::broadcast && !link.broadcast)
    return refuse(" has to broadcast to ");
  return {};
}

Status check_link_sizes(const TargetDesc& target, const Link& link, const std::string& path) {
  Status status = check_power(path + ".multiple", link.multiple);
  if (status) status = check_power(path + ".alignment", link.alignment);
  if (status) {
    status = check_multiple(path + ".min_bytes", link.min_bytes, path + ".multiple", link.multiple);
  }
  if (status && link.max_bytes != INT64_MAX) {
    status = check_multiple(path + ".max_bytes", link.max_bytes, path + ".multiple", link.multiple);
  }
  if (!status) return status;
  if (link.min_bytes < 1 || link.min_bytes > link.max_bytes) {
    return inconsistent(
        "out_of_range", path + ".min_bytes",
        cat(path, ".min_bytes is ", link.min_bytes, ", more than max_bytes ", link.max_bytes));
  }
  if (const Scope* written = scope_at(target, link.to)) {
    const std::string granule = cat("scope.", written->name, ".granule");
    status = check_multiple(path + ".multiple", link.multiple, granule, written->granule);
    if (status) {
      status = check_multiple(path + ".alignment", link.alignment, granule, written->granule);
    }
  }
  for (const int end : {link.from, link.to}) {
    const Scope* scope = scope_at(target, end);
    if (!status || scope == nullptr) continue;
    status = check_multiple(cat("scope.", scope->name, ".alignment"), scope->alignment,
                            path + ".alignment", link.alignment);
  }
  return status;
}

Status check_link_cost(const Link& link, const std::string& path) {
  const std::tuple<const char*, const char*, const std::vector<std::array<double, 2>>&> tables[] = {
      {".cost.table", "rising sizes and rates", link.cost.table},
      {".cost.units", "rising numbers of units and shares", link.cost.units}};
  for (const auto& [key, what, pairs] : tables) {
    double previous = -1;
    for (const auto& [at, rate] : pairs) {
      if (at <= previous || !(rate > 0)) {
        return inconsistent("out_of_range", path + key,
                            cat(path, key, " needs ", what, " above 0; it has [", shortest(at),
                                ", ", shortest(rate), "]"));
      }
      previous = at;
    }
  }
  const bool host_link = link.from == kHost || link.to == kHost;
  if (host_link) return {};
  const std::pair<const char*, bool> only_host[] = {
      {".cost.table", !link.cost.table.empty()},
      {".cost.units", !link.cost.units.empty()},
      {".cost.per_unit_ns", link.cost.per_unit_ns != 0},
      {".equal_sizes", link.equal_sizes},
      {".broadcast", link.broadcast},
      {".parallel_units", link.parallel_units != 1}};
  for (const auto& [key, used] : only_host) {
    if (!used) continue;
    return inconsistent(
        "bad_target", path + key,
        cat("link ", link.name, " does not touch the host and cannot have `", key + 1, "`"));
  }
  return {};
}

Status check_link(const TargetDesc& target, size_t index) {
  const Link& link = target.links[index];
  const std::string path = cat("link.", link.name);
  const int scopes = static_cast<int>(target.scopes.size());
  for (const int end : {link.from, link.to}) {
    if (end != kHost && (end < 0 || end >= scopes)) {
      return inconsistent("bad_target", path, cat("link ", link.name, " ends at no known scope"));
    }
  }
  if (link.from == link.to) {
    return inconsistent("bad_target", path, cat("link ", link.name, " ends where it begins"));
  }
  if (target.find_link(link.from, link.to) != static_cast<int>(index)) {
    const Link& other = target.links[static_cast<size_t>(target.find_link(link.from, link.to))];
    return inconsistent("bad_target", path,
                        cat("links ", other.name, " and ", link.name,
                            " join the same two ends in the same direction"));
  }
  if (link.from == kHost || link.to == kHost) {
    if (Status status = check_host_link(target, link, path); !status) return status;
  }
  if (link.broadcast && link.from != kHost) {
    return inconsistent("bad_target", path + ".broadcast",
                        cat("link ", link.name, " cannot broadcast; only the host does"));
  }
  if (Status status = check_link_sizes(target, link, path); !status) return status;
  return check_link_cost(link, path);
}

// The scopes that device links lead to from `start` (forward) or that lead to it, itself included.
std::vector<bool> reachable(const TargetDesc& target, int start, bool forward) {
  std::vector<bool> reached(target.scopes.size(), false);
  reached[static_cast<size_t>(start)] = true;
  for (size_t round = 0; round < target.scopes.size(); ++round) {
    for (const Link& link : target.links) {
      if (link.from == kHost || link.to == kHost) continue;
      const auto near = static_cast<size_t>(forward ? link.from : link.to);
      const auto far = static_cast<size_t>(forward ? link.to : link.from);
      if (reached[near]) reached[far] = true;
    }
  }
  return reached;
}

}  // namespace

Status check_scopes(const TargetDesc& target) {
  for (const Scope& scope : target.scopes) {
    if (Status status = check_scope(target, scope); !status) return status;
  }
  return {};
}

Status check_links(const TargetDesc& target) {
  for (size_t i = 0; i < target.links.size(); ++i) {
    if (Status status = check_link(target, i); !status) return status;
  }
  return {};
}

Status check_home_scope(const TargetDesc& target) {
  const int home = target.home_scope();
  if (home < 0) {
    return inconsistent("bad_target", "scope", "no scope can hold tensors",
                        "one needs host = \"copy\" or host = \"direct\"");
  }
  const Scope& scope = target.scopes[static_cast<size_t>(home)];
  const std::string path = cat("scope.", scope.name);
  if (scope.host == HostAccess::copy) {
    const char* lacking = target.find_link(kHost, home) < 0   ? "from the host to "
                          : target.find_link(home, kHost) < 0 ? "to the host from "
                                                              : nullptr;
    if (lacking != nullptr) {
      return inconsistent("bad_target", path, cat("there is no link ", lacking, scope.name),
                          cat("tensors live in ", scope.name, "; add a [[link]]"));
    }
  }
  if (!target.intrinsics.empty()) return {};
  const std::vector<bool> into = reachable(target, home, true);
  const std::vector<bool> back = reachable(target, home, false);
  for (size_t i = 0; i < target.scopes.size(); ++i) {
    const Scope& work = target.scopes[i];
    if (into[i] && back[i] && work.element_access && work.element_writes) return {};
  }
  return inconsistent("bad_target", path, cat("kernels cannot compute on what is in ", scope.name),
                      "give it element access, or links to and from a scope that has it");
}

}  // namespace pimjit
