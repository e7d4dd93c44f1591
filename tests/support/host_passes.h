#ifndef PIMJIT_TESTS_SUPPORT_HOST_PASSES_H_
#define PIMJIT_TESTS_SUPPORT_HOST_PASSES_H_

#include <functional>
#include <stdexcept>

#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit::test {

// What a pass over the host program makes of a module that has been changed by hand in front of it,
// to see that the pass keeps away from what it must not touch. The passes over host programs are
// left out before.
inline LoweredModule passed(Status (*pass)(LoweringState&), const Sample& sample,
                            const std::function<void(LoweredModule&)>& change) {
  LowerOptions options;
  options.disabled = {"keep_intermediates", "join_pushes", "fuse_epilogues"};
  auto module = lower(sample.workload, sample.target, sample.module.schedule, options);
  if (!module) throw std::runtime_error(module.error().message());
  LoweringState state;
  state.module = std::move(*module);
  change(state.module);
  const Status status = pass(state);
  if (!status) throw std::runtime_error(status.error().message());
  return std::move(state.module);
}

// The n-th operation of a kind.
inline HostOp& operation(LoweredModule& m, OpKind kind, int n = 0) {
  for (HostOp& op : m.ops) {
    if (op.kind == kind && n-- == 0) return op;
  }
  throw std::runtime_error("the module has no such operation");
}
inline int64_t count(const LoweredModule& m, OpKind kind) {
  int64_t found = 0;
  for (const HostOp& op : m.ops) found += op.kind == kind ? 1 : 0;
  return found;
}

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_HOST_PASSES_H_
