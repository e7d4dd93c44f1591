#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_INTEGER_H_
#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_INTEGER_H_

#include <cstdint>

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

// 64-bit operations short enough to stand inline. Results may replace operands; temp is none of
// them.
namespace pimjit::upmem {

// out := x + y, x - y, -x. 2 slots.
void emit_add_i64(Builder& b, D out, D x, D y);
void emit_subtract_i64(Builder& b, D out, D x, D y);
void emit_negate_i64(Builder& b, D out, D x);

// The comparisons of i64: z nz, with sign lts les gts ges, without ltu leu gtu geu. 2 slots.
void emit_branch_i64(Builder& b, Condition relation, D x, D y, Label target);
void emit_compare_i64(Builder& b, Condition relation, R out, D x, D y);

enum class Shift : std::uint8_t { left, right, right_signed };
// By 0..63: 3 slots below 32 (1 by zero), 2 from there on.
void emit_shift_i64(Builder& b, Shift shift, D out, D x, int amount, R temp);
// By bits 5:0 of a register that is neither in out nor temp: 4 slots below 32, 3 from there on.
void emit_shift_i64(Builder& b, Shift shift, D out, D x, R amount, R temp);

// The smaller or the larger, with sign. 3 to 4 slots; i32: 2 to 3.
void emit_extreme_i64(Builder& b, bool maximum, D out, D x, D y);
void emit_extreme_i32(Builder& b, bool maximum, R out, R x, R y);

// The nearest number of `bits` bits (8 or 16) with sign. In place 2 slots in range, else 4;
// one more elsewhere.
void emit_saturate_i32(Builder& b, int bits, R out, R x, R temp);

// x / 2^power and x % 2^power, truncated, power 1..30. 3 and 4 slots.
void emit_divide_by_power(Builder& b, R out, R x, int power, R temp);
void emit_remainder_by_power(Builder& b, R out, R x, int power, R temp);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_INTEGER_H_
