#ifndef PIMJIT_CORE_IR_ARITH_H_
#define PIMJIT_CORE_IR_ARITH_H_

#include <cstdint>
#include <limits>

#include "pimjit/core/ir/node.h"
#include "pimjit/core/support/dtype.h"

namespace pimjit {

// Values of operations on constants, as docs/ir.md defines them.

// Integers (and b1 as 0 and 1); operands are values of `t`. Comparisons and logic give 0 or 1.
int64_t eval_int(BinaryOp op, DType t, int64_t a, int64_t b);

// f32; the operation is arithmetic other than %.
float eval_float(BinaryOp op, float a, float b);
// f32 comparisons.
bool compare_float(BinaryOp op, float a, float b);

// Truncates toward zero, saturates, NaN gives 0.
int64_t float_to_int(DType t, float value);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_ARITH_H_
