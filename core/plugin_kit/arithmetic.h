#ifndef PIMJIT_CORE_PLUGIN_KIT_ARITHMETIC_H_
#define PIMJIT_CORE_PLUGIN_KIT_ARITHMETIC_H_

#include <cstdint>

#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit::kit {

// The operations of docs/ir.md, "Expressions", on single values. Integers of every width are kept
// as sign-extended int64_t, b1 as 0 or 1. For evaluators, constant folding and tests of compilers.

union Value {
  int64_t integer;
  float real;
};

int64_t wrap(Type t, int64_t value);
// `op` on operands of type `t` (an integer type or b1); the result is wrapped, or 0 or 1 for
// comparisons and logic.
int64_t integer_operation(BinaryOp op, Type t, int64_t a, int64_t b);
// Comparisons give Value::integer, the others Value::real.
Value real_operation(BinaryOp op, float a, float b);
Value operation(BinaryOp op, Type t, Value a, Value b);
Value cast(Type to, Type from, Value value);
// One step of Combine.
Value combine(CombineOp op, Type t, Value a, Value b);

// Elements in memory, little-endian, at any address.
Value load_element(Type t, const void* from);
void store_element(Type t, Value value, void* to);

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_ARITHMETIC_H_
