#include "pimjit/core/interp/scalar_ops.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();
const float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(ScalarOps, WrapIntegers) {
  EXPECT_EQ(integer_binary(BinaryOp::add, DType::i8, 127, 1), -128);
  EXPECT_EQ(integer_binary(BinaryOp::mul, DType::i32, 1 << 20, 1 << 20), 0);
  EXPECT_EQ(integer_binary(BinaryOp::sub, DType::i64, kMin64, 1),
            std::numeric_limits<int64_t>::max());
}

TEST(ScalarOps, DivideTowardZeroAndTotally) {
  EXPECT_EQ(integer_binary(BinaryOp::div, DType::i32, -7, 2), -3);
  EXPECT_EQ(integer_binary(BinaryOp::mod, DType::i32, -7, 2), -1);
  EXPECT_EQ(integer_binary(BinaryOp::div, DType::i32, 5, 0), 0);
  EXPECT_EQ(integer_binary(BinaryOp::mod, DType::i32, 5, 0), 5);
  for (const DType t : {DType::i8, DType::i16, DType::i32, DType::i64}) {
    EXPECT_EQ(integer_binary(BinaryOp::div, t, min_value(t), -1), min_value(t));
    EXPECT_EQ(integer_binary(BinaryOp::mod, t, min_value(t), -1), 0);
  }
}

TEST(ScalarOps, GiveNanFromMinAndMaxOfNan) {
  EXPECT_TRUE(std::isnan(real_binary(BinaryOp::min, kNan, 1)));
  EXPECT_TRUE(std::isnan(real_binary(BinaryOp::max, 1, kNan)));
  EXPECT_EQ(real_binary(BinaryOp::min, 2, 1), 1);
  EXPECT_TRUE(real_compare(BinaryOp::ne, kNan, kNan));
  EXPECT_FALSE(real_compare(BinaryOp::le, kNan, kNan));
}

TEST(ScalarOps, Cast) {
  const auto from_real = [](DType to, float x) {
    return cast(to, DType::f32, Value{0, x, Poison::none}).integer;
  };
  EXPECT_EQ(from_real(DType::i8, 300.0f), 127);
  EXPECT_EQ(from_real(DType::i8, -128.9f), -128);
  EXPECT_EQ(from_real(DType::i32, -1.9f), -1);
  EXPECT_EQ(from_real(DType::i64, 1e30f), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(from_real(DType::i64, -1e30f), kMin64);
  EXPECT_EQ(from_real(DType::i32, kNan), 0);
  EXPECT_EQ(cast(DType::i8, DType::i32, Value{200, 0, Poison::none}).integer, -56);
  EXPECT_EQ(cast(DType::f32, DType::i64, Value{(int64_t{1} << 24) + 1, 0, Poison::none}).real,
            16777216.0f);
}

TEST(ScalarOps, CarryPoisonExceptWhereOneSideDecides) {
  const Value poison{1, 0, Poison::padding}, no{0, 0, Poison::none}, yes{1, 0, Poison::none};
  EXPECT_EQ(binary(BinaryOp::add, DType::i32, poison, yes).poison, Poison::derived);
  EXPECT_EQ(binary(BinaryOp::mul, DType::i32, yes, poison).poison, Poison::derived);
  EXPECT_EQ(binary(BinaryOp::logical_and, DType::b1, poison, no).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::logical_or, DType::b1, yes, poison).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::logical_or, DType::b1, no, poison).poison, Poison::derived);
  EXPECT_EQ(cast(DType::i8, DType::i32, poison).poison, Poison::padding);
}

TEST(ScalarOps, OneOperandMayDecideWhateverTheOtherHolds) {
  const Value poison{7, 0, Poison::padding}, zero{0, 0, Poison::none};
  const Value least{-128, 0, Poison::none}, greatest{127, 0, Poison::none};
  EXPECT_EQ(binary(BinaryOp::mul, DType::i32, zero, poison).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::mul, DType::i32, poison, zero).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::mul, DType::f32, zero, poison).poison, Poison::derived);
  EXPECT_EQ(binary(BinaryOp::div, DType::i32, zero, poison).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::div, DType::i32, poison, zero).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::mod, DType::i32, zero, poison).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::mod, DType::i32, poison, zero).poison, Poison::derived);
  EXPECT_EQ(binary(BinaryOp::min, DType::i8, least, poison).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::min, DType::i8, greatest, poison).poison, Poison::derived);
  EXPECT_EQ(binary(BinaryOp::max, DType::i8, poison, greatest).poison, Poison::none);
  EXPECT_EQ(binary(BinaryOp::max, DType::i32, poison, greatest).poison, Poison::derived);
}

TEST(ScalarOps, PoisonStaysWithStoredValues) {}

TEST(ScalarOps, StoreMarksMemoryAsWritten) {
  std::byte data[4];
  uint8_t shadow[4] = {1, 1, 1, 1};
  store_value(data, shadow, DType::i32, Value{5, 0, Poison::uninitialised});
  EXPECT_EQ(poison_of(shadow, 4), Poison::derived);
  store_value(data, shadow, DType::i16, Value{-2, 0, Poison::none});
  EXPECT_EQ(load_value(data, shadow, DType::i16).integer, -2);
  EXPECT_EQ(poison_of(shadow, 4), Poison::derived);
}

}  // namespace
}  // namespace pimjit
