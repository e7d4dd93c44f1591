// Conversions between f32 and integers.
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {
namespace {

// out := significand with exponent field `exponent` + 1 and the sign of `source`.
void emit_signed(Builder& b, R out, R significand, R exponent, R source, Label done) {
  const Label positive = b.label();
  b.emit(Op::lsl_add, {significand, significand, exponent, 23});
  b.emit(Op::sub, {kZero, source, 0, Condition::pl, positive});
  b.emit(Op::add, {out, kTopBit, significand, Condition::always, done});
  b.bind(positive);
  b.emit(Op::or_, {out, significand, 0});
}

}  // namespace

void emit_f32_of_i32(Arithmetic& math, R out, R x) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R m = t[2], n = t[3], q = t[4], g = t[5];
  const Label positive = b.label(), pack = b.label(), zero = b.label(), done = b.label();
  b.emit(Op::or_, {m, x, 0, Condition::pl, positive});
  b.emit(Op::sub, {m, 0, m});
  b.bind(positive);
  b.emit(Op::clz, {n, m, Condition::max, zero});
  b.emit(Op::lsl, {m, m, n});
  b.emit(Op::sub, {n, 157, n});
  b.emit(Op::lsr, {q, m, 8});
  b.emit(Op::lsl, {g, m, 24, Condition::pl, pack});
  b.emit(Op::add, {q, q, 1});
  b.emit(Op::lsl, {g, g, 1, Condition::nz, pack});
  b.emit(Op::and_, {q, q, -2});
  b.bind(pack);
  emit_signed(b, out, q, n, x, done);
  emit_jump(b, done);
  b.bind(zero);
  b.emit(Op::or_, {out, kZero, 0});
  b.bind(done);
}

void emit_f32_of_i64(Arithmetic& math, R out, D x) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R m = t[2], n = t[3], q = t[4], g = t[5], low = t[6];
  const Label positive = b.label(), one_word = b.label(), round = b.label(), pack = b.label();
  const Label zero = b.label(), done = b.label();
  b.emit(Op::or_, {low, x.low(), 0});
  b.emit(Op::or_, {m, x.high(), 0, Condition::pl, positive});
  b.emit(Op::sub, {low, 0, low});
  b.emit(Op::subc, {m, 0, m});
  b.bind(positive);
  b.emit(Op::clz, {n, m, Condition::max, one_word});
  b.emit(Op::lsl, {m, m, n});
  b.emit(Op::lslx, {g, low, n});
  b.emit(Op::or_, {m, m, g});
  b.emit(Op::lsl, {low, low, n});
  b.emit(Op::sub, {n, 189, n});
  b.bind(round);
  emit_round(b, q, g, m, low, 8, pack);
  b.bind(pack);
  emit_signed(b, out, q, n, x.high(), done);
  emit_jump(b, done);
  b.bind(one_word);
  b.emit(Op::clz, {n, low, Condition::max, zero});
  b.emit(Op::lsl, {m, low, n});
  b.emit(Op::sub, {n, 157, n});
  b.emit(Op::or_, {low, kZero, 0, Condition::always, round});
  b.bind(zero);
  b.emit(Op::or_, {out, kZero, 0});
  b.bind(done);
}

void emit_i32_of_f32(Arithmetic& math, R out, R x) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R shifted = t[2], d = t[3], m = t[4], limit = t[5];
  const Label outside = b.label(), negative = b.label(), zero = b.label(), done = b.label();
  b.emit(Op::lsl, {shifted, x, 1});
  b.emit(Op::lsr, {d, shifted, 24});
  b.emit(Op::sub, {d, 157, d});
  b.emit(Op::sub, {kZero, d, 30, Condition::gtu, outside});
  b.emit(Op::lsl, {m, x, 8});
  b.emit(Op::or_, {m, kTopBit, m});
  b.emit(Op::lsr, {m, m, d});
  b.emit(Op::sub, {kZero, x, 0, Condition::mi, negative});
  b.emit(Op::lsr, {out, m, 1, Condition::always, done});
  b.bind(negative);
  b.emit(Op::lsr, {m, m, 1});
  b.emit(Op::sub, {out, 0, m, Condition::always, done});
  b.bind(outside);
  b.emit(Op::sub, {kZero, d, 0, Condition::ges, zero});
  b.emit(Op::or_, {limit, kZero, 0xff000000u});
  b.emit(Op::sub, {kZero, shifted, limit, Condition::gtu, zero});
  // The end of the range on that side: 0x7fffffff plus the sign.
  b.emit(Op::lsr, {m, x, 31});
  b.emit(Op::add, {out, m, 0x7fffffff});
  emit_jump(b, done);
  b.bind(zero);
  b.emit(Op::or_, {out, kZero, 0});
  b.bind(done);
}

void emit_i64_of_f32(Arithmetic& math, D out, R x) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R shifted = t[2], d = t[3], m = t[4], limit = t[5], low = t[6], sign = t[7];
  const Label outside = b.label(), shift = b.label(), sign_done = b.label(), zero = b.label();
  const Label done = b.label();
  b.emit(Op::lsl, {shifted, x, 1});
  b.emit(Op::lsr, {d, shifted, 24});
  b.emit(Op::lsr, {sign, x, 31});
  b.emit(Op::sub, {d, 190, d});
  b.emit(Op::sub, {limit, d, 1});
  b.emit(Op::sub, {kZero, limit, 62, Condition::gtu, outside});
  b.emit(Op::lsl, {m, x, 8});
  b.emit(Op::or_, {m, kTopBit, m});
  b.emit(Op::sub, {kZero, d, 32, Condition::ltu, shift});
  b.emit(Op::lsr, {low, m, d});
  b.emit(Op::or_, {m, kZero, 0, Condition::always, sign_done});
  b.bind(shift);
  b.emit(Op::lsrx, {low, m, d});
  b.emit(Op::lsr, {m, m, d});
  b.bind(sign_done);
  const Label positive = b.label();
  b.emit(Op::sub, {kZero, sign, 0, Condition::z, positive});
  b.emit(Op::sub, {out.low(), 0, low});
  b.emit(Op::subc, {out.high(), 0, m});
  emit_jump(b, done);
  b.bind(positive);
  b.emit(Op::or_, {out.low(), low, 0});
  b.emit(Op::or_, {out.high(), m, 0, Condition::always, done});
  b.bind(outside);
  b.emit(Op::sub, {kZero, d, 0, Condition::gts, zero});
  b.emit(Op::or_, {limit, kZero, 0xff000000u});
  b.emit(Op::sub, {kZero, shifted, limit, Condition::gtu, zero});
  b.emit(Op::sub, {out.low(), sign, 1});
  b.emit(Op::add, {out.high(), sign, 0x7fffffff});
  emit_jump(b, done);
  b.bind(zero);
  b.emit(Op::or_, {out.low(), kZero, 0});
  b.emit(Op::or_, {out.high(), kZero, 0});
  b.bind(done);
}

}  // namespace pimjit::upmem
