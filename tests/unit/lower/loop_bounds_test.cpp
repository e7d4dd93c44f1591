#include "pimjit/core/lower/loop_bounds.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/simplify.h"
#include "pimjit/tests/support/boundary_kernel.h"

namespace pimjit {
namespace {

using namespace test;

// What becomes of `for VAR = 0 count COUNT { if CONDITION { ... } }`: "low .. high", either empty;
// "nothing" where it cannot be solved.
std::string solved(const std::string& condition, const std::string& head = "i = 0 count 8") {
  const Kernel k = boundary_kernel("for " + head + " { if " + condition + " { a[0] = 1 } }");
  const For& loop = as<For>(k.body);
  const Facts outside(k);
  Facts inside(k);
  inside.bind_loop(loop);
  const auto bounds = solve_for_loop(as<If>(loop.body).condition, loop, inside, outside);
  if (!bounds) return "nothing";
  const auto text = [&](const Expr& e) {
    return e ? to_text(simplify(e, outside), k) : std::string();
  };
  return text(bounds->low) + " .. " + text(bounds->high);
}
std::string solved_in_64_bits(const std::string& condition) {
  return solved(condition, "v = 0:i64 count 2:i64");
}

TEST(LoopBounds, SolvesForTheVariable) {
  EXPECT_EQ(solved("i < @thread"), " .. @thread");
  EXPECT_EQ(solved("@thread <= i"), "@thread .. ");
  EXPECT_EQ(solved("i == @thread"), "@thread .. @thread + 1");
  EXPECT_EQ(solved("i < i32($rows < 3) * 4"), " .. i32($rows < 3) * 4");
}

TEST(LoopBounds, TheVariableMustBeInIt) {
  EXPECT_EQ(solved("@thread < 3"), "nothing");
  EXPECT_EQ(solved("3 <= @thread"), "nothing");
  EXPECT_EQ(solved("i - i < @thread"), "nothing");
}

TEST(LoopBounds, BoundsMustNotWrap) {
  EXPECT_EQ(solved("i == $rows"), "nothing");
  EXPECT_EQ(solved("i64(i) == i64($rows) * 4:i64"), "nothing");
  EXPECT_EQ(solved("i64(i) < i64($rows) * 4:i64"), "nothing");
  EXPECT_EQ(solved("max($rows, 0) <= i * 4"), "nothing");
  // Factors that the loop's type does not hold.
  EXPECT_EQ(solved("i64(i) < i64(@thread / 2) * 5000000000:i64"), "nothing");
  EXPECT_EQ(solved("i64(@thread / 2) * 5000000000:i64 <= i64(i)"), "nothing");
}

TEST(LoopBounds, NumbersNearTheEndsOf64BitsAreLeftAlone) {
  EXPECT_EQ(solved_in_64_bits("v < 4611686018427387903:i64"), " .. 4611686018427387903:i64");
  EXPECT_EQ(solved_in_64_bits("v < 4611686018427387904:i64"), "nothing");
  EXPECT_EQ(solved_in_64_bits("v + 4611686018427387904:i64 < 0:i64"), "nothing");
  EXPECT_EQ(solved_in_64_bits("v * 4611686018427387904:i64 < 5:i64"), "nothing");
  EXPECT_EQ(solved_in_64_bits("5:i64 < v * 4611686018427387904:i64"), "nothing");
}

}  // namespace
}  // namespace pimjit
