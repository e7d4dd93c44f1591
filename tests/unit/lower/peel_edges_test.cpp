#include <gtest/gtest.h>

#include "pimjit/core/ir/simplify.h"
#include "pimjit/tests/support/boundary_kernel.h"

namespace pimjit {
namespace {

using namespace test;

struct Peeled {
  std::string text;
  std::vector<std::string> facts;
};
Peeled peeled(const std::string& body) {
  FiringLog log(true);
  const Kernel result = peel_edges(boundary_kernel(body), log);
  return {body_of(simplify(result)), log.lines()};
}
void expect_unchanged(const std::string& body) {
  FiringLog log(true);
  EXPECT_EQ(body_of(peel_edges(boundary_kernel(body), log)), written(body));
  EXPECT_TRUE(log.lines().empty());
}

TEST(PeelEdges, WholeTilesAndTheRestApart) {
  const Peeled p =
      peeled("for i = 0 count 3 { for j = 0 count min(72 - i * 32, 32) { a[j] = i } }");
  EXPECT_EQ(p.text,
            "for i = 0 count 2 {\n  for j = 0 count 32 {\n    a[j] = i\n  }\n}\n"
            "for j = 0 count 8 {\n  a[j] = 2\n}\n");
  ASSERT_EQ(p.facts.size(), 1u);
  EXPECT_EQ(p.facts[0],
            "loop i: below 2, loop j has all of its 32 iterations: 72 - i * 32 is at least that");
}

TEST(PeelEdges, TheCutMayDependOnTheInstance) {
  EXPECT_EQ(peeled("for i = 0 count 4 { for j = 0 count min(50 - @thread * 20 - i * 4, 4) { "
                   "a[j] = i } }")
                .text,
            "let p = max(min((50 - @thread * 20) / 4, 4), 0) {\n"
            "  for i = 0 count p {\n    for j = 0 count 4 {\n      a[j] = i\n    }\n  }\n"
            "  for i = p count 4 - p {\n"
            "    for j = 0 count min(50 - @thread * 20 - i * 4, 4) {\n      a[j] = i\n    }\n"
            "  }\n}\n");
}

TEST(PeelEdges, OtherLimitsStay) {
  EXPECT_EQ(peeled("for i = 0 count 3 { for j = 0 count min(min($rows, 72 - i * 32), 32) { "
                   "a[j] = 1 } }")
                .text,
            "for i = 0 count 2 {\n  for j = 0 count min($rows, 32) {\n    a[j] = 1\n  }\n}\n"
            "for j = 0 count min($rows, 8) {\n  a[j] = 1\n}\n");
}

TEST(PeelEdges, TheSameLimitMayEndOtherLoopsEarlier) {
  EXPECT_EQ(peeled("for i = 0 count 3 { for j = 0 count min(72 - i * 32, 32) { a[j] = 1 } "
                   "for k = 0 count min(72 - i * 32, $rows) { b[k] = 1 } }")
                .text,
            "for i = 0 count 2 {\n  for j = 0 count 32 {\n    a[j] = 1\n  }\n"
            "  for k = 0 count min(72 - i * 32, $rows) {\n    b[k] = 1\n  }\n}\n"
            "for j = 0 count 8 {\n  a[j] = 1\n}\n"
            "for k = 0 count min($rows, 8) {\n  b[k] = 1\n}\n");
}

TEST(PeelEdges, TheRestIsNotPeeledAgain) {
  const Peeled p = peeled(
      "for i = 0 count 3 { for k = 0 count 3 { for j = 0 count min(10 - i * 4, 4) { "
      "for x = 0 count min(70 - k * 32, 32) { a[x] = j } } } }");
  EXPECT_EQ(
      p.text,
      "for i = 0 count 2 {\n"
      "  for k = 0 count 2 {\n"
      "    for j = 0 count 4 {\n      for x = 0 count 32 {\n        a[x] = j\n      }\n    }\n"
      "  }\n"
      "  for j = 0 count 4 {\n    for x = 0 count 6 {\n      a[x] = j\n    }\n  }\n"
      "}\n"
      "for k = 0 count 3 {\n  for j = 0 count 2 {\n"
      "    for x = 0 count min(70 - k * 32, 32) {\n      a[x] = j\n    }\n  }\n}\n");
}

TEST(PeelEdges, MustNotFire) {
  // Ends that grow, that do not depend on the loop, or that depend on what is bound in between.
  expect_unchanged("for i = 0 count 3 { for j = 0 count min(i * 32, 32) { a[j] = 1 } }");
  expect_unchanged("for i = 0 count 3 { for j = 0 count min($rows, 32) { a[j] = 1 } }");
  expect_unchanged("for i = 0 count 3 { for j = 0 count 72 - i * 32 { a[j] = 1 } }");
  expect_unchanged(
      "for i = 0 count 3 { let x = $rows { for j = 0 count min(72 - i * 32 - x, 32) "
      "{ a[j] = 1 } } }");
  expect_unchanged(
      "for i = 0 count 3 { for k = 0 count 2 { "
      "for j = 0 count min(72 - i * 32 - k * $rows, 32) { a[j] = 1 } } }");
  expect_unchanged(
      "for v = 0:i64 count 3:i64 { let x = $rows { for w = 0:i64 count "
      "min(72:i64 - v * 32:i64 - i64(x), 32:i64) { a[w] = 1 } } }");
  // The memory may change between the two.
  expect_unchanged("for i = 0 count 3 { for j = 0 count min(a[0] - i * 32, 32) { a[j] = 1 } }");
  // Instances may cut at different places and would wait at different barriers.
  expect_unchanged(
      "for i = 0 count 3 { for j = 0 count min(72 - @thread - i * 32, 32) { "
      "a[j] = 1 } barrier thread }");
  expect_unchanged(
      "for i = 0 count 3 { for j = 0 count min(72 - @thread - i * 32, 32) { "
      "a[j] = 1 } combine thread sum a[@thread * 4] elements 4 stride 1 count 4 }");
  // Code that would grow too much.
  expect_unchanged(
      "for i = 0 count 3 { for j = 0 count min(72 - i * 32, 32) unrolled(200) { "
      "a[j] = 1 } }");
}

TEST(PeelEdges, MustNotFireWhereArithmeticMightWrap) {
  expect_unchanged("for i = 0 count 3 { for j = 0 count min($rows - i * 32, 32) { a[j] = 1 } }");
  expect_unchanged("for i = $rows count $cols { for j = 0 count min(72 - i, 32) { a[j] = 1 } }");
  expect_unchanged(
      "for k = -5 count 6 { for i = k count $cols { for j = 0 count min(72 - i, 32) { a[j] = 1 } "
      "} }");
}

}  // namespace
}  // namespace pimjit
