// The cases of f32 operations that common paths leave: zeros, subnormals, infinities, NaNs,
// overflow and underflow. These bodies are complete: they give the right result for every operand.
#include "pimjit/plugins/upmem/arithmetic/float_parts.h"
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {
namespace {

constexpr std::uint32_t kSignBit = 0x80000000, kInfinity = 0x7f800000, kNan = 0x7fc00000;
// An infinity, its sign shifted out.
constexpr std::uint32_t kInfinityShifted = 0xff000000;

void emit_give(Arithmetic& math, std::uint32_t value) {
  math.b.emit(Op::or_, {math.w.t[0], kZero, value});
  emit_return(math);
}

void emit_give_infinity(Arithmetic& math, R sign) {
  math.b.emit(Op::or_, {math.w.t[0], sign, kInfinity});
  emit_return(math);
}

// m := significand of x, leading bit of a normal number at 31; e := its exponent field, 1 for
// subnormals.
void emit_unpack(Builder& b, R m, R e, R x, R shifted) {
  const Label normal = b.label(), done = b.label();
  b.emit(Op::lsl, {m, x, 8});
  b.emit(Op::lsr, {e, shifted, 24, Condition::nz, normal});
  b.emit(Op::or_, {e, kZero, 1, Condition::always, done});
  b.bind(normal);
  b.emit(Op::or_, {m, kTopBit, m});
  b.bind(done);
}

// m := x with a significand whose bit 23 leads (bit 23 itself may be missing), e := its exponent
// field, which is below 1 for subnormals. x is not zero.
void emit_normalize(Builder& b, R m, R e, R x, R shifted, R temp) {
  const Label done = b.label();
  emit_move(b, m, x);
  b.emit(Op::lsr, {e, shifted, 24, Condition::nz, done});
  b.emit(Op::clz, {temp, shifted});
  b.emit(Op::sub, {e, 8, temp});
  b.emit(Op::sub, {temp, temp, 7});
  b.emit(Op::lsr, {m, shifted, 1});
  b.emit(Op::lsl, {m, m, temp});
  b.bind(done);
}

}  // namespace

void emit_round_any(Arithmetic& math, const Significand& v, R sign, R q, R g) {
  Builder& b = math.b;
  const Label in_range = b.label(), infinite = b.label(), pack = b.label();
  const Label tiny = b.label();
  b.emit(Op::sub, {kZero, v.exponent, 255, Condition::ges, infinite});
  b.emit(Op::sub, {kZero, v.exponent, 0, Condition::gts, in_range});
  b.emit(Op::sub, {g, 1, v.exponent});
  b.emit(Op::sub, {kZero, g, 24, Condition::gtu, tiny});
  b.emit(Op::lsrx, {q, v.high, g});
  b.emit(Op::or_, {v.sticky, v.sticky, q});
  b.emit(Op::lsr, {v.high, v.high, g});
  b.emit(Op::or_, {v.exponent, kZero, 1});
  b.bind(in_range);
  emit_round(b, q, g, v.high, v.sticky, 8, pack);
  b.bind(pack);
  b.emit(Op::sub, {v.exponent, v.exponent, 1});
  b.emit(Op::lsl_add, {q, q, v.exponent, 23});
  b.emit(Op::or_, {math.w.t[0], q, sign});
  emit_return(math);
  b.bind(tiny);
  emit_move(b, math.w.t[0], sign);
  emit_return(math);
  b.bind(infinite);
  emit_give_infinity(math, sign);
}

namespace {

void emit_add_finite(Arithmetic& math, R a, R b_, R ta, R tb, Label give_a) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R ma = t[4], ea = t[5], mb = t[6], eb = t[7], sign = t[8], g = t[9], sticky = t[10];
  const Label subtract = b.label(), round = b.label(), fits = b.label(), nonzero = b.label();
  emit_unpack(b, ma, ea, a, ta);
  emit_unpack(b, mb, eb, b_, tb);
  b.emit(Op::and_, {sign, a, kSignBit});
  b.emit(Op::sub, {g, ea, eb});
  b.emit(Op::sub, {kZero, g, 25, Condition::gtu, give_a});
  b.emit(Op::lsrx, {sticky, mb, g});
  b.emit(Op::lsr, {mb, mb, g});
  b.emit(Op::xor_, {kZero, a, b_, Condition::mi, subtract});
  b.emit(Op::add, {ma, ma, mb, Condition::nc, round});
  b.emit(Op::and_, {g, ma, 1});
  b.emit(Op::or_, {sticky, sticky, g});
  b.emit(Op::lsr, {ma, ma, 1});
  b.emit(Op::or_, {ma, kTopBit, ma});
  b.emit(Op::add, {ea, ea, 1, Condition::always, round});
  b.bind(subtract);
  b.emit(Op::sub, {sticky, 0, sticky});
  b.emit(Op::subc, {ma, ma, mb});
  b.emit(Op::or_, {g, ma, sticky, Condition::nz, nonzero});
  emit_give(math, 0);
  b.bind(nonzero);
  // As many leading zeros go as the exponent allows.
  b.emit(Op::clz, {g, ma});
  b.emit(Op::sub, {eb, ea, 1});
  b.emit(Op::sub, {kZero, g, eb, Condition::leu, fits});
  b.emit(Op::or_, {g, eb, 0});
  b.bind(fits);
  b.emit(Op::lslx, {eb, sticky, g});
  b.emit(Op::lsl, {ma, ma, g});
  b.emit(Op::or_, {ma, ma, eb});
  b.emit(Op::lsl, {sticky, sticky, g});
  b.emit(Op::sub, {ea, ea, g});
  b.bind(round);
  emit_round_any(math, {ma, sticky, ea}, sign, mb, g);
}

}  // namespace

void emit_add_f32_rare(Arithmetic& math) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R x = t[0], y = t[1], tx = t[2], ty = t[3], g = t[9];
  const Label ordered = b.label(), give = b.label(), special = b.label(), nan = b.label();
  const Label no_addend = b.label();
  const Label start = b.here();
  b.emit(Op::lsl, {tx, x, 1});
  b.emit(Op::lsl, {ty, y, 1});
  b.emit(Op::sub, {kZero, tx, ty, Condition::geu, ordered});
  b.emit(Op::or_, {g, x, 0});
  b.emit(Op::or_, {x, y, 0});
  b.emit(Op::or_, {y, g, 0, Condition::always, start});
  b.bind(ordered);
  b.emit(Op::or_, {g, kZero, kInfinityShifted});
  b.emit(Op::sub, {kZero, tx, g, Condition::geu, special});
  b.emit(Op::sub, {kZero, ty, 0, Condition::z, no_addend});
  emit_add_finite(math, x, y, tx, ty, give);
  b.bind(no_addend);
  b.emit(Op::sub, {kZero, tx, 0, Condition::nz, give});
  b.emit(Op::and_, {x, x, y, Condition::always, give});
  b.bind(special);
  b.emit(Op::sub, {kZero, tx, g, Condition::gtu, nan});
  b.emit(Op::sub, {kZero, tx, ty, Condition::nz, give});
  b.emit(Op::xor_, {kZero, x, y, Condition::mi, nan});
  b.bind(give);
  emit_return(math);
  b.bind(nan);
  emit_give(math, kNan);
}

namespace {

// What multiplication and division have in common.
struct Factors {
  Arithmetic& math;
  Builder& b = math.b;
  R x = math.w.t[0], y = math.w.t[1], tx = math.w.t[2], ty = math.w.t[3];
  R sign = math.w.t[10], limit = math.w.t[4];
  Label x_special = b.label(), y_special = b.label(), x_zero = b.label(), y_zero = b.label();
  Label nan = b.label(), infinite = b.label(), zero = b.label();

  void classify() {
    b.emit(Op::xor_, {sign, x, y});
    b.emit(Op::and_, {sign, sign, kSignBit});
    b.emit(Op::lsl, {tx, x, 1});
    b.emit(Op::lsl, {ty, y, 1});
    b.emit(Op::or_, {limit, kZero, kInfinityShifted});
    b.emit(Op::sub, {kZero, tx, limit, Condition::geu, x_special});
    b.emit(Op::sub, {kZero, ty, limit, Condition::geu, y_special});
    b.emit(Op::sub, {kZero, tx, 0, Condition::z, x_zero});
    b.emit(Op::sub, {kZero, ty, 0, Condition::z, y_zero});
  }
  // The three ways to end, and NaN operands.
  void results() {
    b.bind(infinite);
    emit_give_infinity(math, sign);
    b.bind(zero);
    emit_move(b, math.w.t[0], sign);
    emit_return(math);
    b.bind(nan);
    emit_give(math, kNan);
  }
};

}  // namespace

void emit_multiply_f32_rare(Arithmetic& math) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  Factors f{math};
  f.classify();
  const R mx = t[0], my = t[1], ex = t[8], ey = t[9];
  emit_normalize(b, mx, ex, f.x, f.tx, t[4]);
  emit_normalize(b, my, ey, f.y, f.ty, t[4]);
  b.emit(Op::add, {ex, ex, ey});
  b.emit(Op::sub, {ex, ex, 127});
  const ProductRegisters p{t[2], t[3], t[4], t[5], t[6]};
  emit_significand_product(b, p, mx, my);
  const Label leading = b.label(), round = b.label();
  b.emit(Op::lsl, {p.low, p.low, 16});
  b.emit(Op::sub, {kZero, p.high, 0, Condition::mi, leading});
  b.emit(Op::add, {p.low, p.low, p.low});
  b.emit(Op::addc, {p.high, p.high, p.high, Condition::always, round});
  b.bind(leading);
  b.emit(Op::add, {ex, ex, 1});
  b.bind(round);
  emit_round_any(math, {p.high, p.low, ex}, f.sign, t[7], t[9]);
  b.bind(f.x_special);
  b.emit(Op::sub, {kZero, f.tx, f.limit, Condition::gtu, f.nan});
  b.emit(Op::sub, {kZero, f.ty, f.limit, Condition::gtu, f.nan});
  b.emit(Op::sub, {kZero, f.ty, 0, Condition::z, f.nan});
  emit_jump(b, f.infinite);
  b.bind(f.y_special);
  b.emit(Op::sub, {kZero, f.ty, f.limit, Condition::gtu, f.nan});
  b.emit(Op::sub, {kZero, f.tx, 0, Condition::z, f.nan});
  emit_jump(b, f.infinite);
  b.bind(f.x_zero);
  b.bind(f.y_zero);
  emit_jump(b, f.zero);
  f.results();
}

void emit_divide_f32_rare(Arithmetic& math) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  Factors f{math};
  f.classify();
  const D quotient = math.w.pair(4);
  const R ex = t[8], ey = t[9], divisor = t[6];
  emit_normalize(b, f.x, ex, f.x, f.tx, t[4]);
  emit_normalize(b, f.y, ey, f.y, f.ty, t[4]);
  b.emit(Op::sub, {ex, ex, ey});
  b.emit(Op::add, {ex, ex, 126});
  emit_significand_quotient(b, quotient, divisor, ex, f.x, f.y);
  b.emit(Op::lsl, {quotient.high(), quotient.high(), 7});
  emit_round_any(math, {quotient.high(), quotient.low(), ex}, f.sign, t[7], t[9]);
  b.bind(f.x_special);
  b.emit(Op::sub, {kZero, f.tx, f.limit, Condition::gtu, f.nan});
  b.emit(Op::sub, {kZero, f.ty, f.limit, Condition::geu, f.nan});
  emit_jump(b, f.infinite);
  b.bind(f.y_special);
  b.emit(Op::sub, {kZero, f.ty, f.limit, Condition::gtu, f.nan});
  emit_jump(b, f.zero);
  b.bind(f.x_zero);
  b.emit(Op::sub, {kZero, f.ty, 0, Condition::z, f.nan});
  emit_jump(b, f.zero);
  b.bind(f.y_zero);
  f.results();
}

}  // namespace pimjit::upmem
