#include "pimjit/core/ir/interval.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/arith.h"
#include "pimjit/core/support/random.h"

namespace pimjit {
namespace {

// Random facts and a value that satisfies them.
ValueFacts random_facts(RandomStream& random, DType t, int64_t& value) {
  const int64_t low = random.between(min_value(t), max_value(t));
  const int64_t high = random.chance(0.5) ? std::min(max_value(t), low + random.between(0, 12))
                                          : random.between(low, max_value(t));
  value = random.between(low, high);
  ValueFacts facts{{low, high}, {}, true};
  if (low == high) return one_value(low);
  if (random.chance(0.5)) {
    const int64_t modulus = random.between(1, 9);
    facts.congruence = {modulus, ((value % modulus) + modulus) % modulus};
  }
  return facts;
}

bool satisfies(int64_t value, const ValueFacts& facts) {
  if (!facts.range.contains(value)) return false;
  const Congruence& c = facts.congruence;
  if (c.modulus == 0) return value == c.remainder;
  return ((value - c.remainder) % c.modulus) == 0;
}

TEST(Interval, OperationsAreSoundOnSmallTypes) {
  RandomStream random(3, "interval_test");
  constexpr BinaryOp kOps[] = {BinaryOp::add, BinaryOp::sub, BinaryOp::mul, BinaryOp::div,
                               BinaryOp::mod, BinaryOp::min, BinaryOp::max};
  for (int round = 0; round < 200000; ++round) {
    const DType t = random.chance(0.9) ? DType::i8 : DType::i16;
    int64_t x = 0, y = 0;
    const ValueFacts a = random_facts(random, t, x);
    const ValueFacts b = random_facts(random, t, y);
    const BinaryOp op = kOps[random.between(0, 6)];
    const ValueFacts result = combine_facts(op, t, a, b);
    const int64_t value = eval_int(op, t, x, y);
    ASSERT_TRUE(satisfies(value, result))
        << static_cast<int>(op) << ": " << x << ' ' << y << " gives " << value << " not in "
        << result.range.low << ".." << result.range.high << " mod " << result.congruence.modulus
        << " rem " << result.congruence.remainder;
    ASSERT_TRUE(satisfies(x, either(a, b)) && satisfies(y, either(a, b)));
    const DType narrow = DType::i8;
    ASSERT_TRUE(satisfies(wrap_to(narrow, x), wrapped_facts(narrow, a)));
    if (op == BinaryOp::add && result.exact) {
      ASSERT_EQ(value, x + y);
    }
    if (op == BinaryOp::mul && result.exact) {
      ASSERT_EQ(value, x * y);
    }
  }
}

TEST(Interval, SumsAndProductsAreTight) {
  const ValueFacts i = in_range(0, 9);
  const ValueFacts j = in_range(0, 15);
  const ValueFacts tile = combine_facts(BinaryOp::mul, DType::i32, i, one_value(16));
  EXPECT_EQ(tile.range, (Interval{0, 144}));
  EXPECT_TRUE(tile.congruence.multiple_of(16));
  const ValueFacts row = combine_facts(BinaryOp::add, DType::i32, tile, j);
  EXPECT_EQ(row.range, (Interval{0, 159}));
  EXPECT_EQ(row.congruence, (Congruence{1, 0}));
  EXPECT_EQ(combine_facts(BinaryOp::mod, DType::i32, row, one_value(16)).range, (Interval{0, 15}));
  EXPECT_EQ(combine_facts(BinaryOp::div, DType::i32, row, one_value(16)).range, (Interval{0, 9}));
  EXPECT_EQ(combine_facts(BinaryOp::mod, DType::i32, tile, one_value(8)).range, (Interval{0, 0}));
}

TEST(Interval, WrappingLosesTheRangeButNotPowersOfTwo) {
  const ValueFacts x = any_value(DType::i32);
  const ValueFacts scaled = combine_facts(BinaryOp::mul, DType::i32, x, one_value(24));
  EXPECT_FALSE(scaled.exact);
  EXPECT_EQ(scaled.range, full_range(DType::i32));
  EXPECT_TRUE(scaled.congruence.multiple_of(8));
  EXPECT_FALSE(scaled.congruence.multiple_of(3));
}

TEST(Interval, EndsOfTheWidestType) {
  const ValueFacts x = any_value(DType::i64);
  EXPECT_FALSE(combine_facts(BinaryOp::add, DType::i64, x, one_value(1)).exact);
  EXPECT_EQ(combine_facts(BinaryOp::div, DType::i64, x, one_value(-1)).range,
            full_range(DType::i64));
  EXPECT_FALSE(combine_facts(BinaryOp::div, DType::i64, x, one_value(-1)).exact);
  EXPECT_EQ(combine_facts(BinaryOp::mod, DType::i64, x, one_value(INT64_MIN)).range,
            full_range(DType::i64));
  EXPECT_FALSE(multiply({INT64_MIN, 0}, {-1, 0}));
  EXPECT_FALSE(add({0, INT64_MAX}, {1, 1}));
  EXPECT_FALSE(subtract({INT64_MIN, 0}, {1, 1}));
}

}  // namespace
}  // namespace pimjit
