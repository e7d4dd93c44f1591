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
// most 32 bits: rest := remainder, quotient := quotient. n, m are overwritten; the divisor too.
void emit_divide_pairs(Builder& b, D rest, D divisor, R quotient, R n, R m) {
  const Label done = b.label(), ready = b.label(), smaller = b.label();
  b.emit(Op::or_, {quotient, kZero, 0});
  b.emit(Op::clz, {n, divisor.high()});
  b.emit(Op::clz, {m, rest.high()});
  b.emit(Op::sub, {n, n, m, Condition::mi, done});
  b.emit(Op::lslx, {m, divisor.low(), n});
  b.emit(Op::lsl, {divisor.high(), divisor.high(), n});
  b.emit(Op::or_, {divisor.high(), divisor.high(), m});
  b.emit(Op::lsl, {divisor.low(), divisor.low(), n});
  b.bind(ready);
  b.emit(Op::add, {quotient, quotient, quotient});
  b.emit(Op::sub, {kZero, rest.low(), divisor.low()});
  b.emit(Op::subc, {kZero, rest.high(), divisor.high(), Condition::ltu, smaller});
  b.emit(Op::add, {quotient, quotient, 1});
  b.emit(Op::sub, {rest.low(), rest.low(), divisor.low()});
  b.emit(Op::subc, {rest.high(), rest.high(), divisor.high()});
  b.bind(smaller);
  b.emit(Op::lsrx, {m, divisor.high(), 1});
  b.emit(Op::lsr, {divisor.high(), divisor.high(), 1});
  b.emit(Op::lsr_add, {divisor.low(), m, divisor.low(), 1});
  b.emit(Op::sub, {n, n, 1, Condition::pl, ready});
  b.bind(done);
}

// rest := remainder of rest by divisor.low, whose high word is 0; (high, low) := quotient. steps is
// a pair for division steps; n, m are overwritten.
void emit_divide_by_word(Builder& b, D rest, R divisor, R high, D steps, R n, R m) {
  const Label two_words = b.label(), next = b.label(), subtract = b.label(), done = b.label();
  // First the high word, whose remainder is the high word of what is left.
  b.emit(Op::or_, {high, kZero, 0});
  b.emit(Op::or_, {steps.low(), rest.high(), 0, Condition::nz, two_words});
  b.emit(Op::or_, {steps.low(), rest.low(), 0});
  emit_divide_words(b, steps, divisor, n, m);
  b.emit(Op::or_, {rest.high(), kZero, 0});
  b.emit(Op::or_, {rest.low(), steps.low(), 0, Condition::always, done});
  b.bind(two_words);
  const Label by_bits = b.label();
  b.emit(Op::sub, {kZero, steps.low(), divisor, Condition::ltu, by_bits});
  emit_divide_words(b, steps, divisor, n, m);
  b.emit(Op::or_, {high, steps.high(), 0});
  b.bind(by_bits);
  // Then bit by bit: what is left and the quotient move through (steps.low, rest.low).
  b.emit(Op::or_, {n, kZero, 32});
  b.bind(next);
  b.emit(Op::add, {rest.low(), rest.low(), rest.low()});
  b.emit(Op::addc, {steps.low(), steps.low(), steps.low(), Condition::c, subtract});
  b.emit(Op::sub, {kZero, steps.low(), divisor, Condition::geu, subtract});
  b.emit(Op::sub, {n, n, 1, Condition::nz, next});
  const Label ended = b.label();
  emit_jump(b, ended);
  b.bind(subtract);
  b.emit(Op::sub, {steps.low(), steps.low(), divisor});
  b.emit(Op::add, {rest.low(), rest.low(), 1});
  b.emit(Op::sub, {n, n, 1, Condition::nz, next});
  b.bind(ended);
  b.emit(Op::or_, {steps.high(), rest.low(), 0});
  b.emit(Op::or_, {rest.high(), kZero, 0});
  b.emit(Op::or_, {rest.low(), steps.low(), 0});
  b.bind(done);
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
  emit_divide_by_word(b, x, divisor.low(), high, steps, t[8], t[9]);
  emit_jump(b, result);
  b.bind(pairs);
  emit_divide_pairs(b, x, divisor, steps.high(), t[8], t[9]);
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
