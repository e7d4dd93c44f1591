#include "pimjit/core/ir/simplify.h"
#include "pimjit/core/lower/passes/passes.h"

namespace pimjit {

Status simplify_kernels(LoweringState& state) {
  for (Kernel& kernel : state.module.kernels) kernel = simplify(kernel);
  for (HostKernel& host : state.module.host_kernels) host.kernel = simplify(host.kernel);
  return {};
}

}  // namespace pimjit
