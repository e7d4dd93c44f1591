#include <gtest/gtest.h>

#include "pimjit/core/ir/simplify.h"
#include "pimjit/tests/support/boundary_kernel.h"

namespace pimjit {
namespace {

using namespace test;

struct Tight {
  std::string text;
  std::vector<std::string> facts;
};
Tight tight(const std::string& body) {
  FiringLog log(true);
  const Kernel result = tighten_bounds(boundary_kernel(body), log);
  return {body_of(simplify(result)), log.lines()};
}
void expect_unchanged(const std::string& body) {
  FiringLog log(true);
  const Kernel kernel = boundary_kernel(body);
  const Kernel result = tighten_bounds(kernel, log);
  EXPECT_EQ(body_of(result), written(body));
  EXPECT_TRUE(result.body.same_as(kernel.body));
  EXPECT_TRUE(log.lines().empty());
}

TEST(TightenBounds, AnUpperBoundCutsTheEnd) {
  const Tight t = tight("for i = 0 count 32 { if @thread * 32 + i < 100 { a[i] = 1 } }");
  EXPECT_EQ(t.text, "for i = 0 count min(100 - @thread * 32, 32) {\n  a[i] = 1\n}\n");
  ASSERT_EQ(t.facts.size(), 1u);
  EXPECT_EQ(t.facts[0], "loop i: @thread * 32 + i < 100 is i < 100 - @thread * 32; nothing wraps");
}

TEST(TightenBounds, ALowerBoundCutsTheBeginning) {
  EXPECT_EQ(tight("for i = 0 count 32 { if 5 <= i { a[i] = 1 } }").text,
            "for i = 5 count 27 {\n  a[i] = 1\n}\n");
  EXPECT_EQ(tight("for i = 0 count 32 { if @thread * 3 < i { a[i] = 1 } }").text,
            "for i = @thread * 3 + 1 count 31 - @thread * 3 {\n  a[i] = 1\n}\n");
  EXPECT_EQ(tight("for i = 2 count 8 { if 5 <= i && i < 7 { a[i] = 1 } }").text,
            "for i = 5 count 2 {\n  a[i] = 1\n}\n");
}

TEST(TightenBounds, BothEndsIncludedAndEqual) {
  EXPECT_EQ(tight("for i = 0 count 32 { if i <= @thread { a[i] = 1 } }").text,
            "for i = 0 count @thread + 1 {\n  a[i] = 1\n}\n");
  EXPECT_EQ(tight("for i = 0 count 32 { if i == 7 { a[i] = 1 } }").text, "a[7] = 1\n");
  EXPECT_EQ(tight("for i = 0 count 32 { if 9 - i == @thread { a[i] = 1 } }").text,
            "for i = 9 - @thread count 10 - @thread - (9 - @thread) {\n  a[i] = 1\n}\n");
}

TEST(TightenBounds, FactorsDivide) {
  // 4 i < 100 - 31 t: i < ceil((100 - 31 t) / 4)
  EXPECT_EQ(tight("for i = 0 count 40 { if @thread * 31 + i * 4 < 100 { a[i] = 1 } }").text,
            "for i = 0 count (103 - @thread * 31) / 4 {\n  a[i] = 1\n}\n");
  // 3 i < 100: i < 34
  EXPECT_EQ(tight("for i = 0 count 40 { if i * 3 < 100 { a[i] = 1 } }").text,
            "for i = 0 count 34 {\n  a[i] = 1\n}\n");
  // A division that is no shift is dearer than the tests.
  expect_unchanged("for i = 0 count 40 { if @thread * 32 + i * 3 < 100 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 40 { if @thread * 32 <= i * 3 { a[i] = 1 } }");
  // 10 <= 3 i: i >= 4
  EXPECT_EQ(tight("for i = 0 count 40 { if 10 <= i * 3 { a[i] = 1 } }").text,
            "for i = 4 count 36 {\n  a[i] = 1\n}\n");
}

TEST(TightenBounds, ConditionsOfSeveralVariablesBoundEachInnerLoop) {
  const Tight t = tight(
      "for i = 0 count 8 { for j = 0 count 8 { if i * 8 + j < 50 && i * 4 + j < 30 { "
      "a[j] = 1 } } }");
  EXPECT_EQ(t.text,
            "for i = 0 count 7 {\n"
            "  for j = 0 count min(min(50 - i * 8, 30 - i * 4), 8) {\n"
            "    a[j] = 1\n  }\n}\n");
}

TEST(TightenBounds, InnerLoopsEndOuterOnesOnlyWhereTheyShrink) {
  const Tight t =
      tight("for i = 0 count 8 { for j = 0 count min(min(5 - i, i + 1), 9) { a[j] = 1 } }");
  EXPECT_EQ(t.text,
            "for i = 0 count 5 {\n  for j = 0 count min(5 - i, i + 1) {\n"
            "    a[j] = 1\n  }\n}\n");
}

TEST(TightenBounds, WhatDoesNotMentionTheVariableStaysInside) {
  EXPECT_EQ(tight("for i = 0 count 8 { if @thread < $rows && i < 5 { a[i] = 1 } }").text,
            "for i = 0 count 5 {\n  if @thread < $rows {\n    a[i] = 1\n  }\n}\n");
}

TEST(TightenBounds, MustNotFire) {
  expect_unchanged("for i = 0 count 8 { if i < 5 { a[i] = 1 } else { a[i] = 2 } }");
  expect_unchanged("for i = 0 count 8 { if i < 5 { a[i] = 1 } b[i] = 2 }");
  expect_unchanged("for i = 0 count 8 { if i % 4 < 2 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i + i % 4 < 5 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i * i < 10 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i != 5 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i < 5 || i < @thread { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i * 2 == 6 { a[i] = 1 } }");
  // Ends of inner loops that say nothing about this one.
  expect_unchanged("for i = 0 count 8 { for j = 0 count min(a[0] - i, 4) { a[j] = 1 } }");
  expect_unchanged("for i = 0 count 8 { for j = 0 count min($rows, 4) { a[j] = 1 } }");
  expect_unchanged("for i = 0 count 8 { for j = 0 count min(i + 1, 4) { a[j] = 1 } }");
  expect_unchanged("for i = 0 count 8 { for j = 0 count min(i * i - 3, 4) { a[j] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if !(i < 5) { a[i] = 1 } }");
  // Between i and its value as a float lies a rounding.
  expect_unchanged("for i = 0 count 8 { if f32(i) < f32(@thread) { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i < " + without_linear_form() + " { a[i] = 1 } }");
  // The memory that the bound is read from changes in the loop.
  expect_unchanged("for i = 0 count 8 { if i < a[0] { a[0] = i } }");
}

TEST(TightenBounds, MustNotFireWhereArithmeticMightWrap) {
  // An argument can be any number: rows + 1 may wrap.
  expect_unchanged("for i = 0 count 8 { if i <= $rows { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i + $rows < $cols { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if $rows < i { a[i] = 1 } }");
  // Bounds that the loop's type does not hold.
  expect_unchanged("for i = 0 count 8 { if i64(i) < 5000000000:i64 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if -5000000000:i64 < i64(i) { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i64(i) < i64($rows) * 5000000000:i64 { a[i] = 1 } }");
  expect_unchanged("for i = $rows count $cols { if i < 5 { a[0] = 1 } }");
  expect_unchanged("for j = -5 count 6 { for i = j count $cols { if i < 5 { a[0] = 1 } } }");
  expect_unchanged("for i = 5 count 8 { if i < $rows { a[0] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if $rows * 4 + i < 10 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i == $rows { a[i] = 1 } }");
}

TEST(TightenBounds, MustNotRoundNegativeBoundsTheWrongWay) {
  // i * 4 < -5 holds for i = -2 alone; -5 / 4 is -1 in kernels.
  expect_unchanged("for j = -5 count 9 { for i = -2 count 4 { if i * 4 < j { a[i + 2] = 1 } } }");
  expect_unchanged("for j = -5 count 9 { for i = -2 count 4 { if j <= i * 4 { a[i + 2] = 1 } } }");
}

}  // namespace
}  // namespace pimjit
