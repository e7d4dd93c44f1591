#include "pimjit/core/lower/host_time.h"

#include <algorithm>

#include "pimjit/core/schedule/host_side_time.h"
#include "pimjit/core/target/link_time.h"

namespace pimjit {
namespace {

// Whether a stage of the host is shared out among its threads.
bool runs_on_threads(const LoweredModule& m, const HostOp& op) {
  const auto kernel = static_cast<size_t>(op.kernel);
  if (kernel >= m.host_kernels.size()) return false;
  const Stmt& body = m.host_kernels[kernel].kernel.body;
  const auto parallel = [](const Stmt& s) {
    return s->kind == StmtKind::For && as<For>(s).loop == LoopKind::parallel;
  };
  if (body->kind != StmtKind::Seq) return parallel(body);
  const std::vector<Stmt>& all = as<Seq>(body).body;
  return std::any_of(all.begin(), all.end(), parallel);
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

double host_op_ns(const LoweredModule& m, const HostOp& op) {
  const HostModel& host = m.target->host;
  const double threads = std::max(1, host.threads);
  const auto bytes = static_cast<double>(op.bytes);
  switch (op.kind) {
    case OpKind::pack:
      return ns_at_rate(bytes, host.pack_bytes_per_ns * threads);
    case OpKind::reduce:
      return reduce_ns(host, bytes, op.how.reduce_threads);
    case OpKind::fill:
      return ns_at_rate(bytes, host.copy_bytes_per_ns * threads);
    case OpKind::join:
      return ns_at_rate(bytes, host.copy_bytes_per_ns);
    case OpKind::stage:
      return ns_at_rate(stage_operations(m, op),
                        host.scalar_ops_per_ns * (runs_on_threads(m, op) ? threads : 1));
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
