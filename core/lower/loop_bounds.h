#ifndef PIMJIT_CORE_LOWER_LOOP_BOUNDS_H_
#define PIMJIT_CORE_LOWER_LOOP_BOUNDS_H_

#include <optional>

#include "pimjit/core/ir/facts.h"

namespace pimjit {

// The values of a loop variable for which a condition holds: at least `low` and less than `high`,
// each null when there is no such bound. Of the loop variable's type.
struct LoopBounds {
  Expr low, high;
};

// A comparison solved for the variable of `loop`; `inside` holds in the loop's body, `outside`
// around it. Nothing where it is not linear in it, where what it is compared with may change in the
// loop or be an error, or where the arithmetic of the bounds might wrap. Pure.
std::optional<LoopBounds> solve_for_loop(const Expr& condition, const For& loop,
                                         const Facts& inside, const Facts& outside);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_LOOP_BOUNDS_H_
