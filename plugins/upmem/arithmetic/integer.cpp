#include "pimjit/plugins/upmem/arithmetic/integer.h"

#include <utility>

namespace pimjit::upmem {
namespace {

void emit_copy(Builder& b, D to, D from) {
  if (to != from) b.emit(Op::movd, {to, from});
}

// The condition on the high words that takes the low words into account.
Condition over_pairs(Condition relation) {
  switch (relation) {
    case Condition::z:
      return Condition::xz;
    case Condition::nz:
      return Condition::xnz;
    case Condition::les:
      return Condition::xles;
    case Condition::gts:
      return Condition::xgts;
    case Condition::leu:
      return Condition::xleu;
    case Condition::gtu:
      return Condition::xgtu;
    default:
      return relation;
  }
}

}  // namespace

void emit_add_i64(Builder& b, D out, D x, D y) {
  b.emit(Op::add, {out.low(), x.low(), y.low()});
  b.emit(Op::addc, {out.high(), x.high(), y.high()});
}

void emit_subtract_i64(Builder& b, D out, D x, D y) {
  b.emit(Op::sub, {out.low(), x.low(), y.low()});
  b.emit(Op::subc, {out.high(), x.high(), y.high()});
}

void emit_negate_i64(Builder& b, D out, D x) {
  b.emit(Op::sub, {out.low(), 0, x.low()});
  b.emit(Op::subc, {out.high(), 0, x.high()});
}

void emit_branch_i64(Builder& b, Condition relation, D x, D y, Label target) {
  b.emit(Op::sub, {kZero, x.low(), y.low()});
  b.emit(Op::subc, {kZero, x.high(), y.high(), over_pairs(relation), target});
}

void emit_compare_i64(Builder& b, Condition relation, R out, D x, D y) {
  b.emit(Op::sub, {kZero, x.low(), y.low()});
  b.emit(Op::subc, {out, x.high(), y.high(), over_pairs(relation)});
}

void emit_shift_i64(Builder& b, Shift shift, D out, D x, int amount, R temp) {
  if (amount == 0) return emit_copy(b, out, x);
  const Op right = shift == Shift::right_signed ? Op::asr : Op::lsr;
  if (shift == Shift::left && amount < 32) {
    b.emit(Op::lslx, {temp, x.low(), amount});
    b.emit(Op::lsl_add, {out.high(), temp, x.high(), amount});
    b.emit(Op::lsl, {out.low(), x.low(), amount});
  } else if (shift == Shift::left) {
    b.emit(Op::lsl, {out.high(), x.low(), amount - 32});
    b.emit(Op::or_, {out.low(), kZero, 0});
  } else if (amount < 32) {
    b.emit(Op::lsrx, {temp, x.high(), amount});
    b.emit(Op::lsr_add, {out.low(), temp, x.low(), amount});
    b.emit(right, {out.high(), x.high(), amount});
  } else {
    b.emit(right, {out.low(), x.high(), amount - 32});
    if (right == Op::lsr)
      b.emit(Op::or_, {out.high(), kZero, 0});
    else
      b.emit(Op::asr, {out.high(), x.high(), 31});
  }
}

void emit_shift_i64(Builder& b, Shift shift, D out, D x, R amount, R temp) {
  const Label far = b.label(), done = b.label();
  const bool left = shift == Shift::left;
  const Op right = shift == Shift::right_signed ? Op::asr : Op::lsr;
  // Bits leave the near word for the far one.
  const R near = left ? x.low() : x.high(), other = left ? x.high() : x.low();
  const R out_near = left ? out.low() : out.high(), out_other = left ? out.high() : out.low();
  b.emit(left ? Op::lslx : Op::lsrx, {temp, near, amount, Condition::sh32, far});
  b.emit(left ? Op::lsl : Op::lsr, {out_other, other, amount});
  b.emit(Op::or_, {out_other, out_other, temp});
  b.emit(left ? Op::lsl : right, {out_near, near, amount, Condition::always, done});
  b.bind(far);
  b.emit(left ? Op::lsl : right, {out_other, near, amount});
  if (shift == Shift::right_signed)
    b.emit(Op::asr, {out_near, near, 31});
  else
    b.emit(Op::or_, {out_near, kZero, 0});
  b.bind(done);
}

void emit_extreme_i64(Builder& b, bool maximum, D out, D x, D y) {
  const Label done = b.label();
  if (out == y) std::swap(x, y);
  emit_copy(b, out, x);
  emit_branch_i64(b, maximum ? Condition::ges : Condition::les, out, y, done);
  b.emit(Op::movd, {out, y});
  b.bind(done);
}

void emit_extreme_i32(Builder& b, bool maximum, R out, R x, R y) {
  const Label done = b.label();
  if (out == y) std::swap(x, y);
  emit_move(b, out, x);
  b.emit(Op::sub, {kZero, out, y, maximum ? Condition::ges : Condition::les, done});
  emit_move(b, out, y);
  b.bind(done);
}

void emit_saturate_i32(Builder& b, int bits, R out, R x, R temp) {
  const Label done = b.label();
  b.emit(bits == 8 ? Op::extsb : Op::extsh, {temp, x});
  emit_move(b, out, x);
  b.emit(Op::sub, {kZero, temp, out, Condition::z, done});
  // The largest number, complemented when x is negative.
  b.emit(Op::asr, {temp, out, 31});
  b.emit(Op::xor_, {out, temp, (1 << (bits - 1)) - 1});
  b.bind(done);
}

void emit_divide_by_power(Builder& b, R out, R x, int power, R temp) {
  // 2^power - 1 is added to negative numbers.
  b.emit(Op::asr, {temp, x, 31});
  b.emit(Op::lsr_add, {temp, x, temp, 32 - power});
  b.emit(Op::asr, {out, temp, power});
}

void emit_remainder_by_power(Builder& b, R out, R x, int power, R temp) {
  emit_divide_by_power(b, temp, x, power, temp);
  b.emit(Op::lsl_sub, {out, x, temp, power});
}

}  // namespace pimjit::upmem
