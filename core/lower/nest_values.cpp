#include "pimjit/core/lower/nest_values.h"

namespace pimjit {

Expr add_of(const Expr& a, const Expr& b) {
  if (const int64_t* x = as_int_constant(a); x != nullptr && *x == 0) return b;
  if (const int64_t* y = as_int_constant(b); y != nullptr && *y == 0) return a;
  return make_binary(BinaryOp::add, a, b);
}
Expr mul_of(const Expr& a, int64_t factor) {
  if (factor == 1) return a;
  if (const int64_t* x = as_int_constant(a)) return make_int(a->dtype, *x * factor);
  if (factor == 0) return make_int(a->dtype, 0);
  return make_binary(BinaryOp::mul, a, make_int(a->dtype, factor));
}
Expr div_of(const Expr& a, int64_t divisor) {
  if (divisor == 1) return a;
  if (const int64_t* x = as_int_constant(a)) return make_int(a->dtype, *x / divisor);
  return make_binary(BinaryOp::div, a, make_int(a->dtype, divisor));
}
Expr mod_of(const Expr& a, int64_t divisor) {
  if (const int64_t* x = as_int_constant(a)) return make_int(a->dtype, *x % divisor);
  return make_binary(BinaryOp::mod, a, make_int(a->dtype, divisor));
}
Expr less_than(const Expr& a, int64_t bound) {
  return make_binary(BinaryOp::lt, a, make_int(a->dtype, bound));
}
Expr is_zero(const Expr& a) {
  return make_binary(BinaryOp::eq, a, make_int(a->dtype, 0));
}
Expr both(const Expr& a, const Expr& b) {
  if (!a) return b;
  if (!b) return a;
  return make_binary(BinaryOp::logical_and, a, b);
}

Expr NestValues::value(LoopId loop) const {
  const Loop& l = s_.loops[static_cast<size_t>(loop)];
  if (l.in_nest) return l.extent <= 1 ? constant(0) : leaf_[static_cast<size_t>(loop)];
  if (l.fused_into != kRoot) {
    const Expr whole = value(l.fused_into);
    const Expr quotient = div_of(whole, l.fuse_stride);
    // The slowest part takes the overshoot of the whole, so that a guard or padding on it still
    // sees it.
    const Loop& fused = s_.loops[static_cast<size_t>(l.fused_into)];
    return l.fuse_stride * l.extent >= fused.extent ? quotient : mod_of(quotient, l.extent);
  }
  Expr sum = constant(0);
  for (int c = 0; c < l.child_count; ++c) {
    const LoopId child = l.children[static_cast<size_t>(c)];
    sum = add_of(sum, mul_of(value(child), s_.loops[static_cast<size_t>(child)].stride));
  }
  return sum;
}

std::vector<Expr> NestValues::index(const std::vector<AffineIndex>& index) const {
  std::vector<Expr> result;
  result.reserve(index.size());
  for (const AffineIndex& dimension : index) {
    Expr sum = constant(0);
    for (size_t a = 0; a < dimension.coefficients.size(); ++a) {
      if (dimension.coefficients[a] == 0) continue;
      sum = add_of(sum, mul_of(value(static_cast<int>(a)), dimension.coefficients[a]));
    }
    result.push_back(add_of(sum, constant(dimension.constant)));
  }
  return result;
}

Expr NestValues::guard(bool padded_too, bool spatial_only) const {
  Expr all;
  for (size_t l = 0; l < s_.loops.size(); ++l) {
    const Loop& loop = s_.loops[l];
    if (!loop.needs_guard && !(padded_too && loop.padded)) continue;
    if (spatial_only && loop.axis_kind == AxisKind::reduction) continue;
    all = both(all, less_than(value(static_cast<int>(l)), loop.extent));
  }
  return all;
}

}  // namespace pimjit
