#include <algorithm>
#include <set>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/check_parts.h"
#include "pimjit/core/target/table_reader.h"

namespace pimjit {
namespace {

constexpr int64_t kMaxInstances = int64_t{1} << 40;

Status check_names(const TargetDesc& target) {
  std::set<std::string> seen;
  const auto check = [&](const char* what, const std::string& name) -> Status {
    const std::string path = cat(what, ".", name);
    if (!is_name(name)) {
      return inconsistent("bad_name", path, cat('"', name, "\" is not a name"),
                          "names are a to z, 0 to 9 and _, beginning with a letter");
    }
    if (name == "host" || name == "device") {
      return inconsistent("bad_name", path, cat('"', name, "\" has a meaning of its own"),
                          cat("call the ", what, " something else"));
    }
    if (!seen.insert(path).second) {
      return inconsistent("duplicate_name", path, cat("two ", what, "s are called \"", name, '"'));
    }
    return {};
  };
  Status status;
  for (const Level& part : target.levels) status = status ? check("level", part.name) : status;
  for (const Scope& part : target.scopes) status = status ? check("scope", part.name) : status;
  for (const Link& part : target.links) status = status ? check("link", part.name) : status;
  return status;
}

Status check_heading(const TargetDesc& target) {
  if (target.origin == TimeOrigin::modelled && !(target.clock_mhz > 0)) {
    return inconsistent("bad_target", "target.clock_mhz",
                        "a modelled target needs a clock; clock_mhz is 0",
                        "add `clock_mhz` to [target]");
  }
  if (target.levels.empty()) {
    return inconsistent("bad_target", "level", "a target needs at least one level");
  }
  if (target.numerics.empty()) {
    return inconsistent("bad_target", "numerics", "the target computes with no type at all",
                        "add a table such as [numerics.i32]");
  }
  return {};
}

Status check_levels(const TargetDesc& target) {
  const Level* uniform = nullptr;
  for (size_t i = 0; i < target.levels.size(); ++i) {
    const Level& level = target.levels[i];
    const std::string path = cat("level.", level.name);
    if (level.count < 1) {
      return inconsistent(
          "out_of_range", path + ".count",
          cat("level ", level.name, " has ", level.count, " instances; at least 1"));
    }
    if (target.instances(static_cast<int>(i)) > kMaxInstances) {
      return inconsistent(
          "out_of_range", path + ".count",
          cat("down to ", level.name, " there are more than ", kMaxInstances, " instances"));
    }
    const bool independent = level.kind == LevelKind::independent;
    if (independent && uniform != nullptr) {
      return inconsistent("bad_target", path + ".kind",
                          cat("independent level ", level.name, " stands below ", uniform->name,
                              ", which is ", to_string(uniform->kind)),
                          "what follows one command stream has no control flow of its own");
    }
    if (level.kind == LevelKind::lockstep || level.kind == LevelKind::lane) uniform = &level;
    if (!(level.issue_interval >= 1) || (level.issue_interval > 1 && !independent)) {
      return inconsistent("bad_target", path + ".issue_interval",
                          cat("level ", level.name, ", which is ", to_string(level.kind),
                              ", has an issue interval of ", shortest(level.issue_interval),
                              " slots; at least 1, and only independent levels have one"));
    }
    if (level.barrier && !independent) {
      return inconsistent("bad_target", path + ".barrier",
                          cat("level ", level.name, " is ", to_string(level.kind),
                              "; only independent levels have a barrier"));
    }
  }
  return {};
}

// Whether instances of `level` can exchange values through a scope they share.
bool shares_elements(const TargetDesc& target, int level) {
  return std::any_of(target.scopes.begin(), target.scopes.end(), [&](const Scope& scope) {
    return scope.level < level && scope.element_access && scope.element_writes;
  });
}

Status check_reduction(const TargetDesc& target) {
  int previous = static_cast<int>(target.levels.size());
  for (size_t i = 0; i < target.reduction_stages.size(); ++i) {
    const int stage = target.reduction_stages[i];
    if (stage == kHost) {
      if (i + 1 == target.reduction_stages.size()) return {};
      return inconsistent("bad_target", "reduction.stages", "\"host\" can only be the last stage");
    }
    if (stage < 0 || stage >= static_cast<int>(target.levels.size())) {
      return inconsistent("bad_target", "reduction.stages", cat("there is no level ", stage));
    }
    const Level& level = target.levels[static_cast<size_t>(stage)];
    if (stage >= previous) {
      return inconsistent("bad_target", "reduction.stages",
                          cat("stage ", level.name, " is not outside of the stage before it"),
                          "list the stages from the inner to the outer level");
    }
    previous = stage;
    const bool through_memory = level.barrier && shares_elements(target, stage);
    if (level.kind == LevelKind::time || level.combine != 0 || through_memory) continue;
    return inconsistent(
        "bad_target", "reduction.stages",
        cat("level ", level.name, " has no way to combine partial results"),
        "it needs `combine` operations, or a `barrier` and a shared scope with element access");
  }
  return {};
}

Status check_host(const TargetDesc& target) {
  const HostModel& host = target.host;
  const std::pair<const char*, double> rates[] = {{"copy_bytes_per_ns", host.copy_bytes_per_ns},
                                                  {"pack_bytes_per_ns", host.pack_bytes_per_ns},
                                                  {"reduce_bytes_per_ns", host.reduce_bytes_per_ns},
                                                  {"scalar_ops_per_ns", host.scalar_ops_per_ns}};
  for (const auto& [key, rate] : rates) {
    if (rate > 0) continue;
    return inconsistent("out_of_range", cat("host.", key),
                        cat("host.", key, " is ", shortest(rate), "; it must be more than 0"));
  }
  if (host.threads < 1) {
    return inconsistent("out_of_range", "host.threads",
                        cat("host.threads is ", host.threads, "; it must be at least 1"));
  }
  return {};
}

Status check_numerics(const TargetDesc& target) {
  for (const auto& [type, operations] : target.numerics) {
    const auto& row = operations;  // a name that lambdas may capture
    const auto usable = [&](NumericOp op) {
      return row[static_cast<size_t>(op)].support != Support::absent;
    };
    if (usable(NumericOp::load) == usable(NumericOp::store)) continue;
    const char* have = usable(NumericOp::load) ? "load" : "store";
    const char* lack = usable(NumericOp::load) ? "store" : "load";
    return inconsistent("bad_target", cat("numerics.", to_string(type)),
                        cat(to_string(type), " has `", have, "` but no `", lack, "`"));
  }
  return {};
}

Status check_uses(const TargetDesc& target) {
  for (const IntrinsicDesc& intrinsic : target.intrinsics) {
    if (intrinsic.level >= 0 && intrinsic.level < static_cast<int>(target.levels.size())) continue;
    return inconsistent("bad_target", cat("intrinsic.", intrinsic.name, ".level"),
                        cat("intrinsic ", intrinsic.name, " is at no known level"));
  }
  return {};
}

}  // namespace

tl::unexpected<Error> inconsistent(std::string code, std::string path, std::string what,
                                   std::string hint) {
  return fail(user_error(std::move(code), std::move(what), std::move(path), std::move(hint)));
}

Status check_target(const TargetDesc& target) {
  using Check = Status (*)(const TargetDesc&);
  for (const Check check :
       {check_heading, check_names, check_levels, check_scopes, check_links, check_home_scope,
        check_reduction, check_numerics, check_host, check_uses}) {
    if (Status status = check(target); !status) return status;
  }
  return {};
}

}  // namespace pimjit
