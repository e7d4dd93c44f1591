#include "pimjit/core/lower/kernel_rules.h"
#include "pimjit/core/lower/passes/passes.h"

namespace pimjit {

Status convert_copies(LoweringState& state) {
  const KernelRules rules = kernel_rules(*state.module.target);
  for (size_t k = 0; k < state.module.kernels.size(); ++k) {
    Kernel& kernel = state.module.kernels[k];
    kernel = convert_copies(kernel, rules, state.traits[k], state.firings);
  }
  return {};
}

Status tighten_bounds(LoweringState& state) {
  for (Kernel& kernel : state.module.kernels) kernel = tighten_bounds(kernel, state.firings);
  for (HostKernel& host : state.module.host_kernels)
    host.kernel = tighten_bounds(host.kernel, state.firings);
  return {};
}

Status peel_edges(LoweringState& state) {
  for (Kernel& kernel : state.module.kernels) kernel = peel_edges(kernel, state.firings);
  for (HostKernel& host : state.module.host_kernels)
    host.kernel = peel_edges(host.kernel, state.firings);
  return {};
}

Status hoist_branches(LoweringState& state) {
  for (size_t k = 0; k < state.module.kernels.size(); ++k) {
    Kernel& kernel = state.module.kernels[k];
    kernel = hoist_branches(kernel, state.traits[k], state.firings);
  }
  for (HostKernel& host : state.module.host_kernels) {
    const std::vector<BufferTraits> tensors(host.kernel.buffers.size());
    host.kernel = hoist_branches(host.kernel, tensors, state.firings);
  }
  return {};
}

}  // namespace pimjit
