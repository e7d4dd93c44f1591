#ifndef PIMJIT_CORE_LOWER_SCALAR_BODY_H_
#define PIMJIT_CORE_LOWER_SCALAR_BODY_H_

#include <vector>

#include "pimjit/core/ir/expr.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The right-hand side of a stage as one expression in its compute type; loads[a] is the value of
// access a in its own type.
Expr scalar_body(const Stage& stage, const std::vector<Expr>& loads);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_SCALAR_BODY_H_
