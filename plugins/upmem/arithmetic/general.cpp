// Routines as the library of a general compiler has them: f32 and 64-bit products for any machine,
// written in words, with one more routine for the product of two words. For plain code only.
#include <tuple>

#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {
namespace {

constexpr std::uint32_t kSignBit = 0x80000000, kInfinity = 0x7f800000, kFraction = 0x7fffff;
constexpr std::uint32_t kLeadingBit = 0x800000;

void emit_exponent(Builder& b, R exponent, R x) {
  b.emit(Op::lsr, {exponent, x, 23});
  b.emit(Op::and_, {exponent, exponent, 255});
}

// out := x y for words; t[0] to t[3] are overwritten.
void emit_product(Arithmetic& math, R out, R x, R y) {
  const auto& t = math.w.t;
  emit_move(math.b, t[1], y);
  emit_move(math.b, t[0], x);
  math.call(Routine::mul_i32_steps);
  emit_move(math.b, out, t[0]);
}

// A product of halves comes to the words `high`, `low` at bit 16.
void emit_add_middle(Builder& b, R high, R low, R middle) {
  b.emit(Op::lsr_add, {middle, middle, low, 16});
  b.emit(Op::and_, {low, low, 0xffff});
  b.emit(Op::lsl_add, {low, low, middle, 16});
  b.emit(Op::lsr_add, {high, high, middle, 16});
}

// A sum of magnitudes in progress: significands have their leading bit at 26, over three bits for
// rounding.
struct Sum {
  Arithmetic& math;
  Label rare, round, zero;
  Builder& b = math.b;
  R x = math.w.t[0], y = math.w.t[1];  // the operands stay until no rare case is left
  R exponent = math.w.t[2], distance = math.w.t[3];
  R larger = math.w.t[4], smaller = math.w.t[5];
  R sign = math.w.t[8], temp = math.w.t[9], lost = math.w.t[10];

  void order();
  void unpack(R significand, R field, R from);
  void align();
  void add();
  void subtract();
  void pack();
};

// Operands by magnitude; zeros, infinities and NaNs are rare cases.
void Sum::order() {
  const R limit = temp, less = lost;
  const Label ordered = b.label();
  b.emit(Op::and_, {larger, x, ~kSignBit});
  b.emit(Op::and_, {smaller, y, ~kSignBit});
  b.emit(Op::or_, {limit, kZero, kInfinity - 1});
  for (const R magnitude : {larger, smaller}) {
    b.emit(Op::sub, {less, magnitude, 1});
    b.emit(Op::sub, {kZero, less, limit, Condition::geu, rare});
  }
  const R first = math.w.t[6], second = math.w.t[7];
  b.emit(Op::or_, {first, x, 0});
  b.emit(Op::or_, {second, y, 0});
  b.emit(Op::sub, {kZero, smaller, larger, Condition::leu, ordered});
  b.emit(Op::or_, {first, y, 0});
  b.emit(Op::or_, {second, x, 0});
  b.bind(ordered);
}

void Sum::unpack(R significand, R field, R from) {
  emit_exponent(b, field, from);
  b.emit(Op::and_, {significand, from, kFraction});
  b.emit(Op::sub, {kZero, field, 0, Condition::z, rare});
  b.emit(Op::or_, {significand, significand, kLeadingBit});
  b.emit(Op::lsl, {significand, significand, 3});
}

void Sum::align() {
  const Label near = b.label(), aligned = b.label();
  b.emit(Op::sub, {distance, exponent, distance, Condition::z, aligned});
  b.emit(Op::sub, {kZero, distance, 32, Condition::ltu, near});
  b.emit(Op::or_, {smaller, kZero, 1, Condition::always, aligned});
  b.bind(near);
  b.emit(Op::sub, {lost, 32, distance});
  b.emit(Op::lsl, {lost, smaller, lost});
  b.emit(Op::lsr, {smaller, smaller, distance});
  b.emit(Op::sub, {kZero, lost, 0, Condition::z, aligned});
  b.emit(Op::or_, {smaller, smaller, 1});
  b.bind(aligned);
}

void Sum::add() {
  b.emit(Op::add, {larger, larger, smaller});
  b.emit(Op::lsr, {temp, larger, 27, Condition::z, round});
  b.emit(Op::and_, {temp, larger, 1});
  b.emit(Op::lsr, {larger, larger, 1});
  b.emit(Op::or_, {larger, larger, temp});
  b.emit(Op::add, {exponent, exponent, 1});
  b.emit(Op::sub, {kZero, exponent, 255, Condition::ltu, round});
  b.emit(Op::or_, {x, sign, kInfinity});
  emit_return(math);
}

void Sum::subtract() {
  b.emit(Op::sub, {larger, larger, smaller, Condition::z, zero});
  b.emit(Op::lsr, {temp, larger, 26, Condition::nz, round});
  b.emit(Op::clz, {temp, larger});
  b.emit(Op::sub, {temp, temp, 5});
  b.emit(Op::lsl, {larger, larger, temp});
  b.emit(Op::sub, {exponent, exponent, temp});
  b.emit(Op::sub, {kZero, exponent, 0, Condition::les, rare});
}

void Sum::pack() {
  const Label done = b.label(), tie = b.label();
  b.bind(round);
  b.emit(Op::and_, {temp, larger, 7});
  b.emit(Op::lsr, {larger, larger, 3});
  b.emit(Op::and_, {larger, larger, kFraction});
  b.emit(Op::lsl, {exponent, exponent, 23});
  b.emit(Op::or_, {larger, larger, exponent});
  b.emit(Op::or_, {x, larger, sign});
  b.emit(Op::sub, {kZero, temp, 4, Condition::ltu, done});
  b.emit(Op::sub, {kZero, temp, 4, Condition::z, tie});
  b.emit(Op::add, {x, x, 1});
  emit_return(math);
  b.bind(tie);
  b.emit(Op::and_, {temp, x, 1});
  b.emit(Op::add, {x, x, temp});
  b.bind(done);
  emit_return(math);
  b.bind(zero);
  b.emit(Op::or_, {x, kZero, 0});
  emit_return(math);
}

}  // namespace

void emit_add_f32_general(Arithmetic& math) {
  Builder& b = math.b;
  Sum sum{math, math.routine(Routine::add_f32_rare), b.label(), b.label()};
  const R first = math.w.t[6], second = math.w.t[7];
  const Label subtract = b.label();
  sum.order();
  sum.unpack(sum.larger, sum.exponent, first);
  sum.unpack(sum.smaller, sum.distance, second);
  b.emit(Op::and_, {sum.sign, first, kSignBit});
  sum.align();
  b.emit(Op::xor_, {sum.temp, first, second, Condition::mi, subtract});
  sum.add();
  b.bind(subtract);
  sum.subtract();
  sum.pack();
}

void emit_multiply_i64_general(Arithmetic& math) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R x_high = t[4], x_low = t[5], y_high = t[6], y_low = t[7], high = t[8], link = t[9];
  emit_move(b, link, math.w.link);
  for (int k = 0; k < 4; ++k)
    emit_move(b, t[static_cast<std::size_t>(4 + k)], t[static_cast<std::size_t>(k)]);
  emit_product(math, high, x_high, y_low);
  emit_product(math, t[0], x_low, y_high);
  b.emit(Op::add, {high, high, t[0]});
  // Products of halves of the low words, from here on in the registers of the high ones.
  const R low = x_high, middle = y_high;
  const auto product = [&](R out, bool x_upper, bool y_upper) {
    for (const auto& [to, from, upper] : {std::tuple{t[1], y_low, y_upper}, {t[0], x_low, x_upper}})
      if (upper)
        b.emit(Op::lsr, {to, from, 16});
      else
        b.emit(Op::and_, {to, from, 0xffff});
    math.call(Routine::mul_i32_steps);
    emit_move(b, out, t[0]);
  };
  product(low, false, false);
  product(middle, true, false);
  emit_add_middle(b, high, low, middle);
  product(middle, false, true);
  emit_add_middle(b, high, low, middle);
  product(t[0], true, true);
  b.emit(Op::add, {t[0], t[0], high});
  emit_move(b, t[1], low);
  b.emit(Op::call, {kZero, link, 0});
}

void emit_multiply_f32_general(Arithmetic& math) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const R x = t[0], y = t[1], ex = t[2], ey = t[3], temp = t[4];
  const R sign_exponent = t[10], link = t[11];
  const Label rare = math.routine(Routine::mul_f32_rare);
  emit_exponent(b, ex, x);
  emit_exponent(b, ey, y);
  b.emit(Op::xor_, {sign_exponent, x, y});
  b.emit(Op::and_, {sign_exponent, sign_exponent, kSignBit});
  for (const R exponent : {ex, ey}) {
    b.emit(Op::sub, {temp, exponent, 1});
    b.emit(Op::sub, {kZero, temp, 254, Condition::geu, rare});
  }
  b.emit(Op::add, {ex, ex, ey});
  b.emit(Op::sub, {ex, ex, 127});
  b.emit(Op::sub, {temp, ex, 1});
  b.emit(Op::sub, {kZero, temp, 253, Condition::geu, rare});
  b.emit(Op::or_, {sign_exponent, sign_exponent, ex});
  for (const R operand : {x, y}) {
    b.emit(Op::and_, {operand, operand, kFraction});
    b.emit(Op::or_, {operand, operand, kLeadingBit});
  }
  // 24 bits times 24 bits << 8: the significand of the product begins at bit 54 or 55.
  emit_move(b, link, math.w.link);
  b.emit(Op::lsl, {t[3], y, 8});
  b.emit(Op::or_, {t[2], kZero, 0});
  emit_move(b, t[1], x);
  b.emit(Op::or_, {t[0], kZero, 0});
  math.call(Routine::mul_i64_general);
  const R high = t[0], low = t[1];
  const Label shift = b.label(), pack = b.label(), done = b.label(), up = b.label();
  b.emit(Op::lsl, {temp, high, 8, Condition::pl, shift});
  b.emit(Op::add, {sign_exponent, sign_exponent, 1, Condition::always, pack});
  b.bind(shift);
  b.emit(Op::lsl, {high, high, 1});
  b.emit(Op::lsr, {temp, low, 31});
  b.emit(Op::or_, {high, high, temp});
  b.emit(Op::lsl, {low, low, 1});
  b.bind(pack);
  b.emit(Op::and_, {high, high, kFraction});
  b.emit(Op::lsl, {temp, sign_exponent, 23});
  b.emit(Op::and_, {sign_exponent, sign_exponent, kSignBit});
  b.emit(Op::or_, {high, high, temp});
  b.emit(Op::or_, {high, high, sign_exponent});
  b.emit(Op::or_, {kZero, low, 0, Condition::pl, done});
  b.emit(Op::lsl, {temp, low, 1, Condition::nz, up});
  b.emit(Op::and_, {temp, high, 1});
  b.emit(Op::add, {high, high, temp, Condition::always, done});
  b.bind(up);
  b.emit(Op::add, {high, high, 1});
  b.bind(done);
  b.emit(Op::call, {kZero, link, 0});
}

}  // namespace pimjit::upmem
