#include "pimjit/core/ir/arith.h"

#include <cmath>

#include <gtest/gtest.h>

#include "pimjit/tests/unit/ir/expr_eval.h"

namespace pimjit {
namespace {

constexpr BinaryOp kAll[] = {BinaryOp::add, BinaryOp::sub, BinaryOp::mul, BinaryOp::div,
                             BinaryOp::mod, BinaryOp::min, BinaryOp::max, BinaryOp::lt,
                             BinaryOp::le,  BinaryOp::eq,  BinaryOp::ne};

TEST(Arith, EveryPairOfBytesAsTheTestEvaluator) {
  for (const BinaryOp op : kAll) {
    for (int a = -128; a < 128; ++a) {
      for (int b = -128; b < 128; ++b) {
        const Expr e = make_binary(op, make_int(DType::i8, a), make_int(DType::i8, b));
        ASSERT_EQ(eval_int(op, DType::i8, a, b), sample::eval(e, {}).i)
            << to_string(op) << a << ' ' << b;
      }
    }
  }
}

TEST(Arith, EndsOfTheWidestType) {
  const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
  for (const BinaryOp op : kAll) {
    for (const int64_t a : ends) {
      for (const int64_t b : ends) {
        const Expr e = make_binary(op, make_int(DType::i64, a), make_int(DType::i64, b));
        EXPECT_EQ(eval_int(op, DType::i64, a, b), sample::eval(e, {}).i)
            << to_string(op) << a << ' ' << b;
      }
    }
  }
  EXPECT_EQ(eval_int(BinaryOp::div, DType::i64, INT64_MIN, -1), INT64_MIN);
  EXPECT_EQ(eval_int(BinaryOp::mod, DType::i64, INT64_MIN, -1), 0);
  EXPECT_EQ(eval_int(BinaryOp::div, DType::i64, 5, 0), 0);
  EXPECT_EQ(eval_int(BinaryOp::mod, DType::i64, 5, 0), 5);
}

TEST(Arith, Floats) {
  EXPECT_TRUE(std::isnan(eval_float(BinaryOp::min, NAN, 1)));
  EXPECT_TRUE(std::isnan(eval_float(BinaryOp::max, 1, NAN)));
  EXPECT_EQ(eval_float(BinaryOp::max, -INFINITY, 2), 2);
  EXPECT_EQ(eval_float(BinaryOp::mul, 1e-30f, 1e-10f), 1e-30f * 1e-10f);  // subnormal
  EXPECT_GT(eval_float(BinaryOp::mul, 1e-30f, 1e-10f), 0);
  EXPECT_FALSE(compare_float(BinaryOp::le, NAN, 1));
  EXPECT_TRUE(compare_float(BinaryOp::ne, NAN, NAN));
  EXPECT_TRUE(compare_float(BinaryOp::eq, 0.0f, -0.0f));
}

TEST(Arith, FloatToInteger) {
  EXPECT_EQ(float_to_int(DType::i8, 127.9f), 127);
  EXPECT_EQ(float_to_int(DType::i8, 128.0f), 127);
  EXPECT_EQ(float_to_int(DType::i8, -128.9f), -128);
  EXPECT_EQ(float_to_int(DType::i8, -1000.0f), -128);
  EXPECT_EQ(float_to_int(DType::i32, 2147483648.0f), 2147483647);
  EXPECT_EQ(float_to_int(DType::i32, -2147483648.0f), -2147483647 - 1);
  EXPECT_EQ(float_to_int(DType::i64, 9.3e18f), INT64_MAX);
  EXPECT_EQ(float_to_int(DType::i64, -INFINITY), INT64_MIN);
  EXPECT_EQ(float_to_int(DType::i32, -1.9f), -1);
  EXPECT_EQ(float_to_int(DType::i32, NAN), 0);
}

}  // namespace
}  // namespace pimjit
