#ifndef PIMJIT_JIT_SESSION_BIND_TENSORS_H_
#define PIMJIT_JIT_SESSION_BIND_TENSORS_H_

#include <span>
#include <vector>

#include <dlpack/dlpack.h>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The application's tensors as the library sees them. Nothing is copied; nothing is kept. Pure, and
// safe to call from any thread.

// What `tensor` describes; strides that are left out are those of a row-major tensor. Any address
// and any strides will do. Errors (user), with `name` in the text: bad_dlpack (no tensor, no shape,
// a negative size, vectors of elements, bytes beyond the address space), wrong_device,
// tensor_mismatch for an element type that pimjit does not have.
Result<TensorView> view_of(const DLTensor* tensor, const std::string& name);

// Tensors by number of the workload's, intermediates empty, from the inputs in the order of
// Workload::inputs() and the output behind them. Errors (user): those of view_of, and
// tensor_mismatch as check_tensors.
Result<std::vector<TensorView>> bind_tensors(const Workload& workload,
                                             std::span<const DLTensor* const> tensors);
Result<std::vector<TensorView>> bind_tensors(const Workload& workload,
                                             std::span<const TensorView> tensors);

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_BIND_TENSORS_H_
