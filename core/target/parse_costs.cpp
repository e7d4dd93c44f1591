#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/enum_names.h"
#include "pimjit/core/target/parse_parts.h"

namespace pimjit {
namespace {

// 2, "absent" or { value, support, source, confidence }.
Numeric read_numeric(TableReader& type, const std::string& op) {
  const TomlValue* value = type.any(op);
  if (value == nullptr) return {Support::absent, 0};
  if (value->kind == TomlKind::text) {
    static constexpr const char* kOnly[] = {"absent"};
    type.choice(op, kOnly);
    return {Support::absent, 0};
  }
  if (value->kind != TomlKind::table) return {Support::native, type.number(op, 0, 0)};
  Numeric numeric;
  const std::string path = type.key_path(op);
  TableReader reader(type.context(), *value, path, &type.provenance());
  reader.require("value");
  numeric.cost = reader.number("value", 0, 0);
  numeric.support = static_cast<Support>(reader.choice("support", target_names::kSupports, 0));
  if (value->find("source") != nullptr) {
    type.context().number_sources[path] = reader.provenance();
  }
  reader.finish();
  return numeric;
}

void read_type(TableReader& numerics, DType type, TargetDesc& target) {
  const TomlValue* table = numerics.child(to_string(type), TomlKind::table);
  if (table == nullptr) return;
  TableReader reader(numerics.context(), *table, numerics.key_path(to_string(type)),
                     &numerics.provenance());
  std::array<Numeric, kNumericOps>& row = target.numerics[type];
  for (size_t op = 0; op < row.size(); ++op) {
    row[op] = read_numeric(reader, target_names::kNumericOps[op]);
  }
  NumericRules& rules = target.numeric_rules[type];
  rules.order = static_cast<SumOrder>(reader.choice("order", target_names::kSumOrders, 0));
  rules.fused = reader.boolean("fused", false);
  rules.provenance = reader.provenance();
  reader.finish();
}

// Every limit counts something; absent is unbounded.
int64_t read_limit(TableReader& reader, const std::string& key) {
  return reader.integer(key, {0, INT64_MAX}, INT64_MAX);
}

std::vector<IntrinsicAxis> read_axes(TableReader& intrinsic) {
  std::vector<IntrinsicAxis> axes;
  const TomlValue* table = intrinsic.child("axes", TomlKind::table);
  if (table == nullptr) return axes;
  for (const auto& [name, value] : table->entries) {
    const std::string path = cat(intrinsic.key_path("axes"), ".", name);
    if (value.kind != TomlKind::table) {
      intrinsic.context().fail_at(value.position, "wrong_type",
                                  cat(path, " must be a table, not ", describe(value.kind)));
      continue;
    }
    TableReader reader(intrinsic.context(), value, path, &intrinsic.provenance());
    IntrinsicAxis axis{name};
    axis.max = reader.integer("max", {1, INT64_MAX}, INT64_MAX);
    axis.multiple = reader.integer("multiple", {1, INT64_MAX}, 1);
    reader.finish();
    axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace

void parse_reduction(TableReader& root, TargetDesc& target) {
  const TomlValue* table = root.child("reduction", TomlKind::table);
  if (table == nullptr) return;
  TableReader reader(root.context(), *table, "reduction");
  Names known = level_names(target);
  known.push_back("host");
  for (const std::string& stage : reader.texts("stages")) {
    const int index = resolve(reader, "stages", stage, known);
    if (index < 0) return;
    target.reduction_stages.push_back(stage == "host" ? kHost : index);
  }
  reader.finish();
}

void parse_numerics(TableReader& root, TargetDesc& target) {
  const TomlValue* table = root.child("numerics", TomlKind::table);
  if (table == nullptr) return;
  TableReader reader(root.context(), *table, "numerics");
  for (const DType type : kTensorDTypes) read_type(reader, type, target);
  reader.finish();
}

void parse_limits(TableReader& root, TargetDesc& target) {
  const TomlValue* table = root.child("limits", TomlKind::table);
  if (table == nullptr) return;
  TableReader reader(root.context(), *table, "limits");
  Limits& limits = target.limits;
  limits.program_bytes = read_limit(reader, "program_bytes");
  limits.program_ops = read_limit(reader, "program_ops");
  limits.stack_bytes = read_limit(reader, "stack_bytes");
  limits.params = read_limit(reader, "params");
  limits.buffers = read_limit(reader, "buffers");
  limits.loop_depth = read_limit(reader, "loop_depth");
  limits.control_flow = reader.boolean("control_flow", true);
  limits.loops = reader.boolean("loops", true);
  limits.provenance = reader.provenance();
  reader.finish();
}

void parse_host(TableReader& root, TargetDesc& target) {
  HostModel& host = target.host;
  host.provenance = {"defaults of docs/targets.md", Confidence::guess};
  const TomlValue* table = root.child("host", TomlKind::table);
  if (table == nullptr) return;
  TableReader reader(root.context(), *table, "host");
  host.threads = static_cast<int>(reader.integer("threads", {1, 1 << 16}, host.threads));
  host.copy_bytes_per_ns = reader.number("copy_bytes_per_ns", 0, host.copy_bytes_per_ns);
  host.pack_bytes_per_ns = reader.number("pack_bytes_per_ns", 0, host.pack_bytes_per_ns);
  host.reduce_bytes_per_ns = reader.number("reduce_bytes_per_ns", 0, host.reduce_bytes_per_ns);
  host.scalar_ops_per_ns = reader.number("scalar_ops_per_ns", 0, host.scalar_ops_per_ns);
  host.call_ns = reader.number("call_ns", 0, host.call_ns);
  host.launch_ns = reader.number("launch_ns", 0, host.launch_ns);
  host.launch_per_unit_ns = reader.number("launch_per_unit_ns", 0, host.launch_per_unit_ns);
  if (!reader.provenance().source.empty()) host.provenance = reader.provenance();
  reader.finish();
}

void parse_intrinsics(TableReader& root, TargetDesc& target) {
  each_table(root, "intrinsic", [&](TableReader& reader) {
    IntrinsicDesc intrinsic{};
    intrinsic.name = reader.name("name");
    intrinsic.body = reader.text("body");
    const std::string level = reader.text("level");
    intrinsic.level =
        reader.has("level") ? resolve(reader, "level", level, level_names(target)) : -1;
    intrinsic.cost = reader.number("cost", 0, 1);
    intrinsic.axes = read_axes(reader);
    intrinsic.provenance = reader.provenance();
    target.intrinsics.push_back(std::move(intrinsic));
  });
}

void parse_modes(TableReader& root, TargetDesc& target) {
  Names users = link_names(target);
  for (const IntrinsicDesc& intrinsic : target.intrinsics) users.push_back(intrinsic.name);
  each_table(root, "mode", [&](TableReader& reader) {
    Mode mode;
    mode.name = reader.name("name");
    mode.enter_ns = reader.number("enter_ns", 0, 0);
    mode.leave_ns = reader.number("leave_ns", 0, 0);
    mode.needed_by = reader.texts("needed_by");
    for (const std::string& user : mode.needed_by) resolve(reader, "needed_by", user, users);
    mode.provenance = reader.provenance();
    target.modes.push_back(std::move(mode));
  });
}

}  // namespace pimjit
