#include "pimjit/core/ir/expr.h"

#include <cmath>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

Expr sum_of(int terms) {
  Expr e = make_int(DType::i32, 0);
  for (int i = 1; i < terms; ++i) e = make_binary(BinaryOp::add, e, make_int(DType::i32, i));
  return e;
}

TEST(Expr, ConstantsWrapToTheirType) {
  EXPECT_EQ(*as_int_constant(make_int(DType::i8, 200)), -56);
  EXPECT_EQ(*as_int_constant(make_int(DType::i64, INT64_MIN)), INT64_MIN);
  EXPECT_EQ(*as_int_constant(make_bool(true)), 1);
  EXPECT_EQ(as_int_constant(make_float(1)), nullptr);
}

TEST(Expr, ComparisonsGiveConditions) {
  const Expr x = make_var(DType::i64, 0);
  EXPECT_EQ(make_binary(BinaryOp::le, x, x)->dtype, DType::b1);
  EXPECT_EQ(make_binary(BinaryOp::min, x, x)->dtype, DType::i64);
  EXPECT_FALSE(takes(BinaryOp::mod, DType::f32));
  EXPECT_FALSE(takes(BinaryOp::add, DType::b1));
  EXPECT_FALSE(takes(BinaryOp::logical_and, DType::i32));
  EXPECT_TRUE(takes(BinaryOp::eq, DType::b1));
}

TEST(Expr, ACastToTheOwnTypeIsTheOperand) {
  const Expr x = make_var(DType::i64, 0);
  EXPECT_TRUE(make_cast(DType::i64, x).same_as(x));
  EXPECT_EQ(make_cast(DType::i8, x)->kind, ExprKind::Cast);
}

TEST(Expr, EqualityIsStructural) {
  EXPECT_TRUE(equal(sum_of(5), sum_of(5)));
  EXPECT_FALSE(equal(sum_of(5), sum_of(6)));
  EXPECT_FALSE(equal(make_int(DType::i32, 1), make_int(DType::i64, 1)));
  EXPECT_FALSE(equal(make_float(0.0f), make_float(-0.0f)));
  EXPECT_TRUE(equal(make_float(NAN), make_float(NAN)));
  EXPECT_FALSE(equal(Expr{}, sum_of(1)));
  const Expr x = make_var(DType::i32, 0);
  const Expr y = make_var(DType::i32, 1);
  EXPECT_FALSE(equal(make_binary(BinaryOp::sub, x, y), make_binary(BinaryOp::sub, y, x)));
}

TEST(Expr, HashAgreesWithEquality) {
  EXPECT_EQ(hash_of(sum_of(9)), hash_of(sum_of(9)));
  EXPECT_NE(hash_of(sum_of(9)), hash_of(sum_of(8)));
  EXPECT_NE(hash_of(sum_of(9)), hash_of(sum_of(9), 1));
  const Expr x = make_var(DType::i32, 0);
  const Expr y = make_var(DType::i32, 1);
  EXPECT_NE(hash_of(make_binary(BinaryOp::sub, x, y)), hash_of(make_binary(BinaryOp::sub, y, x)));
}

TEST(Expr, DeepTreesNeedNoStack) {
  constexpr int kDeep = 1000000;
  Expr a = sum_of(kDeep);
  const Expr b = sum_of(kDeep);
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash_of(a), hash_of(b));
  a = {};  // frees the tree
}

TEST(Expr, SharedPartsOutliveATree) {
  const Expr shared = sum_of(100);
  {
    const Expr user = make_not(make_binary(BinaryOp::lt, shared, make_int(DType::i32, 3)));
    EXPECT_EQ(shared->references.load(), 2u);
  }
  EXPECT_EQ(shared->references.load(), 1u);
  EXPECT_TRUE(equal(shared, sum_of(100)));
}

}  // namespace
}  // namespace pimjit
