#ifndef PIMJIT_CORE_INTERP_SCALAR_OPS_H_
#define PIMJIT_CORE_INTERP_SCALAR_OPS_H_

#include <cstddef>
#include <cstdint>

#include "pimjit/core/interp/memory.h"
#include "pimjit/core/ir/expr.h"
#include "pimjit/core/ir/stmt.h"

namespace pimjit {

// A value of a kernel with its poison: integers and b1 in `integer`, wrapped to their type; f32 in
// `real`. Semantics of the functions below: docs/ir.md, "Expressions".
struct Value {
  int64_t integer = 0;
  float real = 0;
  Poison poison = Poison::none;
};

// Of defined values. For b1, `integer` is 0 or 1.
int64_t integer_binary(BinaryOp op, DType t, int64_t a, int64_t b);
float real_binary(BinaryOp op, float a, float b);  // arithmetic, min and max
bool real_compare(BinaryOp op, float a, float b);

// Poisoned where an operand is, unless the other one decides the result alone: `false && x`,
// `true || x`, of integers 0 * x, 0 / x, x / 0, 0 % x, the least value in min, the greatest in max.
Value binary(BinaryOp op, DType operands, const Value& a, const Value& b);
Value cast(DType to, DType from, const Value& a);
Value combine(CombineOp op, DType t, const Value& a, const Value& b);

Value load_value(const std::byte* data, const uint8_t* shadow, DType t);
void store_value(std::byte* data, uint8_t* shadow, DType t, const Value& value);

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_SCALAR_OPS_H_
