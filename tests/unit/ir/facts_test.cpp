#include "pimjit/core/ir/facts.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/linear.h"
#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"

namespace pimjit {
namespace {

// Expressions are written as the condition of an `if`.
struct FactsTest : testing::Test {
  Kernel k;
  Expr condition(const std::string& text) {
    const auto parsed = parse_kernel(R"(kernel k {
      level unit independent 4  level thread independent 16  scope s at unit  param n i32
      buffer small i32 local s elements 64 align 8 range 0..9
      buffer any i32 local s elements 64 align 8
      var i i32 var j i32 var b i8 var w i64
      body { if )" + text + " { } } }");
    EXPECT_TRUE(parsed) << parsed.error().message();
    k = *parsed;
    return as<If>(k.body).condition;
  }
  // i in 0..5, j in 0..15, b any, w in -8..8.
  Facts facts() {
    Facts f(k);
    f.bind(0, in_range(0, 5));
    f.bind(1, in_range(0, 15));
    f.bind(3, in_range(-8, 8));
    return f;
  }
  std::string proved(const std::string& text) {
    const Expr c = condition(text);
    const auto value = facts().prove(c);
    return !value ? "unknown" : *value ? "true" : "false";
  }
  // Truth of `text` where `given` holds.
  std::string under(const std::string& given, const std::string& text, bool holds = true) {
    const Expr c = condition("(" + given + ") && (" + text + ")");
    Facts f = facts();
    f.assume(as<Binary>(c).a, holds);
    const auto value = f.prove(as<Binary>(c).b);
    return !value ? "unknown" : *value ? "true" : "false";
  }
};

TEST_F(FactsTest, ProvesTileGuards) {
  EXPECT_EQ(proved("i * 16 + j < 96"), "true");
  EXPECT_EQ(proved("i * 16 + j < 95"), "unknown");
  EXPECT_EQ(proved("i * 16 + j < 0"), "false");
  EXPECT_EQ(proved("0 <= i * 16 + j"), "true");
  EXPECT_EQ(proved("i * 16 + j < i * 16 + 16"), "true");
  EXPECT_EQ(proved("i * 16 + j < i * 16 + 15"), "unknown");
  EXPECT_EQ(proved("i64(i) * 16:i64 + i64(j) < 96:i64"), "true");
  EXPECT_EQ(proved("@thread < 16 && @unit < 4"), "true");
  EXPECT_EQ(proved("16 <= @thread || 4 <= @unit"), "false");
}

TEST_F(FactsTest, RespectsWrapping) {
  EXPECT_EQ(proved("$n < $n + 1"), "unknown");
  EXPECT_EQ(proved("b < b + 1:i8"), "unknown");
  EXPECT_EQ(proved("i < i + 1"), "true");
  EXPECT_EQ(proved("$n * 2 == 1"), "unknown");  // not taken apart because it may wrap
  EXPECT_EQ(proved("i * 2 == 1"), "false");
  EXPECT_EQ(proved("i * 6 + j * 4 != 3"), "true");
  EXPECT_EQ(proved("i8(i * 100) < 100:i8"), "unknown");
}

TEST_F(FactsTest, UsesDeclaredRanges) {
  EXPECT_EQ(proved("small[i] < 10"), "true");
  EXPECT_EQ(proved("small[i] < 9"), "unknown");
  EXPECT_EQ(proved("any[i] < 10"), "unknown");
  EXPECT_EQ(proved("select($n < 0, small[0], 12) < 13"), "true");
}

TEST_F(FactsTest, AssumptionsNarrowAndRepeat) {
  EXPECT_EQ(under("$n < 10", "$n < 11"), "true");
  EXPECT_EQ(under("$n < 10", "$n < 9"), "unknown");
  EXPECT_EQ(under("$n < 10", "10 <= $n", false), "true");
  EXPECT_EQ(under("i * 16 + j < $n", "i * 16 + j < $n"), "true");
  EXPECT_EQ(under("i * 16 + j < $n", "!(i * 16 + j < $n)"), "false");
  EXPECT_EQ(under("i * 16 + j < 40", "i < 3"), "true");
  EXPECT_EQ(under("i * 16 + j < 40", "i < 2"), "unknown");
  EXPECT_EQ(under("40 <= i * 16 + j", "1 < i"), "true");
  EXPECT_EQ(under("$n == 7", "$n * 2 == 14"), "true");
  EXPECT_EQ(under("i < 2 || j < 3", "i < 2", false), "false");
  EXPECT_EQ(under("i < 2 || j < 3", "i < 2"), "unknown");
  EXPECT_EQ(under("w < -3:i64 && -6:i64 <= w", "w < 0:i64 && -7:i64 < w"), "true");
}

TEST_F(FactsTest, ConditionsOnMemoryAreNotRemembered) {
  EXPECT_EQ(under("any[0] < 3", "any[0] < 3"), "unknown");
  EXPECT_EQ(under("any[0] < 3", "any[0] < 5"), "unknown");
}

TEST_F(FactsTest, ScopesEnd) {
  const Expr c = condition("$n < 10");
  Facts f = facts();
  const size_t mark = f.mark();
  f.assume(c);
  EXPECT_TRUE(f.always(c));
  f.restore(mark);
  EXPECT_FALSE(f.prove(c));
}

TEST_F(FactsTest, LoopsBoundTheirVariable) {
  condition("i < 1");
  Facts f(k);
  const Expr n = make_param(DType::i32, 0);
  f.bind_loop(as<For>(make_for(0, make_int(DType::i32, 3), make_int(DType::i32, 4),
                               LoopKind::serial, 0, make_seq({}))));
  EXPECT_EQ(f.range(make_var(DType::i32, 0)), (Interval{3, 6}));
  f.bind_loop(as<For>(make_for(1, n, n, LoopKind::serial, 0, make_seq({}))));
  EXPECT_EQ(f.range(make_var(DType::i32, 1)), full_range(DType::i32));
  f.bind_loop(as<For>(make_for(1, make_int(DType::i32, 0), n, LoopKind::serial, 0, make_seq({}))));
  EXPECT_EQ(f.range(make_var(DType::i32, 1)), (Interval{0, INT32_MAX - 1}));
}

TEST_F(FactsTest, LinearForms) {
  const Expr c = condition("i * 16 + j - (i * 4 - 3) < $n * 2");
  const Facts f = facts();
  const auto form = linear_form(as<Binary>(c).a, f);
  ASSERT_TRUE(form);
  ASSERT_EQ(form->terms.size(), 2u);
  EXPECT_EQ(form->terms[0].coefficient, 12);
  EXPECT_EQ(form->terms[1].coefficient, 1);
  EXPECT_EQ(form->constant, 3);
  EXPECT_EQ(range_of(*form, f), (Interval{3, 78}));
  const auto wraps = linear_form(as<Binary>(c).b, f);
  ASSERT_TRUE(wraps);
  ASSERT_EQ(wraps->terms.size(), 1u);
  EXPECT_EQ(wraps->terms[0].coefficient, 1);
  EXPECT_EQ(to_text(wraps->terms[0].atom, k), "$n * 2");
  const auto zero = difference(as<Binary>(c).a, as<Binary>(c).a, f);
  ASSERT_TRUE(zero);
  EXPECT_TRUE(zero->terms.empty());
  EXPECT_EQ(step_of(*form), 1);
}

}  // namespace
}  // namespace pimjit
