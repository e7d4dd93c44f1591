#include "pimjit/core/plugin_kit/arithmetic.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace pimjit::kit {
namespace {

constexpr Type kIntegers[] = {Type::i8, Type::i16, Type::i32, Type::i64};

int64_t least(Type t) {
  return -(int64_t{1} << (8 * bytes_of(t) - 2)) * 2;
}
int64_t most(Type t) {
  return -(least(t) + 1);
}
int64_t op(BinaryOp o, Type t, int64_t a, int64_t b) {
  return integer_operation(o, t, a, b);
}
Value of(float x) {
  Value v;
  v.integer = 0;
  v.real = x;
  return v;
}
Value of(int64_t x) {
  Value v;
  v.integer = x;
  return v;
}

TEST(Arithmetic, IntegersWrap) {
  for (Type t : kIntegers) {
    EXPECT_EQ(op(BinaryOp::add, t, most(t), 1), least(t));
    EXPECT_EQ(op(BinaryOp::sub, t, least(t), 1), most(t));
    EXPECT_EQ(op(BinaryOp::mul, t, most(t), 2), -2);
    EXPECT_EQ(op(BinaryOp::mul, t, least(t), -1), least(t));
  }
}

TEST(Arithmetic, DivisionIsTotalAndTruncates) {
  for (Type t : kIntegers) {
    EXPECT_EQ(op(BinaryOp::div, t, -7, 2), -3);
    EXPECT_EQ(op(BinaryOp::mod, t, -7, 2), -1);
    EXPECT_EQ(op(BinaryOp::mod, t, 7, -2), 1);
    EXPECT_EQ(op(BinaryOp::div, t, 5, 0), 0);
    EXPECT_EQ(op(BinaryOp::mod, t, 5, 0), 5);
    EXPECT_EQ(op(BinaryOp::div, t, least(t), -1), least(t));
    EXPECT_EQ(op(BinaryOp::mod, t, least(t), -1), 0);
    for (int64_t x : {least(t), int64_t{-3}, int64_t{0}, int64_t{3}, most(t)}) {
      for (int64_t y : {least(t), int64_t{-2}, int64_t{-1}, int64_t{0}, int64_t{1}, most(t)}) {
        const int64_t whole = op(BinaryOp::mul, t, op(BinaryOp::div, t, x, y), y);
        EXPECT_EQ(op(BinaryOp::add, t, whole, op(BinaryOp::mod, t, x, y)), x) << x << ' ' << y;
      }
    }
  }
}

TEST(Arithmetic, NansWinMinAndMax) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (BinaryOp o : {BinaryOp::min, BinaryOp::max}) {
    EXPECT_TRUE(std::isnan(real_operation(o, nan, 1).real));
    EXPECT_TRUE(std::isnan(real_operation(o, 1, nan).real));
  }
  EXPECT_EQ(real_operation(BinaryOp::min, -2, 3).real, -2);
  EXPECT_EQ(real_operation(BinaryOp::max, -2, 3).real, 3);
}

TEST(Arithmetic, ComparisonsWithNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (BinaryOp o : {BinaryOp::lt, BinaryOp::le, BinaryOp::eq})
    EXPECT_EQ(real_operation(o, nan, 1).integer, 0);
  EXPECT_EQ(real_operation(BinaryOp::ne, nan, nan).integer, 1);
  EXPECT_EQ(real_operation(BinaryOp::eq, -0.0f, 0.0f).integer, 1);
}

TEST(Arithmetic, Casts) {
  EXPECT_EQ(cast(Type::i8, Type::i32, of(int64_t{200})).integer, -56);
  EXPECT_EQ(cast(Type::i64, Type::i8, of(int64_t{-1})).integer, -1);
  EXPECT_EQ(cast(Type::i32, Type::b1, of(int64_t{1})).integer, 1);
  EXPECT_EQ(cast(Type::i32, Type::f32, of(-2.9f)).integer, -2);
  EXPECT_EQ(cast(Type::i32, Type::f32, of(std::nanf(""))).integer, 0);
  for (Type t : kIntegers) {
    EXPECT_EQ(cast(t, Type::f32, of(1e30f)).integer, most(t));
    EXPECT_EQ(cast(t, Type::f32, of(-1e30f)).integer, least(t));
    EXPECT_EQ(cast(t, Type::f32, of(std::ldexp(-1.0f, 8 * bytes_of(t) - 1))).integer, least(t));
  }
  // 2^53 + 1 would round twice on its way through a double.
  EXPECT_EQ(cast(Type::f32, Type::i64, of((int64_t{1} << 53) + (int64_t{1} << 29) + 1)).real,
            9007200328482816.0f);
  EXPECT_EQ(cast(Type::f32, Type::i32, of(int64_t{16777217})).real, 16777216.0f);
}

TEST(Arithmetic, ElementsRoundTripThroughMemory) {
  unsigned char bytes[8] = {};
  for (Type t : kIntegers) {
    for (int64_t x : {least(t), int64_t{-1}, int64_t{0}, int64_t{1}, most(t)}) {
      store_element(t, of(x), bytes);
      EXPECT_EQ(load_element(t, bytes).integer, x);
    }
  }
  store_element(Type::f32, of(-1.5f), bytes);
  EXPECT_EQ(load_element(Type::f32, bytes).real, -1.5f);
  EXPECT_EQ(bytes[3], 0xBF);
}

TEST(Arithmetic, CombineSteps) {
  EXPECT_EQ(combine(CombineOp::sum, Type::i8, of(int64_t{100}), of(int64_t{100})).integer, -56);
  EXPECT_EQ(combine(CombineOp::prod, Type::i32, of(int64_t{6}), of(int64_t{7})).integer, 42);
  EXPECT_EQ(combine(CombineOp::min, Type::i32, of(int64_t{6}), of(int64_t{7})).integer, 6);
  EXPECT_EQ(combine(CombineOp::max, Type::f32, of(6.0f), of(7.0f)).real, 7.0f);
}

}  // namespace
}  // namespace pimjit::kit
