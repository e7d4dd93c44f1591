#ifndef PIMJIT_CORE_IR_SIMPLIFY_H_
#define PIMJIT_CORE_IR_SIMPLIFY_H_

#include "pimjit/core/ir/facts.h"
#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// Equal values by simpler expressions, and the same effects by fewer statements, for every input
// that is no error under docs/ir.md. The rules are tables (rewrite.h); beyond them: constants are
// folded, values and conditions that the facts decide become constants, casts that change nothing
// go, dead loops and branches go, loops that run once and lets of simple values are replaced by
// their body. Tables of the kernel stay as they are.
Expr simplify(const Expr& e, const Facts& facts);
Stmt simplify(const Stmt& s, const Facts& facts);
Kernel simplify(const Kernel& kernel);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_SIMPLIFY_H_
