#ifndef PIMJIT_JIT_FFI_CALL_TENSOR_CALL_H_
#define PIMJIT_JIT_FFI_CALL_TENSOR_CALL_H_

#include <span>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/jit/ffi_call/foreign_function.h"

namespace pimjit {

// Calls `function`, of c_signature(workload, sizes=true), on the tensors of a workload. `tensors`
// by number of the workload's; intermediates are not looked at. Each tensor that is not row-major,
// without gaps and aligned to its elements is handed over as a copy, and an input that shares
// memory with the output too. Errors (user): foreign_failed, with what the function returned; then
// the output's contents are unspecified.
Status call_on_tensors(const ForeignFunction& function, const Workload& workload,
                       std::span<const TensorView> tensors);

// The same on inputs of its own, in the order of Workload::inputs(); the output.
Result<HostTensor> call_on_inputs(const ForeignFunction& function, const Workload& workload,
                                  const std::vector<HostTensor>& inputs);

}  // namespace pimjit

#endif  // PIMJIT_JIT_FFI_CALL_TENSOR_CALL_H_
