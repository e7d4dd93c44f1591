#include "pimjit/plugins/upmem/arithmetic/multiply.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <span>
#include <vector>

#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {
namespace {

// One byte of an operand: bits 7:0 or 15:8 of a register, the top one possibly signed.
struct Byte {
  R reg;
  bool high = false;
  bool sign = false;
};

void emit_product(Builder& b, R out, const Byte& x, const Byte& y) {
  constexpr Op kUnsigned[] = {Op::mul_ul_ul, Op::mul_ul_uh, Op::mul_uh_ul, Op::mul_uh_uh};
  constexpr Op kSigned[] = {Op::mul_sl_sl, Op::mul_sl_sh, Op::mul_sh_sl, Op::mul_sh_sh};
  constexpr Op kMixed[] = {Op::mul_sl_ul, Op::mul_sl_uh, Op::mul_sh_ul, Op::mul_sh_uh};
  if (!x.sign && y.sign) return emit_product(b, out, y, x);
  const Op* ops = !x.sign ? kUnsigned : y.sign ? kSigned : kMixed;
  b.emit(ops[2 * x.high + y.high], {out, x.reg, y.reg});
}

using Bytes = std::vector<Byte>;

// The bytes of an operand; the upper half of a word goes to `upper`.
Bytes split(Builder& b, R x, int count, bool sign, R upper) {
  Bytes bytes;
  if (count == 4) b.emit(Op::lsr, {upper, x, 16});
  for (int i = 0; i < count; ++i)
    bytes.push_back({i < 2 ? x : upper, i % 2 == 1, sign && i == count - 1});
  return bytes;
}

// sum + sum of x[i] y[j] 256^(i + j) for i + j < weights. Without a start the first product begins
// the sum. The last of several instructions branches to `then`, if there is one.
struct Polynomial {
  Builder& b;
  R sum, product, out;
  bool started;
  int weights = 4;
  std::optional<Label> then = std::nullopt;

  void run(const Bytes& x, const Bytes& y) {
    int left = 0;
    const int nx = static_cast<int>(x.size()), ny = static_cast<int>(y.size());
    for (int i = 0; i < nx; ++i) left += std::clamp(weights - i, 0, ny);
    for (int weight = 0; weight < weights; ++weight)
      for (int i = 0; i < nx; ++i) {
        const int j = weight - i;
        if (j < 0 || j >= ny) continue;
        add(x[static_cast<std::size_t>(i)], y[static_cast<std::size_t>(j)], weight, --left == 0);
      }
  }

  void add(const Byte& x, const Byte& y, int weight, bool last) {
    if (!started) {
      started = true;
      return emit_product(b, last ? out : sum, x, y);
    }
    emit_product(b, product, x, y);
    const R to = last ? out : sum;
    if (last && then)
      b.emit(Op::lsl_add, {to, sum, product, 8 * weight, Condition::always, *then});
    else if (weight == 0)
      b.emit(Op::add, {to, sum, product});
    else
      b.emit(Op::lsl_add, {to, sum, product, 8 * weight});
  }
};

int significant_bits(std::int64_t high) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(high))));
}

void classify(ValueRange range, int& bytes, bool& sign) {
  bytes = range.within(-128, 127) || range.within(0, 255)         ? 1
          : range.within(-32768, 32767) || range.within(0, 65535) ? 2
                                                                  : 4;
  sign = bytes < 4 && range.low < 0;
}

}  // namespace

int MultiplyPlan::accumulate_slots() const {
  if (by_steps) return bits;
  int products = 0;
  for (int i = 0; i < x_bytes; ++i) products += std::clamp(result_bytes - i, 0, y_bytes);
  return 2 * products + (x_bytes == 4) + (y_bytes == 4);
}

int MultiplyPlan::slots() const {
  return by_steps ? bits + 1 : accumulate_slots() - 1;
}

MultiplyPlan plan_multiply(ValueRange x, ValueRange y, int result_bytes) {
  MultiplyPlan plan;
  plan.result_bytes = result_bytes;
  classify(x, plan.x_bytes, plan.x_signed);
  classify(y, plan.y_bytes, plan.y_signed);
  // Bytes beyond the result need not be looked at, and a sign above it does not show.
  if (plan.x_bytes > result_bytes) plan.x_bytes = result_bytes, plan.x_signed = false;
  if (plan.y_bytes > result_bytes) plan.y_bytes = result_bytes, plan.y_signed = false;
  return plan;
}

MultiplyPlan plan_multiply_accumulate(ValueRange x, ValueRange y) {
  const MultiplyPlan bytes = plan_multiply(x, y);
  MultiplyPlan steps;
  steps.by_steps = true;
  for (const bool second : {false, true}) {
    const ValueRange range = second ? y : x;
    if (range.low < 0 || significant_bits(range.high) >= steps.bits) continue;
    steps.bits = significant_bits(range.high);
    steps.y_is_multiplier = second;
  }
  return steps.bits < bytes.accumulate_slots() ? steps : bytes;
}

void emit_multiply(Builder& b, const MultiplyPlan& plan, R out, R x, R y,
                   const MultiplyTemps& temps) {
  const Bytes xs = split(b, x, plan.x_bytes, plan.x_signed, temps[0]);
  const Bytes ys = split(b, y, plan.y_bytes, plan.y_signed, temps[1]);
  Polynomial{b, temps[3], temps[2], out, false, plan.result_bytes}.run(xs, ys);
}

void emit_multiply_accumulate(Builder& b, const MultiplyPlan& plan, R sum, R x, R y,
                              const MultiplyTemps& temps) {
  const Bytes xs = split(b, x, plan.x_bytes, plan.x_signed, temps[0]);
  const Bytes ys = split(b, y, plan.y_bytes, plan.y_signed, temps[1]);
  Polynomial{b, sum, temps[2], sum, true, plan.result_bytes}.run(xs, ys);
}

void emit_dot_bytes(Builder& b, R sum, R x, R y, bool x_signed, bool y_signed,
                    const MultiplyTemps& temps) {
  b.emit(Op::lsr, {temps[0], x, 16});
  b.emit(Op::lsr, {temps[1], y, 16});
  for (const bool upper : {false, true})
    for (const bool high : {false, true}) {
      emit_product(b, temps[2], {upper ? temps[0] : x, high, x_signed},
                   {upper ? temps[1] : y, high, y_signed});
      b.emit(Op::add, {sum, sum, temps[2]});
    }
}

void emit_dot_halves(Builder& b, R sum, R x, R y, bool x_signed, bool y_signed,
                     const MultiplyTemps& temps) {
  MultiplyPlan plan;
  plan.x_bytes = plan.y_bytes = 2;
  plan.x_signed = x_signed;
  plan.y_signed = y_signed;
  b.emit(Op::lsr, {temps[0], x, 16});
  b.emit(Op::lsr, {temps[1], y, 16});
  emit_multiply_accumulate(b, plan, sum, x, y, temps);
  emit_multiply_accumulate(b, plan, sum, temps[0], temps[1], temps);
}

void emit_step_accumulate(Builder& b, D pair, R x, int bits) {
  const Label done = b.label();
  for (int bit = 0; bit < bits - 1; ++bit)
    b.emit(Op::mul_step, {pair, x, pair, bit, Condition::z, done});
  b.emit(Op::mul_step, {pair, x, pair, bits - 1});
  b.bind(done);
}

void emit_multiply_steps(Arithmetic& math) {
  Builder& b = math.b;
  const R x = math.w.t[0], y = math.w.t[1];
  const D pair{math.w.t[2].code};
  const Label other = b.label(), ready = b.label();
  b.emit(Op::sub, {kZero, x, y, Condition::gtu, other});
  b.emit(Op::or_, {pair.high(), x, 0});
  b.emit(Op::or_, {x, y, 0, Condition::always, ready});
  b.bind(other);
  b.emit(Op::or_, {pair.high(), y, 0});
  b.bind(ready);
  b.emit(Op::or_, {pair.low(), kZero, 0});
  emit_step_accumulate(b, pair, x, 32);
  b.emit(Op::or_, {x, pair.low(), 0});
}

namespace {

constexpr MultiplyPlan kByteByWord{false, 1, 4, true, false, 4, 32, false};
constexpr MultiplyPlan kHalves{false, 2, 2, true, true, 4, 32, false};
constexpr MultiplyPlan kWords{};

// Branches to `other` unless the operand is a number with sign of as many bits as `extend` takes.
void emit_test_signed(Builder& b, Op extend, R operand, R temp, Label other) {
  b.emit(extend, {temp, operand});
  b.emit(Op::sub, {kZero, temp, operand, Condition::nz, other});
}

// Branches to `other` unless both operands are in 0..255.
void emit_test_bytes(Builder& b, R x, R y, R temp, Label other) {
  b.emit(Op::or_, {temp, x, y});
  b.emit(Op::and_, {kZero, temp, -256, Condition::nz, other});
}

// out := x * y, or out := out + x * y, for operands that are not both in 0..255: bytes with sign,
// a byte with sign by any number, halves with sign, words.
void emit_longer(Builder& b, R out, bool adds, R x, R y, const MultiplyTemps& temps, Label done) {
  const Label wider = b.label(), by_word = b.label(), words = b.label();
  const auto polynomial = [&](const MultiplyPlan& plan) {
    const Bytes xs = split(b, x, plan.x_bytes, plan.x_signed, temps[0]);
    const Bytes ys = split(b, y, plan.y_bytes, plan.y_signed, temps[1]);
    const R sum = adds ? out : temps[3];
    Polynomial{b, sum, temps[2], out, adds, plan.result_bytes, done}.run(xs, ys);
  };
  emit_test_signed(b, Op::extsb, x, temps[2], wider);
  emit_test_signed(b, Op::extsb, y, temps[2], by_word);
  if (adds) {
    b.emit(Op::mul_sl_sl, {temps[2], x, y});
    b.emit(Op::add, {out, out, temps[2], Condition::always, done});
  } else {
    b.emit(Op::mul_sl_sl, {out, x, y, Condition::always, done});
  }
  b.bind(by_word);
  polynomial(kByteByWord);
  b.bind(wider);
  emit_test_signed(b, Op::extsh, x, temps[2], words);
  emit_test_signed(b, Op::extsh, y, temps[2], words);
  polynomial(kHalves);
  b.bind(words);
  polynomial(kWords);
}

}  // namespace

void emit_dynamic_accumulate(Arithmetic& math, R sum, R x, R y, const MultiplyTemps& temps) {
  Builder& b = math.b;
  const Label done = b.label();
  const Label longer =
      math.later([&b, sum, x, y, temps, done] { emit_longer(b, sum, true, x, y, temps, done); });
  emit_test_bytes(b, x, y, temps[2], longer);
  b.emit(Op::mul_ul_ul, {temps[2], x, y});
  b.emit(Op::add, {sum, sum, temps[2]});
  b.bind(done);
}

void emit_dynamic_multiply(Arithmetic& math, R out, R x, R y, const MultiplyTemps& temps) {
  Builder& b = math.b;
  const Label done = b.label();
  const Label longer =
      math.later([&b, out, x, y, temps, done] { emit_longer(b, out, false, x, y, temps, done); });
  emit_test_bytes(b, x, y, temps[2], longer);
  b.emit(Op::mul_ul_ul, {out, x, y});
  b.bind(done);
}

namespace {

// Sums of products of weight 2 n and 2 n + 1 bytes, relative to weight 2 n: at most 8 products of
// 16 bits, four of them times 256, fit in a word.
struct Columns {
  Builder& b;
  std::array<R, 4> sums;
  R product;
  std::array<bool, 4> started{};

  void run(const Bytes& x, const Bytes& y, int last_weight) {
    for (std::size_t column = 0; column < 4; ++column)
      for (int odd = 0; odd < 2; ++odd)
        for (std::size_t i = 0; i < x.size(); ++i) {
          const std::size_t weight = 2 * column + static_cast<std::size_t>(odd);
          if (weight > static_cast<std::size_t>(last_weight) || i > weight) continue;
          const std::size_t j = weight - i;
          if (j < y.size()) add(x[i], y[j], column, odd);
        }
  }

  void add(const Byte& x, const Byte& y, std::size_t column, int odd) {
    if (!started[column]) {
      started[column] = true;
      return emit_product(b, sums[column], x, y);
    }
    emit_product(b, product, x, y);
    if (odd)
      b.emit(Op::lsl_add, {sums[column], sums[column], product, 8});
    else
      b.emit(Op::add, {sums[column], sums[column], product});
  }
};

// out := the columns at weights 1, 2^16, 2^32, 2^48.
void emit_combine(Builder& b, D out, const std::array<R, 4>& sums, R temp, bool with_sign) {
  b.emit(Op::lsl, {temp, sums[1], 16});
  b.emit(with_sign ? Op::asr : Op::lsr, {sums[1], sums[1], 16});
  b.emit(Op::add, {out.low(), sums[0], temp});
  b.emit(Op::addc, {out.high(), sums[2], sums[1]});
  b.emit(Op::lsl_add, {out.high(), out.high(), sums[3], 16});
}

}  // namespace

void emit_wide_multiply(Arithmetic& math, D out, R x, R y, bool with_sign) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const Bytes xs = split(b, x, 4, with_sign, t[4]);
  const Bytes ys = split(b, y, 4, with_sign, t[5]);
  Columns columns{b, {t[6], t[7], t[8], t[9]}, t[10]};
  columns.run(xs, ys, 6);
  emit_combine(b, out, columns.sums, t[10], with_sign);
}

void emit_multiply_i64(Arithmetic& math, D out, D x, D y) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  // Only products below 2^64 count, so that signs do not matter. The low words come first, and the
  // two products with a high word join columns 2 and 3 as their halves become available.
  Bytes xs = split(b, x.low(), 4, false, t[4]);
  Bytes ys = split(b, y.low(), 4, false, t[5]);
  Columns columns{b, {t[6], t[7], t[8], t[9]}, t[10]};
  columns.run(xs, ys, 6);
  const auto cross = [&](const Bytes& low, const Bytes& high) {
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; i + j < 4; ++j)
        columns.add(low[i], high[j], 2 + (i + j) / 2, static_cast<int>((i + j) % 2));
  };
  cross(xs, split(b, y.high(), 4, false, t[11]));
  cross(ys, split(b, x.high(), 4, false, t[11]));
  emit_combine(b, out, columns.sums, t[10], false);
}

}  // namespace pimjit::upmem
