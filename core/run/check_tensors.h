#ifndef PIMJIT_CORE_RUN_CHECK_TENSORS_H_
#define PIMJIT_CORE_RUN_CHECK_TENSORS_H_

#include <span>

#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// Whether memory fits the tensors of a workload: one view per tensor, with its type, rank and
// shape, a stride per dimension, and an address unless it is empty or an intermediate. What is
// written keeps its elements apart: no one or two dimensions may lead to one address twice. Any
// alignment will do. Errors: user tensor_mismatch. Pure, and safe to call from any thread.
Status check_tensors(const Workload& workload, std::span<const TensorView> tensors);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_CHECK_TENSORS_H_
