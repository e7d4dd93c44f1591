#ifndef PIMJIT_CORE_IR_INTERVAL_H_
#define PIMJIT_CORE_IR_INTERVAL_H_

#include <cstdint>
#include <optional>

#include "pimjit/core/ir/node.h"
#include "pimjit/core/support/dtype.h"

namespace pimjit {

// All integers low..high, both included; low <= high.
struct Interval {
  int64_t low, high;
  bool single() const { return low == high; }
  bool contains(int64_t value) const { return low <= value && value <= high; }
  bool inside(const Interval& other) const { return other.low <= low && high <= other.high; }
  bool operator==(const Interval&) const = default;
};

// The integers congruent to `remainder` modulo `modulus`; modulus 0 is the one integer `remainder`,
// modulus 1 is all.
struct Congruence {
  int64_t modulus = 1;
  int64_t remainder = 0;
  // Whether all of them are multiples of `n` (n > 0).
  bool multiple_of(int64_t n) const { return modulus % n == 0 && remainder % n == 0; }
  bool operator==(const Congruence&) const = default;
};

// What is known about a value of an integer type (or b1, as 0 and 1). Facts are sound: the value is
// in the range and satisfies the congruence. `exact`: the operation that gave the value did not
// wrap, for any operands in their ranges.
struct ValueFacts {
  Interval range;
  Congruence congruence;
  bool exact = true;
};

Interval full_range(DType t);  // for f32, everything
ValueFacts any_value(DType t);
ValueFacts one_value(int64_t value);
ValueFacts in_range(int64_t low, int64_t high);

// Facts of an operation on values of type `t` with these facts, wrapping considered.
ValueFacts combine_facts(BinaryOp op, DType t, const ValueFacts& a, const ValueFacts& b);
// Facts of a value that is one of two.
ValueFacts either(const ValueFacts& a, const ValueFacts& b);
// Facts of a value brought to integer type `t` by wrapping.
ValueFacts wrapped_facts(DType t, const ValueFacts& a);

// Without wrapping: the hull of all results, or nothing where an end does not fit 64 bits.
std::optional<Interval> add(const Interval& a, const Interval& b);
std::optional<Interval> subtract(const Interval& a, const Interval& b);
std::optional<Interval> multiply(const Interval& a, const Interval& b);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_INTERVAL_H_
