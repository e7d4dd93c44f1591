#include "pimjit/core/lower/kernel_builder.h"

namespace pimjit {
namespace {

Expr dot(const std::vector<Digit>& digits, const std::vector<Expr>& leaf, Expr sum) {
  for (const Digit& digit : digits)
    sum = add_of(sum, mul_of(leaf[static_cast<size_t>(digit.loop)], digit.stride));
  return sum;
}

}  // namespace

Expr KernelBuilder::home_tile_base(const OperandLayout& operand) const {
  return dot(operand.home.outer, leaf_, constant(0));
}

Expr KernelBuilder::cache_base(const Storage& cache) const {
  return dot(cache.slices, leaf_, constant(0));
}

Expr KernelBuilder::element_address(const Place& place, const std::vector<Expr>& leaf) const {
  const Storage& storage = *place.storage;
  if (storage.native) return native_address(*place.operand, leaf);
  Expr sum = dot(storage.outer, leaf, constant(0));
  sum = dot(storage.slices, leaf, sum);
  return dot(storage.tile, leaf, sum);
}

std::vector<Expr> KernelBuilder::native_index(const OperandLayout& operand,
                                              const std::vector<Expr>& leaf) const {
  const NestValues values(s_, leaf, index_type_);
  if (operand.access != kOutputAccess)
    return values.index(stage_.accesses[static_cast<size_t>(operand.access)].index);
  std::vector<Expr> index;
  for (int a = 0; a < stage_.rank; ++a) index.push_back(values.value(a));
  return index;
}

Expr KernelBuilder::native_address(const OperandLayout& operand,
                                   const std::vector<Expr>& leaf) const {
  const std::vector<int64_t>& shape = w_.tensors[static_cast<size_t>(operand.tensor)].shape;
  const std::vector<Expr> index = native_index(operand, leaf);
  Expr sum = constant(0);
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    sum = add_of(mul_of(index[d], stride), sum);
    stride *= shape[d];
  }
  return sum;
}

// Axes that the nest can run past their extent must be tested before the tensor's own memory is
// touched.
Expr KernelBuilder::native_in_bounds(const OperandLayout& operand,
                                     const std::vector<Expr>& leaf) const {
  const NestValues values(s_, leaf, index_type_);
  // Parts of a guarded split that overlap must not write each other's results; reading twice does
  // no harm.
  if (operand.access == kOutputAccess) return values.guard(true, true);
  LoopMask axes = 0;
  for (const AffineIndex& index : stage_.accesses[static_cast<size_t>(operand.access)].index) {
    for (size_t a = 0; a < index.coefficients.size(); ++a) {
      if (index.coefficients[a] != 0) axes |= LoopMask{1} << a;
    }
  }
  axes &= layout_.guarded_axes;
  Expr all;
  for (size_t a = 0; a < stage_.axes.size(); ++a) {
    if (axes >> a & 1)
      all = both(all, less_than(values.value(static_cast<int>(a)), stage_.axes[a].extent));
  }
  return all;
}

}  // namespace pimjit
