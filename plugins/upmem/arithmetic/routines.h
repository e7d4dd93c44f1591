#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_ROUTINES_H_
#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_ROUTINES_H_

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

// The bodies behind Routine. Each leaves its result in `out` and goes on behind itself; temporaries
// are t[2..10] (t[11] too where noted). Bodies of rare cases take t[0], t[1] and return to the
// link.
namespace pimjit::upmem {

void emit_add_f32(Arithmetic& math, R out, R x, R y);
void emit_subtract_f32(Arithmetic& math, R out, R x, R y);  // uses t[11]
void emit_multiply_f32(Arithmetic& math, R out, R x, R y);
void emit_divide_f32(Arithmetic& math, R out, R x, R y);  // uses t[11]
void emit_add_f32_rare(Arithmetic& math);
void emit_multiply_f32_rare(Arithmetic& math);
void emit_divide_f32_rare(Arithmetic& math);

// As routines: arguments and results as these have them, and they return.
void emit_add_f32_general(Arithmetic& math);
void emit_multiply_f32_general(Arithmetic& math);
void emit_multiply_i64_general(Arithmetic& math);

enum class Relation : std::uint8_t { less, less_equal, equal };
void emit_compare_f32(Arithmetic& math, Relation relation, R out, R x, R y);
void emit_extreme_f32(Arithmetic& math, bool maximum, R out, R x, R y);

void emit_f32_of_i32(Arithmetic& math, R out, R x);
void emit_f32_of_i64(Arithmetic& math, R out, D x);
void emit_i32_of_f32(Arithmetic& math, R out, R x);
void emit_i64_of_f32(Arithmetic& math, D out, R x);

// Quotient and remainder; one of the two is the result. Arguments and result as routines have them.
void emit_divide_i32(Arithmetic& math, bool remainder);
void emit_divide_i64(Arithmetic& math, bool remainder);

// Where a body branches in a rare case: the routine itself when the operands are in place, else a
// call to it that continues at `done`.
Label emit_rare_case(Arithmetic& math, Routine rare, R out, R x, R y, Label done);

// A jump, a return.
void emit_jump(Builder& b, Label to);
void emit_return(Arithmetic& math);

// The pieces that f32 bodies share.
struct Significand {
  R high;    // leading bit at 31
  R sticky;  // what follows below
  R exponent;
};
// q := high >> 8 rounded to nearest even with the bits below; g is overwritten. `shift` 8, or 9 for
// a value whose leading bit has gone to bit 32. Falls through or branches to `end`.
void emit_round(Builder& b, R q, R g, R high, R sticky, int shift, Label end);
// t[0] := sign | the rounded number with that exponent field, and returns. The exponent may be out
// of range on both sides; overwrites q, g.
void emit_round_any(Arithmetic& math, const Significand& value, R sign, R q, R g);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_ROUTINES_H_
