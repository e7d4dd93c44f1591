#include "pimjit/core/ir/interval.h"

#include <algorithm>
#include <numeric>

namespace pimjit {
namespace {

// The non-negative remainder.
int64_t floor_mod(int64_t value, int64_t modulus) {
  const int64_t r = value % modulus;
  return r < 0 ? r + modulus : r;
}

// gcd over non-negative numbers and the remainder that belongs to it.
Congruence reduced(int64_t modulus, int64_t remainder) {
  if (modulus == 0) return {0, remainder};
  return {modulus, floor_mod(remainder, modulus)};
}

int64_t magnitude(int64_t value) {
  return value == INT64_MIN ? INT64_MAX : std::abs(value);
}

std::optional<int64_t> product(int64_t a, int64_t b) {
  int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

Congruence sum(const Congruence& a, const Congruence& b, bool minus) {
  const int64_t modulus = std::gcd(a.modulus, b.modulus);
  int64_t remainder = 0;
  const bool overflow = minus ? __builtin_sub_overflow(a.remainder, b.remainder, &remainder)
                              : __builtin_add_overflow(a.remainder, b.remainder, &remainder);
  return overflow ? Congruence{} : reduced(modulus, remainder);
}

// (m1 i + r1)(m2 j + r2) is r1 r2 modulo the gcd of m1 m2, m1 r2 and m2 r1.
Congruence times(const Congruence& a, const Congruence& b) {
  const auto mm = product(a.modulus, b.modulus);
  const auto mr = product(a.modulus, b.remainder);
  const auto rm = product(a.remainder, b.modulus);
  const auto rr = product(a.remainder, b.remainder);
  if (!mm || !mr || !rm || !rr) return {};
  if (*mr == INT64_MIN || *rm == INT64_MIN) return {};
  return reduced(std::gcd(std::gcd(*mm, std::abs(*mr)), std::abs(*rm)), *rr);
}

// Truncated quotient by a constant: known only where the division leaves no remainder.
Congruence quotient(const Congruence& a, int64_t divisor) {
  if (divisor <= 0 || a.modulus == 0 || !a.multiple_of(divisor)) return {};
  return reduced(a.modulus / divisor, a.remainder / divisor);
}

Congruence joined(const Congruence& a, const Congruence& b) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a.remainder, b.remainder, &difference) || difference == INT64_MIN)
    return {};
  return reduced(std::gcd(std::gcd(a.modulus, b.modulus), std::abs(difference)), a.remainder);
}

// What of a congruence is left when the value wraps at 2^bits.
Congruence after_wrap(const Congruence& a, int bits) {
  const int64_t power = int64_t{1} << std::min(bits, 62);
  return reduced(std::gcd(a.modulus, power), a.remainder);
}

Interval quotient(const Interval& a, const Interval& b, DType t) {
  const Interval full = full_range(t);
  if (a.contains(full.low) && b.contains(-1)) return full;  // MIN / -1 wraps
  if (b.single() && b.low != 0) {
    const int64_t p = a.low / b.low;
    const int64_t q = a.high / b.low;
    return {std::min(p, q), std::max(p, q)};
  }
  if (a.low >= 0 && b.low >= 0) return {0, a.high};
  // The quotient is not larger in magnitude than the dividend; by zero it is 0.
  const int64_t most = std::max(magnitude(a.low), magnitude(a.high));
  return {std::max(full.low, -most), std::min(full.high, most)};
}

// The remainder has the sign of the dividend and is not larger in magnitude; x % 0 is x.
Interval remainder(const Interval& a, const Interval& b) {
  Interval result{std::min<int64_t>(a.low, 0), std::max<int64_t>(a.high, 0)};
  if (b.contains(0) || b.low == INT64_MIN) return result;
  const int64_t largest = std::max(magnitude(b.low), magnitude(b.high));
  const int64_t smallest = b.low > 0 ? b.low : magnitude(b.high);
  if (a.low > -smallest && a.high < smallest) return a;  // smaller than every divisor
  return {std::max(result.low, -(largest - 1)), std::min(result.high, largest - 1)};
}

ValueFacts arithmetic(BinaryOp op, DType t, const ValueFacts& a, const ValueFacts& b) {
  std::optional<Interval> range;
  Congruence congruence;
  if (op == BinaryOp::mul) {
    range = multiply(a.range, b.range);
    congruence = times(a.congruence, b.congruence);
  } else {
    const bool minus = op == BinaryOp::sub;
    range = minus ? subtract(a.range, b.range) : add(a.range, b.range);
    congruence = sum(a.congruence, b.congruence, minus);
  }
  if (range && range->inside(full_range(t))) return {*range, congruence, true};
  return {full_range(t), after_wrap(congruence, bits_of(t)), false};
}

}  // namespace

Interval full_range(DType t) {
  if (is_float(t)) return {INT64_MIN, INT64_MAX};
  return {min_value(t), max_value(t)};
}
ValueFacts any_value(DType t) {
  return {full_range(t), {}, true};
}
ValueFacts one_value(int64_t value) {
  return {{value, value}, {0, value}, true};
}
ValueFacts in_range(int64_t low, int64_t high) {
  return low == high ? one_value(low) : ValueFacts{{low, high}, {}, true};
}

std::optional<Interval> add(const Interval& a, const Interval& b) {
  Interval r{};
  if (__builtin_add_overflow(a.low, b.low, &r.low) ||
      __builtin_add_overflow(a.high, b.high, &r.high))
    return std::nullopt;
  return r;
}
std::optional<Interval> subtract(const Interval& a, const Interval& b) {
  Interval r{};
  if (__builtin_sub_overflow(a.low, b.high, &r.low) ||
      __builtin_sub_overflow(a.high, b.low, &r.high))
    return std::nullopt;
  return r;
}
std::optional<Interval> multiply(const Interval& a, const Interval& b) {
  const auto p = product(a.low, b.low), q = product(a.low, b.high);
  const auto r = product(a.high, b.low), s = product(a.high, b.high);
  if (!p || !q || !r || !s) return std::nullopt;
  return Interval{std::min({*p, *q, *r, *s}), std::max({*p, *q, *r, *s})};
}

ValueFacts either(const ValueFacts& a, const ValueFacts& b) {
  return {{std::min(a.range.low, b.range.low), std::max(a.range.high, b.range.high)},
          joined(a.congruence, b.congruence),
          true};
}

ValueFacts wrapped_facts(DType t, const ValueFacts& a) {
  if (a.range.inside(full_range(t))) return {a.range, a.congruence, true};
  return {full_range(t), after_wrap(a.congruence, bits_of(t)), false};
}

ValueFacts combine_facts(BinaryOp op, DType t, const ValueFacts& a, const ValueFacts& b) {
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::sub:
    case BinaryOp::mul:
      return arithmetic(op, t, a, b);
    case BinaryOp::div: {
      const Congruence c = b.range.single() ? quotient(a.congruence, b.range.low) : Congruence{};
      const Interval range = quotient(a.range, b.range, t);
      // An inexact quotient is still a value of the type; exactness means that nothing wrapped.
      const bool wraps = a.range.contains(full_range(t).low) && b.range.contains(-1);
      return {range, range.single() ? Congruence{0, range.low} : c, !wraps};
    }
    case BinaryOp::mod: {
      const Interval range = remainder(a.range, b.range);
      if (range.single()) return one_value(range.low);
      if (!b.range.single() || b.range.low == 0 || b.range.low == INT64_MIN)
        return {range, {}, true};
      const int64_t divisor = std::abs(b.range.low);
      const Congruence c = reduced(std::gcd(a.congruence.modulus, divisor), a.congruence.remainder);
      // With the whole divisor in the modulus and a known sign, one remainder is left.
      if (c.modulus == divisor && a.range.low >= 0) return one_value(c.remainder);
      if (c.modulus == divisor && c.remainder == 0) return one_value(0);
      return {range, c, true};
    }
    case BinaryOp::min:
    case BinaryOp::max: {
      const auto pick = [op](int64_t x, int64_t y) {
        return op == BinaryOp::min ? std::min(x, y) : std::max(x, y);
      };
      const Interval range{pick(a.range.low, b.range.low), pick(a.range.high, b.range.high)};
      return {range, range.single() ? Congruence{0, range.low} : joined(a.congruence, b.congruence),
              true};
    }
    default:
      return {{0, 1}, {}, true};
  }
}

}  // namespace pimjit
