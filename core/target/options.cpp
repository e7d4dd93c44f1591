#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/parse_parts.h"
#include "pimjit/core/target/table_reader.h"

namespace pimjit {
namespace {

const Provenance kFromOption{"option of the target string", Confidence::guess};

Error bad_value(const std::string& key, const std::string& value, const std::string& wanted) {
  return user_error("bad_option", cat("option ", key, " is \"", value, "\"; it must be ", wanted));
}

std::string text_of(double value) {
  return shortest(value);
}
std::string text_of(int64_t value) {
  return cat(value);
}

// "fixed_ns=2000 per_unit_ns=10 ns_per_byte=0.5 table=1024:3.5,2048:5 units=1:0.1,64:1".
std::string cost_text(const LinkCost& cost) {
  std::string text =
      cat("fixed_ns=", shortest(cost.fixed_ns), " per_unit_ns=", shortest(cost.per_unit_ns),
          " ns_per_byte=", shortest(cost.ns_per_byte));
  const auto add_pairs = [&](const char* key, const std::vector<std::array<double, 2>>& pairs) {
    if (pairs.empty()) return;
    std::vector<std::string> parts;
    for (const auto& [at, rate] : pairs) parts.push_back(cat(shortest(at), ":", shortest(rate)));
    text += cat(" ", key, "=", join(parts, ","));
  };
  add_pairs("table", cost.table);
  add_pairs("units", cost.units);
  return text;
}

// The numbers of a description that options may set, by dotted key.
class Settings {
 public:
  using Set = std::function<Status(const std::string& key, const std::string& value)>;
  using Get = std::function<std::string()>;

  explicit Settings(TargetDesc& target) {
    add("clock_mhz", target.clock_mhz);
    for (Level& level : target.levels)
      add(cat("level.", level.name, ".count"), level.count, int64_t{1});
    for (Scope& scope : target.scopes) add_scope(scope);
    for (Link& link : target.links) add_link(link);
    add_limits(target.limits);
    add_host(target.host);
    for (auto& [key, value] : target.plugin) {
      if (!target.plugin_references.contains(key)) add_text(key, value);
    }
    // Last, since the name of a level goes before everything else of that name.
    for (Level& level : target.levels) {
      add(level.name + "s", level.count, int64_t{1});
    }
    for (Level& level : target.levels) add(level.name, level.count, int64_t{1});
  }

  Status apply(const std::string& key, const std::string& value) const {
    const auto at = setters_.find(key);
    if (at != setters_.end()) return at->second(key, value);
    Names known, short_ones;
    for (const auto& [name, setter] : setters_) {
      known.push_back(name);
      if (name.find('.') == std::string::npos) short_ones.push_back(name);
    }
    const std::string nearest = nearest_name(key, known);
    const std::string hint = nearest.empty() ? cat("known are ", join(short_ones, ", "),
                                                   " and the dotted keys of docs/targets.md")
                                             : suggest(key, known);
    return fail(user_error("unknown_option", cat("unknown option `", key, "`"), "", hint));
  }

  // The text of a number, or of the whole cost of a link.
  std::optional<std::string> text(const std::string& key) const {
    const auto at = getters_.find(key);
    return at == getters_.end() ? std::nullopt : std::optional(at->second());
  }
  Names readable() const {
    Names names;
    for (const auto& [name, getter] : getters_) names.push_back(name);
    return names;
  }

 private:
  template <typename Integer>
  void add(const std::string& key, Integer& field, Integer low) {
    getters_[key] = [&field] { return text_of(int64_t{field}); };
    setters_[key] = [&field, low](const std::string& name, const std::string& text) -> Status {
      Integer value = 0;
      const char* end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data(), end, value);
      if (parsed.ec == std::errc::result_out_of_range && parsed.ptr == end) {
        return fail(bad_value(
            name, text,
            cat("an integer between ", low, " and ", std::numeric_limits<Integer>::max())));
      }
      if (parsed.ec != std::errc() || parsed.ptr != end || value < low) {
        return fail(bad_value(name, text, cat("an integer of at least ", low)));
      }
      field = value;
      return {};
    };
  }
  void add(const std::string& key, double& field) {
    getters_[key] = [&field] { return text_of(field); };
    setters_[key] = [&field](const std::string& name, const std::string& text) -> Status {
      double value = 0;
      const char* end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data(), end, value);
      if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value) || value < 0) {
        return fail(bad_value(name, text, "a number of at least 0"));
      }
      field = value;
      return {};
    };
  }
  void add_text(const std::string& key, std::string& field) {
    setters_[key] = [&field](const std::string&, const std::string& text) -> Status {
      field = text;
      return {};
    };
  }
  void add_scope(Scope& scope) {
    const std::string path = cat("scope.", scope.name, ".");
    add(path + "capacity", scope.capacity, int64_t{1});
    add(path + "reserved", scope.reserved, int64_t{0});
    add(path + "reserved_per_instance", scope.reserved_per_instance, int64_t{0});
    add(path + "granule", scope.granule, int64_t{1});
    add(path + "alignment", scope.alignment, int64_t{1});
  }
  void add_link(Link& link) {
    const std::string path = cat("link.", link.name, ".");
    add(path + "min_bytes", link.min_bytes, int64_t{1});
    add(path + "max_bytes", link.max_bytes, int64_t{1});
    add(path + "multiple", link.multiple, int64_t{1});
    add(path + "alignment", link.alignment, int64_t{1});
    add(path + "parallel_units", link.parallel_units, int64_t{1});
    add(path + "cost.fixed_ns", link.cost.fixed_ns);
    add(path + "cost.per_unit_ns", link.cost.per_unit_ns);
    add(path + "cost.ns_per_byte", link.cost.ns_per_byte);
    getters_[path + "cost"] = [&link] { return cost_text(link.cost); };
  }
  void add_limits(Limits& limits) {
    add("limits.program_bytes", limits.program_bytes, int64_t{0});
    add("limits.program_ops", limits.program_ops, int64_t{0});
    add("limits.stack_bytes", limits.stack_bytes, int64_t{0});
    add("limits.params", limits.params, int64_t{0});
    add("limits.buffers", limits.buffers, int64_t{0});
    add("limits.loop_depth", limits.loop_depth, int64_t{0});
  }
  void add_host(HostModel& host) {
    add("host.threads", host.threads, 1);
    add("host.copy_bytes_per_ns", host.copy_bytes_per_ns);
    add("host.pack_bytes_per_ns", host.pack_bytes_per_ns);
    add("host.reduce_bytes_per_ns", host.reduce_bytes_per_ns);
    add("host.scalar_ops_per_ns", host.scalar_ops_per_ns);
    add("host.call_ns", host.call_ns);
    add("host.launch_ns", host.launch_ns);
    add("host.launch_per_unit_ns", host.launch_per_unit_ns);
  }

  std::map<std::string, Set> setters_;
  std::map<std::string, Get> getters_;
};

// The dotted key that an option stands for: provenance is kept under it.
std::string full_key(const TargetDesc& target, const std::string& key) {
  for (const Level& level : target.levels) {
    if (key == level.name || key == level.name + "s") return cat("level.", level.name, ".count");
  }
  if (key == "clock_mhz") return "target.clock_mhz";
  return target.plugin.contains(key) ? cat("plugin.", key) : key;
}

}  // namespace

Status resolve_plugin_references(TargetDesc& target) {
  const Settings settings(target);
  for (const auto& [key, reference] : target.plugin_references) {
    const std::optional<std::string> text = settings.text(reference);
    if (!text) {
      return fail(user_error("unknown_name",
                             cat("plugin.", key, " refers to \"", reference,
                                 "\", which is no number of this description"),
                             cat("plugin.", key), suggest(reference, settings.readable())));
    }
    target.plugin[key] = *text;
  }
  return {};
}

Status apply_options(TargetDesc& target, const std::map<std::string, std::string>& options) {
  TargetDesc changed = target;
  const Settings settings(changed);
  for (const auto& [key, value] : options) {
    if (Status status = settings.apply(key, value); !status) return status;
    changed.number_sources[full_key(changed, key)] = kFromOption;
  }
  if (Status status = resolve_plugin_references(changed); !status) return status;
  if (Status status = check_target(changed); !status) return status;
  target = std::move(changed);
  return {};
}

}  // namespace pimjit
