#include "pimjit/core/schedule/stored_type.h"

#include "pimjit/core/workload/bounds.h"

namespace pimjit {

std::optional<DType> narrow_type(const Tensor& tensor) {
  if (tensor.role != TensorRole::input || is_float(tensor.dtype) || !tensor.range) return {};
  for (const DType t : {DType::i8, DType::i16, DType::i32}) {
    if (bytes_of(t) >= bytes_of(tensor.dtype)) return {};
    if (holds(t, tensor.range->low) && holds(t, tensor.range->high)) return t;
  }
  return {};
}

DType stored_type(const Workload& w, const Schedule& s, int tensor) {
  const Tensor& declared = w.tensors[static_cast<size_t>(tensor)];
  for (const Placement& p : s.placements) {
    if (p.tensor == tensor && p.narrow) return narrow_type(declared).value_or(declared.dtype);
  }
  return declared.dtype;
}

}  // namespace pimjit
