#include "pimjit/core/schedule/stored_type.h"

#include "pimjit/core/schedule/value_range.h"

namespace pimjit {
namespace {

// Partial results and running ones keep the type that they are added up in.
bool may_be_narrow(const Workload& w, const Tensor& tensor) {
  if (is_float(tensor.dtype)) return false;
  if (tensor.role == TensorRole::input) return tensor.range.has_value();
  return tensor.role == TensorRole::output && w.stages.back().reducer == Reducer::none;
}

}  // namespace

std::optional<DType> narrow_type(const Workload& w, int number) {
  const Tensor& tensor = w.tensors[static_cast<size_t>(number)];
  if (!may_be_narrow(w, tensor)) return {};
  const Interval range = value_range(w, number);
  for (const DType t : {DType::i8, DType::i16, DType::i32}) {
    if (bytes_of(t) >= bytes_of(tensor.dtype)) return {};
    if (range.inside(full_range(t))) return t;
  }
  return {};
}

DType stored_type(const Workload& w, const Schedule& s, int tensor) {
  const Tensor& declared = w.tensors[static_cast<size_t>(tensor)];
  for (const Placement& p : s.placements) {
    if (p.tensor == tensor && p.narrow) return narrow_type(w, tensor).value_or(declared.dtype);
  }
  return declared.dtype;
}

}  // namespace pimjit
