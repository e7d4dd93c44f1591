// f32 multiplication and division of normal numbers.
#include "pimjit/plugins/upmem/arithmetic/float_parts.h"
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {

void emit_significand_product(Builder& b, const ProductRegisters& r, R x, R y) {
  b.emit(Op::lsr, {r.x_high, x, 16});
  b.emit(Op::or_, {r.x_high, r.x_high, 0x80});
  b.emit(Op::lsr, {r.y_high, y, 16});
  b.emit(Op::or_, {r.y_high, r.y_high, 0x80});
  const auto add = [&](R sum, Op op, R first, R second, int shift) {
    b.emit(op, {r.product, first, second});
    if (shift == 0)
      b.emit(Op::add, {sum, sum, r.product});
    else
      b.emit(Op::lsl_add, {sum, sum, r.product, shift});
  };
  b.emit(Op::mul_ul_ul, {r.low, x, y});
  add(r.low, Op::mul_ul_uh, x, y, 8);
  add(r.low, Op::mul_uh_ul, x, y, 8);
  b.emit(Op::mul_uh_uh, {r.high, x, y});
  add(r.high, Op::mul_ul_ul, x, r.y_high, 0);
  add(r.high, Op::mul_ul_ul, r.x_high, y, 0);
  add(r.high, Op::mul_uh_ul, x, r.y_high, 8);
  add(r.high, Op::mul_ul_uh, r.x_high, y, 8);
  add(r.high, Op::mul_ul_ul, r.x_high, r.y_high, 16);
  b.emit(Op::lsr_add, {r.high, r.high, r.low, 16});
}

void emit_significand_quotient(Builder& b, D quotient, R divisor, R exponent, R x, R y) {
  const Label less = b.label();
  const R rest = quotient.low();
  b.emit(Op::lsl, {rest, x, 8});
  b.emit(Op::or_, {rest, kTopBit, rest});
  b.emit(Op::lsl, {divisor, y, 8});
  b.emit(Op::or_, {divisor, kTopBit, divisor});
  b.emit(Op::sub, {kZero, rest, divisor, Condition::ltu, less});
  b.emit(Op::lsr, {rest, rest, 1});
  b.emit(Op::add, {exponent, exponent, 1});
  b.bind(less);
  b.emit(Op::lsr, {divisor, divisor, 8});
  b.emit(Op::or_, {quotient.high(), kZero, 0});
  const auto steps = [&](int count) {
    for (int bit = count - 1; bit >= 0; --bit)
      b.emit(Op::div_step, {quotient, divisor, quotient, bit});
  };
  // 25 bits, as many at a time as a remainder of 24 bits leaves room for.
  steps(8);
  for (const int bits : {8, 8, 1}) {
    b.emit(Op::lsl, {rest, rest, bits});
    steps(bits);
  }
}

namespace {

// ex := exponent field; leaves for `rare` unless x is a normal number.
void emit_exponent(Builder& b, R ex, R x, Label rare) {
  b.emit(Op::lsr, {ex, x, 23});
  b.emit(Op::extub, {ex, ex, Condition::z, rare});
}

// out := significand with exponent field `exponent` + 1 and the sign of x y; then done.
void emit_pack(Builder& b, R out, R significand, R exponent, R x, R y, Label done) {
  if (out != x && out != y) {
    b.emit(Op::lsl_add, {out, significand, exponent, 23});
    b.emit(Op::xor_, {kZero, x, y, Condition::pl, done});
    b.emit(Op::add, {out, kTopBit, out, Condition::always, done});
    return;
  }
  const Label negative = b.label();
  b.emit(Op::lsl_add, {significand, significand, exponent, 23});
  b.emit(Op::xor_, {kZero, x, y, Condition::mi, negative});
  b.emit(Op::or_, {out, significand, 0, Condition::always, done});
  b.bind(negative);
  b.emit(Op::add, {out, kTopBit, significand, Condition::always, done});
}

}  // namespace

void emit_multiply_f32(Arithmetic& math, R out, R x, R y) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R ex = t[2], ey = t[3], m = t[9], g = t[10];
  const ProductRegisters p{t[4], t[5], t[6], t[7], t[8]};
  const Label done = b.label(), carry = b.label(), pack = b.label();
  const Label rare = emit_rare_case(math, Routine::mul_f32_rare, out, x, y, done);
  emit_exponent(b, ex, x, rare);
  emit_exponent(b, ey, y, rare);
  b.emit(Op::sub, {kZero, ex, 255, Condition::z, rare});
  b.emit(Op::sub, {kZero, ey, 255, Condition::z, rare});
  b.emit(Op::add, {ex, ex, ey});
  b.emit(Op::sub, {ex, ex, 128});
  b.emit(Op::sub, {kZero, ex, 253, Condition::geu, rare});
  emit_significand_product(b, p, x, y);
  // The product of two numbers in [1, 2) is in [1, 4); the rounded bits differ by one position.
  const auto round = [&](int shift) {
    b.emit(Op::lsl, {g, p.high, 32 - shift, Condition::pl, pack});
    b.emit(Op::add, {m, m, 1});
    b.emit(Op::lsl, {g, g, 1, Condition::nz, pack});
    b.emit(Op::lsl, {g, p.low, 16, Condition::nz, pack});
    b.emit(Op::and_, {m, m, -2, Condition::always, pack});
  };
  b.emit(Op::lsr, {m, p.high, 8, Condition::smi, carry});
  b.emit(Op::lsr, {m, p.high, 7});
  round(7);
  b.bind(carry);
  b.emit(Op::add, {ex, ex, 1});
  round(8);
  b.bind(pack);
  emit_pack(b, out, m, ex, x, y, done);
  b.bind(done);
}

void emit_divide_f32(Arithmetic& math, R out, R x, R y) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const D quotient = math.w.pair(4);
  const R ex = t[2], ey = t[3];
  const Label done = b.label();
  const Label rare = emit_rare_case(math, Routine::div_f32_rare, out, x, y, done);
  emit_exponent(b, ex, x, rare);
  emit_exponent(b, ey, y, rare);
  b.emit(Op::sub, {kZero, ex, 255, Condition::z, rare});
  b.emit(Op::sub, {kZero, ey, 255, Condition::z, rare});
  b.emit(Op::sub, {ex, ex, ey});
  b.emit(Op::add, {ex, ex, 125});
  b.emit(Op::sub, {kZero, ex, 253, Condition::geu, rare});
  emit_significand_quotient(b, quotient, t[6], ex, x, y);
  // An odd quotient of 25 bits is never exact (times the divisor it has more than 24 bits), so that
  // there are no ties.
  b.emit(Op::add, {quotient.high(), quotient.high(), 1});
  b.emit(Op::lsr, {quotient.high(), quotient.high(), 1});
  emit_pack(b, out, quotient.high(), ex, x, y, done);
  b.bind(done);
}

}  // namespace pimjit::upmem
