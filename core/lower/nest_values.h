#ifndef PIMJIT_CORE_LOWER_NEST_VALUES_H_
#define PIMJIT_CORE_LOWER_NEST_VALUES_H_

#include <vector>

#include "pimjit/core/ir/expr.h"
#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// Small constructors that fold what is trivially foldable, so that address arithmetic starts out
// readable.
Expr add_of(const Expr& a, const Expr& b);
Expr mul_of(const Expr& a, int64_t factor);
Expr div_of(const Expr& a, int64_t divisor);
Expr mod_of(const Expr& a, int64_t divisor);
Expr less_than(const Expr& a, int64_t bound);
Expr is_zero(const Expr& a);
// Null operands mean "true".
Expr both(const Expr& a, const Expr& b);

// Values of loops and axes as expressions over the loops of the nest. `leaf[l]` is the expression
// of nest loop l; loops of one iteration need none. `type` is the index type.
class NestValues {
 public:
  NestValues(const StageSchedule& schedule, std::vector<Expr> leaf, DType type)
      : s_(schedule), leaf_(std::move(leaf)), type_(type) {}

  Expr value(LoopId loop) const;
  // One expression per dimension of the access.
  std::vector<Expr> index(const std::vector<AffineIndex>& index) const;
  Expr constant(int64_t v) const { return make_int(type_, v); }
  DType type() const { return type_; }

  // The conjunction of value(l) < extent(l) for every split that overshoots and: guarded
  // ones, and padded ones too if `padded_too`. Null when there is none. `spatial_only` leaves
  // reduction loops out.
  Expr guard(bool padded_too, bool spatial_only) const;

 private:
  const StageSchedule& s_;
  std::vector<Expr> leaf_;
  DType type_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_NEST_VALUES_H_
