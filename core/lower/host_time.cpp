#include "pimjit/core/lower/host_time.h"

#include <algorithm>

namespace pimjit {
namespace {

// Linear between the pairs, constant outside.
double interpolate(const std::vector<std::array<double, 2>>& table, double at) {
  if (at <= table.front()[0]) return table.front()[1];
  for (size_t i = 1; i < table.size(); ++i) {
    const auto& [x0, y0] = table[i - 1];
    const auto& [x1, y1] = table[i];
    if (at <= x1) return x1 > x0 ? y0 + (y1 - y0) * (at - x0) / (x1 - x0) : y1;
  }
  return table.back()[1];
}

double over(double amount, double per_ns) {
  return per_ns > 0 ? amount / per_ns : 0;
}

double stage_operations(const LoweredModule& m, const HostOp& op) {
  if (op.tensor_buffer < 0) return static_cast<double>(op.bytes);
  const int tensor = m.host_buffers[static_cast<size_t>(op.tensor_buffer)].tensor;
  for (const Stage& stage : m.workload->stages) {
    if (stage.output != tensor) continue;
    double operations = static_cast<double>(stage.body.size());
    if (stage.reducer != Reducer::none) operations += 1;
    for (const Axis& axis : stage.axes) operations *= static_cast<double>(axis.extent);
    return operations;
  }
  return static_cast<double>(op.bytes);
}

}  // namespace

double link_ns(const Link& link, int64_t bytes_per_unit, int64_t units, bool broadcast) {
  if (bytes_per_unit <= 0 || units <= 0) return 0;
  const LinkCost& cost = link.cost;
  const bool once = broadcast && !link.broadcast_costs_per_unit;
  const auto each = static_cast<double>(bytes_per_unit);
  const auto taking_part = static_cast<double>(units);
  const double bytes = once ? each : each * taking_part;
  double moving =
      cost.table.empty() ? bytes * cost.ns_per_byte : over(bytes, interpolate(cost.table, each));
  if (!cost.units.empty()) moving = over(moving, interpolate(cost.units, taking_part));
  return cost.fixed_ns + cost.per_unit_ns * taking_part + moving;
}

double host_op_ns(const LoweredModule& m, const HostOp& op) {
  const HostModel& host = m.target->host;
  const double threads = std::max(1, host.threads);
  const auto bytes = static_cast<double>(op.bytes);
  switch (op.kind) {
    case OpKind::pack:
      return over(bytes, host.pack_bytes_per_ns * threads);
    case OpKind::reduce:
      return over(bytes, host.reduce_bytes_per_ns * threads);
    case OpKind::fill:
      return over(bytes, host.copy_bytes_per_ns * threads);
    case OpKind::stage:
      return over(stage_operations(m, op), host.scalar_ops_per_ns * threads);
    case OpKind::launch:
      return host.launch_ns + host.launch_per_unit_ns * static_cast<double>(op.units);
    case OpKind::copy:
    case OpKind::broadcast:
    case OpKind::copy_back:
      return link_ns(m.target->links[static_cast<size_t>(op.link)], op.bytes, op.units,
                     op.kind == OpKind::broadcast);
  }
  return 0;
}

std::vector<double> host_program_ns(const LoweredModule& m, const std::vector<double>& kernel_ns) {
  std::vector<double> ns;
  for (const HostOp& op : m.ops) {
    double mine = host_op_ns(m, op);
    const auto kernel = static_cast<size_t>(op.kernel);
    if (op.kind == OpKind::launch && kernel < kernel_ns.size()) mine += kernel_ns[kernel];
    ns.push_back(mine);
  }
  return ns;
}

}  // namespace pimjit
