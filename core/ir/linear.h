#ifndef PIMJIT_CORE_IR_LINEAR_H_
#define PIMJIT_CORE_IR_LINEAR_H_

#include <initializer_list>
#include <optional>
#include <vector>

#include "pimjit/core/ir/facts.h"

namespace pimjit {

// constant + sum of coefficient * atom, over the integers: only operations that provably do not
// wrap are taken apart, all else is an atom. Atoms are distinct, coefficients not 0.
struct LinearForm {
  struct Term {
    Expr atom;
    int64_t coefficient;
  };
  std::vector<Term> terms;
  int64_t constant = 0;
};

// Nothing where a coefficient does not fit 64 bits.
std::optional<LinearForm> linear_form(const Expr& e, const Facts& facts);
// a - b, equal atoms cancelled.
std::optional<LinearForm> difference(const Expr& a, const Expr& b, const Facts& facts);
// The sum of factor * expression, equal atoms cancelled.
struct ScaledExpr {
  const Expr& e;
  int64_t factor;
};
std::optional<LinearForm> linear_sum(std::initializer_list<ScaledExpr> parts, const Facts& facts);

// The hull of the values; nothing where an end does not fit 64 bits.
std::optional<Interval> range_of(const LinearForm& form, const Facts& facts);
// The gcd of all coefficients, 0 without terms.
int64_t step_of(const LinearForm& form);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_LINEAR_H_
