// Integer division: truncates, x / 0 = 0, x % 0 = x, MIN / -1 = MIN.
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {
namespace {

// to := |from|.
void emit_magnitude(Builder& b, R to, R from) {
  const Label positive = b.label();
  b.emit(Op::or_, {to, from, 0, Condition::pl, positive});
  b.emit(Op::sub, {to, 0, to});
  b.bind(positive);
}

void emit_magnitude_wide(Builder& b, D to, D from) {
  const Label positive = b.label();
  b.emit(Op::movd, {to, from});
  b.emit(Op::sub, {kZero, from.high(), 0, Condition::pl, positive});
  b.emit(Op::sub, {to.low(), 0, from.low()});
  b.emit(Op::subc, {to.high(), 0, from.high()});
  b.bind(positive);
}

// quotient.high, quotient.low := quotient and remainder of quotient.low by divisor, without signs;
// zero divisors give 0 and the dividend. Overwrites n, m.
void emit_divide_words(Builder& b, D quotient, R divisor, R n, R m) {
  const Label done = b.label(), table = b.label();
  b.emit(Op::or_, {quotient.high(), kZero, 0});
  b.emit(Op::clz, {n, divisor, Condition::max, done});
  b.emit(Op::clz, {m, quotient.low()});
  // n - m is the highest position at which the divisor may fit; the table starts with 31.
  b.emit(Op::sub, {m, n, m, Condition::mi, done});
  b.emit(Op::sub, {m, 31, m});
  b.emit(Op::call, {kZero, m, BuilderOperand(table)});
  b.bind(table);
  for (int bit = 31; bit >= 0; --bit) b.emit(Op::div_step, {quotient, divisor, quotient, bit});
  b.bind(done);
}

}  // namespace

void emit_divide_i32(Arithmetic& math, bool remainder) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const D quotient = math.w.pair(2);
  const Label done = b.label();
  emit_magnitude(b, quotient.low(), t[0]);
  emit_magnitude(b, t[4], t[1]);
  emit_divide_words(b, quotient, t[4], t[5], t[6]);
  const R result = remainder ? quotient.low() : quotient.high();
  const Label negative = b.label();
  if (remainder)
    b.emit(Op::sub, {kZero, t[0], 0, Condition::mi, negative});
  else
    b.emit(Op::xor_, {kZero, t[0], t[1], Condition::mi, negative});
  b.emit(Op::or_, {t[0], result, 0, Condition::always, done});
  b.bind(negative);
  b.emit(Op::sub, {t[0], 0, result});
  b.bind(done);
}

namespace {

// Restoring division of pairs where the divisor has more than one word, so that the quotient has at
// most 32 bits: rest := remainder, quotient := quotient. n, m, less and the divisor are
// overwritten.
void emit_divide_pairs(Builder& b, D rest, D divisor, D less, R quotient, R n, R m) {
  const Label next = b.label(), done = b.label(), ready = b.label(), smaller = b.label();
  b.emit(Op::or_, {quotient, kZero, 0});
  b.emit(Op::clz, {n, divisor.high()});
  b.emit(Op::clz, {m, rest.high()});
  b.emit(Op::sub, {n, n, m, Condition::mi, done});
  b.emit(Op::lslx, {m, divisor.low(), n});
  b.emit(Op::lsl, {divisor.high(), divisor.high(), n});
  b.emit(Op::or_, {divisor.high(), divisor.high(), m});
  b.emit(Op::lsl, {divisor.low(), divisor.low(), n});
  b.bind(ready);
  b.emit(Op::sub, {less.low(), rest.low(), divisor.low()});
  b.emit(Op::subc, {less.high(), rest.high(), divisor.high(), Condition::ltu, smaller});
  b.emit(Op::movd, {rest, less});
  b.emit(Op::lsl1, {quotient, quotient, 1, Condition::always, next});
  b.bind(smaller);
  b.emit(Op::lsl, {quotient, quotient, 1});
  b.bind(next);
  b.emit(Op::lsrx, {m, divisor.high(), 1});
  b.emit(Op::lsr, {divisor.high(), divisor.high(), 1});
  b.emit(Op::lsr_add, {divisor.low(), m, divisor.low(), 1});
  b.emit(Op::sub, {n, n, 1, Condition::pl, ready});
  b.bind(done);
}

// Registers of the division of a pair by a word: rest is divided, steps a pair for division steps
// that starts with the high word of rest, below the divisor, as its remainder.
struct LongDivision {
  Builder& b;
  D rest;
  R divisor, high;
  D steps;
  R n, m;

  void run();
  void by_halves();
  void by_bits();
  void by_wide_bits();
};

// 32 bits of the quotient in steps.high, 16 at a time: for divisors below 2^16.
void LongDivision::by_halves() {
  b.emit(Op::or_, {steps.high(), kZero, 0});
  b.emit(Op::lsr, {m, rest.low(), 16});
  for (int half = 0; half < 2; ++half) {
    b.emit(Op::lsl_add, {steps.low(), m, steps.low(), 16});
    for (int bit = 15; bit >= 0; --bit) b.emit(Op::div_step, {steps, divisor, steps, bit});
    if (half == 0) b.emit(Op::extuh, {m, rest.low()});
  }
}

// The same bit by bit: for divisors below 2^31, whose remainders can be doubled.
void LongDivision::by_bits() {
  constexpr int kUnroll = 8;
  b.emit(Op::or_, {n, kZero, 32 / kUnroll});
  const Label next = b.here();
  for (int bit = 0; bit < kUnroll; ++bit) {
    b.emit(Op::add, {rest.low(), rest.low(), rest.low()});
    b.emit(Op::addc, {steps.low(), steps.low(), steps.low()});
    b.emit(Op::div_step, {steps, divisor, steps, 0});
  }
  b.emit(Op::sub, {n, n, 1, Condition::nz, next});
}

// For any divisor: a carry out of the remainder asks for a subtraction too.
void LongDivision::by_wide_bits() {
  const Label subtract = b.label(), ended = b.label();
  b.emit(Op::or_, {n, kZero, 32});
  const Label next = b.here();
  b.emit(Op::add, {rest.low(), rest.low(), rest.low()});
  b.emit(Op::addc, {steps.low(), steps.low(), steps.low(), Condition::c, subtract});
  b.emit(Op::sub, {kZero, steps.low(), divisor, Condition::geu, subtract});
  b.emit(Op::sub, {n, n, 1, Condition::nz, next});
  emit_jump(b, ended);
  b.bind(subtract);
  b.emit(Op::sub, {steps.low(), steps.low(), divisor});
  b.emit(Op::add, {rest.low(), rest.low(), 1});
  b.emit(Op::sub, {n, n, 1, Condition::nz, next});
  b.bind(ended);
  b.emit(Op::or_, {steps.high(), rest.low(), 0});
}

// rest := remainder; (high, steps.high) := quotient.
void LongDivision::run() {
  const Label two_words = b.label(), low_word = b.label(), wide = b.label(), bits = b.label();
  const Label ended = b.label();
  b.emit(Op::or_, {high, kZero, 0});
  b.emit(Op::or_, {steps.low(), rest.high(), 0, Condition::nz, two_words});
  b.emit(Op::or_, {steps.low(), rest.low(), 0});
  emit_divide_words(b, steps, divisor, n, m);
  emit_jump(b, ended);
  // The quotient of the high word is that of the result; its remainder goes on with the low word.
  b.bind(two_words);
  b.emit(Op::sub, {kZero, steps.low(), divisor, Condition::ltu, low_word});
  emit_divide_words(b, steps, divisor, n, m);
  b.emit(Op::or_, {high, steps.high(), 0});
  b.bind(low_word);
  b.emit(Op::sub, {kZero, divisor, 0, Condition::mi, wide});
  b.emit(Op::lsr, {m, divisor, 16, Condition::nz, bits});
  by_halves();
  emit_jump(b, ended);
  b.bind(bits);
  by_bits();
  emit_jump(b, ended);
  b.bind(wide);
  by_wide_bits();
  b.bind(ended);
  b.emit(Op::or_, {rest.high(), kZero, 0});
  b.emit(Op::or_, {rest.low(), steps.low(), 0});
}

}  // namespace

void emit_divide_i64(Arithmetic& math, bool remainder) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const D x = math.w.pair(0), y = math.w.pair(2), divisor = math.w.pair(4), steps = math.w.pair(6);
  const R high = t[10], sign = t[11];
  const Label by_zero = b.label(), pairs = b.label(), result = b.label(), done = b.label();
  if (remainder)
    b.emit(Op::or_, {sign, x.high(), 0});
  else
    b.emit(Op::xor_, {sign, x.high(), y.high()});
  b.emit(Op::or_, {kZero, y.high(), y.low(), Condition::z, by_zero});
  emit_magnitude_wide(b, divisor, y);
  b.emit(Op::movd, {y, x});
  emit_magnitude_wide(b, x, y);
  b.emit(Op::sub, {kZero, divisor.high(), 0, Condition::nz, pairs});
  LongDivision{b, x, divisor.low(), high, steps, t[8], t[9]}.run();
  emit_jump(b, result);
  b.bind(pairs);
  emit_divide_pairs(b, x, divisor, y, steps.high(), t[8], t[9]);
  b.emit(Op::or_, {high, kZero, 0});
  b.bind(result);
  if (!remainder) {
    b.emit(Op::or_, {x.low(), steps.high(), 0});
    b.emit(Op::or_, {x.high(), high, 0});
  }
  b.emit(Op::sub, {kZero, sign, 0, Condition::pl, done});
  b.emit(Op::sub, {x.low(), 0, x.low()});
  b.emit(Op::subc, {x.high(), 0, x.high()});
  emit_jump(b, done);
  b.bind(by_zero);
  if (!remainder) {
    b.emit(Op::or_, {x.low(), kZero, 0});
    b.emit(Op::or_, {x.high(), kZero, 0});
  }
  b.bind(done);
}

}  // namespace pimjit::upmem
