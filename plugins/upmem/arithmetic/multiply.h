#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_MULTIPLY_H_
#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_MULTIPLY_H_

#include <array>
#include <cstdint>

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

namespace pimjit::upmem {

// The values an operand may have, both ends included.
struct ValueRange {
  std::int64_t low = INT32_MIN;
  std::int64_t high = INT32_MAX;

  bool within(std::int64_t from, std::int64_t to) const { return low >= from && high <= to; }
};

// How to multiply operands of declared ranges: as a polynomial of their bytes, the machine having
// products of bytes only, or by steps that each take one bit of a multiplier.
struct MultiplyPlan {
  bool by_steps = false;
  // Bytes: how many bytes of each operand count (1, 2 or 4) and whether the last has a sign.
  int x_bytes = 4, y_bytes = 4;
  bool x_signed = false, y_signed = false;
  // Bytes of the product that are asked for; what stands above them is not meaningful.
  int result_bytes = 4;
  // Steps: bits of the multiplier, which is not negative, and whether it is y.
  int bits = 32;
  bool y_is_multiplier = false;

  // Issued instructions of a product, and of a product added to an accumulator; at most, for steps.
  int slots() const;
  int accumulate_slots() const;
};

// The bytes plan with the fewest slots, for the low result_bytes (1, 2 or 4) bytes of the product.
MultiplyPlan plan_multiply(ValueRange x, ValueRange y, int result_bytes = 4);
// The steps plan, or the bytes plan when that costs no more for an accumulated product. Steps want
// the multiplier in the even and the accumulator in the odd register of a pair.
MultiplyPlan plan_multiply_accumulate(ValueRange x, ValueRange y);

using MultiplyTemps = std::array<R, 4>;

// out := x * y (low bytes). `plan` is a bytes plan; a short one reads fewer temporaries:
// temps[0..1] hold upper halves of 4-byte operands, temps[2..3] partial results. out may be x or y.
void emit_multiply(Builder& b, const MultiplyPlan& plan, R out, R x, R y,
                   const MultiplyTemps& temps);
// sum := sum + x * y. sum is neither x nor y.
void emit_multiply_accumulate(Builder& b, const MultiplyPlan& plan, R sum, R x, R y,
                              const MultiplyTemps& temps);
// sum := sum + the products of the four bytes, or two halves, packed in x and y: 10 and 18 slots.
void emit_dot_bytes(Builder& b, R sum, R x, R y, bool x_signed, bool y_signed,
                    const MultiplyTemps& temps);
void emit_dot_halves(Builder& b, R sum, R x, R y, bool x_signed, bool y_signed,
                     const MultiplyTemps& temps);
// pair.low += pair.high * x for a multiplier pair.high of at most `bits` bits, which is destroyed.
// Leaves at the highest bit set: max(1, significant bits) slots.
void emit_step_accumulate(Builder& b, D pair, R x, int bits);

// t[0] := t[0] * t[1] by steps over the smaller operand. Overwrites t[1..3].
void emit_multiply_steps(Arithmetic& math);

// sum := sum + x * y for any operands, by their size: both in 0..255, 4 slots; both of 8 bits with
// sign, 8; x of 8 bits with sign, 15; both of 16 bits with sign, 16; else the fixed form. The
// longer paths are placed by math.finish().
void emit_dynamic_accumulate(Arithmetic& math, R sum, R x, R y, const MultiplyTemps& temps);
// out := x * y in the same way. out may be x or y.
void emit_dynamic_multiply(Arithmetic& math, R out, R x, R y, const MultiplyTemps& temps);

// 64-bit product of 32-bit operands, with or without sign: 35 slots. Uses math.w.t[4..11]; out, x
// and y lie outside of them and out is neither operand.
void emit_wide_multiply(Arithmetic& math, D out, R x, R y, bool with_sign);
// Low 64 bits of the product of pairs: 77 slots. Uses math.w.t[4..11]; out is neither operand.
void emit_multiply_i64(Arithmetic& math, D out, D x, D y);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_MULTIPLY_H_
