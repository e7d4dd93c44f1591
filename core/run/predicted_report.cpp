#include "pimjit/core/run/predicted_report.h"

#include "pimjit/core/lower/host_time.h"

namespace pimjit {

RunPhase phase_of(const HostOp& op) {
  if (op.upload) return RunPhase::upload;
  switch (op.kind) {
    case OpKind::copy:
    case OpKind::broadcast:
      return RunPhase::h2d;
    case OpKind::copy_back:
      return RunPhase::d2h;
    case OpKind::launch:
      return RunPhase::kernel;
    default:
      return RunPhase::host;
  }
}

RunReport predicted_report(const LoweredModule& m, const std::vector<double>& kernel_ns) {
  RunReport report;
  std::vector<double> durations(m.ops.size(), 0);
  for (size_t i = 0; i < m.ops.size(); ++i) {
    const HostOp& op = m.ops[i];
    const double host = host_op_ns(m, op);
    double kernel = 0;
    if (op.kind == OpKind::launch) {
      const auto k = static_cast<size_t>(op.kernel);
      kernel = k < kernel_ns.size() ? kernel_ns[k] : 0;
      report.phase(RunPhase::launch).ns += host;
    }
    report.phase(phase_of(op)).ns += op.kind == OpKind::launch ? kernel : host;
    if (!op.upload) durations[i] = host + kernel;
    report.operations.push_back(
        {static_cast<int>(i), op.name, phase_of(op), 0, host + kernel, TimeOrigin::modelled});
  }
  const Makespan span = makespan(m.ops, durations);
  for (OperationTime& time : report.operations)
    time.start_ns = span.start[static_cast<size_t>(time.op)];
  report.phase(RunPhase::host).ns += m.target->host.call_ns;
  report.total_ns = span.total + m.target->host.call_ns;
  return report;
}

}  // namespace pimjit
