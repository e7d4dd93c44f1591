#include <gtest/gtest.h>

#include "pimjit/tests/support/boundary_kernel.h"

namespace pimjit {
namespace {

using test::without_linear_form;

// The condition of `if CONDITION { ... }`.
Expr condition(const Kernel& kernel) {
  return as<If>(kernel.body).condition;
}
bool follows(const std::string& given, const std::string& then) {
  const Kernel a = test::boundary_kernel("if " + given + " { a[0] = 1 }");
  const Kernel b = test::boundary_kernel("if " + then + " { a[0] = 1 }");
  Facts facts(a);
  return implies(condition(a), condition(b), facts);
}

TEST(Conditions, ImpliesWhatIsNoStronger) {
  EXPECT_TRUE(follows("$rows < 3", "$rows < 3"));
  EXPECT_TRUE(follows("$rows < 3", "$rows < 4"));
  EXPECT_TRUE(follows("$rows < 3", "$rows <= 2"));
  EXPECT_TRUE(follows("$rows <= 2", "$rows < 3"));
  EXPECT_TRUE(follows("@thread * 8 + 3 < $rows", "@thread * 8 < $rows"));
  EXPECT_TRUE(follows("$rows < 3 && $cols < 5", "$cols < 5"));
  EXPECT_TRUE(follows("$rows == 3", "$rows < 4"));
}

TEST(Conditions, ImpliesNothingElse) {
  EXPECT_FALSE(follows("$rows < 4", "$rows < 3"));
  EXPECT_FALSE(follows("$rows <= 3", "$rows < 3"));
  EXPECT_FALSE(follows("$rows < 3", "$cols < 3"));
  EXPECT_FALSE(follows("$rows < 3", "$rows < 3 && $cols < 5"));
  EXPECT_FALSE(follows("$rows < 3", "$rows == 3"));
  EXPECT_FALSE(follows("$rows == 3", "$rows < 3"));
  EXPECT_FALSE(follows("$rows != 3", "$rows < 3"));
  EXPECT_FALSE(follows("$rows < 3", "$rows != 3 && $rows == 3"));
  EXPECT_FALSE(follows("@thread * 8 < $rows", "@thread * 8 + 3 < $rows"));
  EXPECT_FALSE(follows("$rows < 3 || $cols < 3", "$rows < 3"));
  EXPECT_FALSE(follows("!($rows < 3)", "$rows < 3"));
  EXPECT_FALSE(follows("$rows < 3", "!($rows < 3)"));
  // Two integers apart may be one float.
  EXPECT_FALSE(follows("f32(i64($rows) + i64(@thread)) < f32(i64($cols) + i64(@thread))",
                       "f32(i64($rows)) < f32(i64($cols))"));
  // Numbers beyond 64 bits say nothing.
  const std::string zero = without_linear_form();
  EXPECT_FALSE(follows(zero + " < 3", zero + " < 4"));
  EXPECT_FALSE(follows("$rows < 3", zero + " < 4"));
  EXPECT_FALSE(follows(zero + " < 3", "$rows < 3"));
  const std::string far = " * 4611686018427387904:i64 < 3:i64";
  EXPECT_FALSE(follows("i64($rows)" + far, "i64($cols)" + far));
}

TEST(Conditions, FactsAreAsBefore) {
  const Kernel a = test::boundary_kernel("if $rows < 3 { a[0] = 1 }");
  Facts facts(a);
  static_cast<void>(implies(condition(a), condition(a), facts));
  EXPECT_FALSE(facts.always(condition(a)));
}

TEST(Conditions, StableIsWhatIsTheSameEverywhere) {
  const auto stable = [](const std::string& text) {
    return is_stable(condition(test::boundary_kernel("if " + text + " { a[0] = 1 }")));
  };
  EXPECT_TRUE(stable("$rows / 4 < @thread % 3"));
  EXPECT_FALSE(stable("a[0] < 3"));
  EXPECT_FALSE(stable("3 / $rows < 3"));
  EXPECT_FALSE(stable("3 % $rows < 3"));
  EXPECT_FALSE(stable("$rows / 0 < 3"));
}

TEST(Conditions, ComeApartAndTogether) {
  const Kernel k = test::boundary_kernel("if $rows < 3 && ($cols < 4 && @thread < 2) { a[0] = 1 }");
  const std::vector<Expr> parts = conjuncts(condition(k));
  EXPECT_EQ(parts.size(), 3u);
  EXPECT_EQ(conjuncts(all_of(parts)).size(), 3u);
  EXPECT_TRUE(conjuncts({}).empty());
  EXPECT_FALSE(all_of({}));
}

}  // namespace
}  // namespace pimjit
