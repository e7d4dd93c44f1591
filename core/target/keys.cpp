#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/target/enum_names.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {
namespace {

std::string bound(int64_t value) {
  return value == INT64_MAX ? "none" : cat(value);
}

std::string end_name(const TargetDesc& target, int end) {
  return end == kHost ? "host" : target.scopes[static_cast<size_t>(end)].name;
}

std::string level_name(const TargetDesc& target, int level) {
  return level < 0 ? "device" : target.levels[static_cast<size_t>(level)].name;
}

std::string combine_text(CombineSet set) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::size(target_names::kCombineOps); ++i) {
    if ((set >> (i + 1) & 1) != 0) names.emplace_back(target_names::kCombineOps[i]);
  }
  return join(names, ",");
}

void add_levels(const TargetDesc& target, std::string& text) {
  for (const Level& level : target.levels) {
    text += cat("level ", level.name, " ", to_string(level.kind), " count=", level.count,
                " select=", to_string(level.select), " barrier=", level.barrier,
                " combine=", combine_text(level.combine), "\n");
  }
}

void add_scopes(const TargetDesc& target, std::string& text) {
  for (const Scope& scope : target.scopes) {
    const char* access = !scope.element_access  ? "none"
                         : scope.element_writes ? "read_write"
                                                : "read";
    text += cat("scope ", scope.name, " at=", level_name(target, scope.level),
                " capacity=", scope.capacity, " reserved=", scope.reserved,
                " per_instance=", scope.reserved_per_instance, " granule=", scope.granule,
                " alignment=", scope.alignment, " elements=", access,
                " host=", to_string(scope.host), "\n");
  }
}

void add_links(const TargetDesc& target, std::string& text) {
  for (const Link& link : target.links) {
    text += cat("link ", link.name, " ", end_name(target, link.from), "->",
                end_name(target, link.to), " min=", link.min_bytes, " max=", bound(link.max_bytes),
                " multiple=", link.multiple, " alignment=", link.alignment,
                " equal_sizes=", link.equal_sizes, " broadcast=", link.broadcast, "\n");
  }
}

void add_operations(const TargetDesc& target, std::string& text) {
  std::vector<std::string> stages;
  for (const int stage : target.reduction_stages) {
    stages.push_back(stage == kHost ? "host" : level_name(target, stage));
  }
  text += cat("reduction ", join(stages, ","), "\n");
  for (const auto& [type, row] : target.numerics) {
    text += cat("numerics ", to_string(type));
    for (size_t op = 0; op < row.size(); ++op) {
      text += cat(" ", target_names::kNumericOps[op], "=", to_string(row[op].support));
    }
    const auto rules = target.numeric_rules.find(type);
    if (rules != target.numeric_rules.end()) {
      text += cat(" order=", to_string(rules->second.order), " fused=", rules->second.fused);
    }
    text += "\n";
  }
}

void add_limits(const TargetDesc& target, std::string& text) {
  const Limits& limits = target.limits;
  text += cat("limits program_bytes=", bound(limits.program_bytes),
              " program_ops=", bound(limits.program_ops),
              " stack_bytes=", bound(limits.stack_bytes), " params=", bound(limits.params),
              " buffers=", bound(limits.buffers), " loop_depth=", bound(limits.loop_depth),
              " control_flow=", limits.control_flow, " loops=", limits.loops, "\n");
}

void add_extras(const TargetDesc& target, std::string& text) {
  for (const IntrinsicDesc& intrinsic : target.intrinsics) {
    text += cat("intrinsic ", intrinsic.name, " at=", level_name(target, intrinsic.level),
                " body=", intrinsic.body);
    for (const IntrinsicAxis& axis : intrinsic.axes) {
      text += cat(" ", axis.name, "=", bound(axis.max), "/", axis.multiple);
    }
    text += "\n";
  }
  for (const Mode& mode : target.modes) {
    text += cat("mode ", mode.name, " needed_by=", join(mode.needed_by, ","), "\n");
  }
}

// All that decides times and not legality.
std::string cost_text(const TargetDesc& target) {
  std::string text =
      cat("time ", to_string(target.origin), " clock_mhz=", shortest(target.clock_mhz), "\n");
  for (const Level& level : target.levels) {
    text += cat("level ", level.name, " issue_interval=", shortest(level.issue_interval), "\n");
  }
  for (const Link& link : target.links) {
    text +=
        cat("link ", link.name, " parallel=", link.parallel_units,
            " broadcast_per_unit=", link.broadcast_costs_per_unit, " blocking=", link.blocking,
            " resource=", link.resource.size(), ":", link.resource,
            " fixed=", shortest(link.cost.fixed_ns), " per_unit=", shortest(link.cost.per_unit_ns),
            " per_byte=", shortest(link.cost.ns_per_byte));
    for (const auto& [bytes, rate] : link.cost.table) {
      text += cat(" ", shortest(bytes), ":", shortest(rate));
    }
    for (const auto& [units, share] : link.cost.units) {
      text += cat(" x", shortest(units), ":", shortest(share));
    }
    text += "\n";
  }
  for (const auto& [type, row] : target.numerics) {
    text += cat("numerics ", to_string(type));
    for (const Numeric& numeric : row) text += cat(" ", shortest(numeric.cost));
    text += "\n";
  }
  for (const IntrinsicDesc& intrinsic : target.intrinsics) {
    text += cat("intrinsic ", intrinsic.name, " ", shortest(intrinsic.cost), "\n");
  }
  for (const Mode& mode : target.modes) {
    text +=
        cat("mode ", mode.name, " ", shortest(mode.enter_ns), " ", shortest(mode.leave_ns), "\n");
  }
  const HostModel& host = target.host;
  text += cat("host threads=", host.threads);
  for (const double figure :
       {host.copy_bytes_per_ns, host.pack_bytes_per_ns, host.reduce_bytes_per_ns,
        host.scalar_ops_per_ns, host.call_ns, host.launch_ns, host.launch_per_unit_ns}) {
    text += cat(" ", shortest(figure));
  }
  text += "\n";
  for (const auto& [key, value] : target.plugin) {
    text += cat("plugin ", key.size(), ":", key, "=", value.size(), ":", value, "\n");
  }
  return text;
}

std::string key_of(char kind, const std::string& text) {
  return cat(kind, kHashVersion, "-", hex64(hash_text(text)));
}

}  // namespace

std::string structure_text(const TargetDesc& target) {
  std::string text;
  add_levels(target, text);
  add_scopes(target, text);
  add_links(target, text);
  add_operations(target, text);
  add_limits(target, text);
  add_extras(target, text);
  return text;
}

std::string structure_key(const TargetDesc& target) {
  return key_of('s', structure_text(target));
}

std::string model_key(const TargetDesc& target, const std::string& plugin_build) {
  return key_of('m', cat(structure_text(target), cost_text(target), "build ", plugin_build));
}

}  // namespace pimjit
