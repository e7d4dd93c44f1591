#include <gtest/gtest.h>

#include "pimjit/tests/support/boundary_kernel.h"

namespace pimjit {
namespace {

using namespace test;

struct Converted {
  std::string text;
  std::vector<std::string> facts;
};
Converted converted(const std::string& body,
                    void (*change)(Kernel&, KernelRules&, std::vector<BufferTraits>&) = nullptr) {
  Kernel kernel = boundary_kernel(body);
  KernelRules rules = boundary_rules(kernel);
  std::vector<BufferTraits> traits = boundary_traits(kernel);
  if (change != nullptr) change(kernel, rules, traits);
  FiringLog log(true);
  const Kernel result = convert_copies(kernel, rules, traits, log);
  EXPECT_TRUE(verify_kernel(result, KernelStage::structure, rules).has_value());
  return {body_of(result), log.lines()};
}
void expect_unchanged(const std::string& body,
                      void (*change)(Kernel&, KernelRules&, std::vector<BufferTraits>&) = nullptr) {
  const Converted c = converted(body, change);
  EXPECT_EQ(c.text, written(body));
  EXPECT_TRUE(c.facts.empty());
}

TEST(ConvertCopies, JoinsPiecesIntoOneCopy) {
  const Converted c =
      converted("for i = 0 count 8 { copy load a[@thread * 16 + i * 2] <- A[i * 2] count 2 }");
  EXPECT_EQ(c.text, "copy load a[@thread * 16] <- A[0] count 16\n");
  ASSERT_EQ(c.facts.size(), 1u);
  EXPECT_EQ(c.facts[0], "a <- A: 64 B in 1 copy; 1 loop is contiguous on both sides");
}

TEST(ConvertCopies, FoldsNestsFromTheInside) {
  EXPECT_EQ(converted("for i = 0 count 2 { for j = 0 count 4 { "
                      "copy load a[i * 8 + j * 2] <- A[i * 8 + j * 2] count 2 } }")
                .text,
            "copy load a[0] <- A[0] count 16\n");
  // Rows that lie apart in the bank stay a loop.
  EXPECT_EQ(converted("for i = 0 count 2 { for j = 0 count 4 { "
                      "copy load a[i * 8 + j * 2] <- A[i * 100 + j * 2] count 2 } }")
                .text,
            written("for i = 0 count 2 { copy load a[i * 8] <- A[i * 100] count 8 }"));
}

TEST(ConvertCopies, BlocksMayBeginAnywhere) {
  EXPECT_EQ(converted("for i = @thread count 8 { copy load a[i * 2] <- A[i * 2] count 2 }").text,
            "copy load a[@thread * 2] <- A[@thread * 2] count 16\n");
  // Other terms of an index, in front or behind, are no steps of the loop.
  EXPECT_EQ(
      converted("for j = 0 count 8 { copy load a[j * 2 + @thread * 4] <- A[j * 2] count 2 }").text,
      "copy load a[@thread * 4] <- A[0] count 16\n");
  EXPECT_EQ(converted("for k = 0 count 4 { for i = 0 count 8 { "
                      "copy load a[i * 2 + k * 16] <- A[i * 2 + k * 16] count 2 } }")
                .text,
            "copy load a[0] <- A[0] count 64\n");
}

TEST(ConvertCopies, SplitsAtTheMaximumOfTheLink) {
  // 150 elements are 600 B; a copy moves 256 B.
  EXPECT_EQ(converted("for i = 0 count 75 { copy load a[i * 2] <- A[i * 2] count 2 }").text,
            "for b = 0 count 2 {\n  copy load a[b * 64] <- A[b * 64] count 64\n}\n"
            "copy load a[128] <- A[128] count 22\n");
}

TEST(ConvertCopies, LeavesNoRestBelowTheMinimum) {
  const Converted c =
      converted("for i = 0 count 65 { copy load a[i * 2] <- A[i * 2] count 2 }",
                [](Kernel&, KernelRules& rules, auto&) { rules.links[0].min_bytes = 16; });
  // 520 B in pieces of 256 B would leave 8 B.
  EXPECT_EQ(c.text,
            "for b = 0 count 2 {\n  copy load a[b * 62] <- A[b * 62] count 62\n}\n"
            "copy load a[124] <- A[124] count 6\n");
}

TEST(ConvertCopies, ElementsMoveByTheLinkThatJoinsTheScopes) {
  EXPECT_EQ(converted("for i = 0 count 8 { b[i + 8] = a[i] }").text,
            "copy near b[8] <- a[0] count 8\n");
  expect_unchanged("for i = 0 count 8 { b[i + 8] = a[i] + 1 }");
  expect_unchanged("for i = 0 count 8 { b[i + 8] = b[i] }");
  expect_unchanged("for i = 0 count 8 { b[i + 8] = a[i] }", [](Kernel& k, KernelRules& r, auto&) {
    k.links.pop_back(), r.links.pop_back();
  });
}

TEST(ConvertCopies, ObeysMultipleMinimumAndAlignment) {
  expect_unchanged("for i = 0 count 7 { b[i] = a[i] }");      // 28 B
  expect_unchanged("for i = 0 count 8 { b[i + 1] = a[i] }");  // begins at byte 4
  expect_unchanged("for i = 0 count 8 { b[i] = a[i + 1] }");
  expect_unchanged("for i = 0 count 2 { b[i] = a[i] }",
                   [](Kernel&, KernelRules& rules, auto&) { rules.links[2].min_bytes = 16; });
  expect_unchanged("for i = 0 count 8 { b[i] = a[i] }",
                   [](Kernel& kernel, KernelRules&, auto&) { kernel.buffers[4].align = 4; });
}

TEST(ConvertCopies, NeedsTheNextPieceToFollowOnBothSides) {
  expect_unchanged("for i = 0 count 8 { copy load a[i * 4] <- A[i * 2] count 2 }");
  expect_unchanged("for i = 0 count 8 { copy load a[i * 2] <- A[i * 4] count 2 }");
  expect_unchanged("for i = 0 count 8 { copy load a[0] <- A[i * 2] count 2 }");
  expect_unchanged("for i = 0 count 8 { copy load a[i * 2] <- A[i / 2 * 2 + i * 2] count 2 }");
  expect_unchanged("for i = 0 count 8 { copy load a[i * 2] <- A[i * 2] count $rows }");
  expect_unchanged("for i = 0 count 8 { copy load a[0] <- A[0] count 0 }");
  // The copies might overwrite what they start from.
  expect_unchanged(
      "for i = min(max(b[0], 0), 4) count 8 { copy load b[i * 2] <- A[i * 2] count 2 }");
  expect_unchanged("for i = 0 count min($rows, 8) { copy load a[i * 2] <- A[i * 2] count 2 }");
  // Negative extents are empty loops; two of them are not a block.
  expect_unchanged(
      "for i = 0 count -40 { for j = 0 count -4 { copy load a[j * 2 - i * 8] <- A[j * 2 - i * 8] "
      "count 2 } }");
  // More than there is: the guard keeps it from running.
  expect_unchanged(
      "for i = 0 count 129 { if $rows < 3 { copy load a[i * 2] <- A[i * 2] count 2 } }");
  expect_unchanged("for i = 0 count 8 { copy load a[i * 2 + " + without_linear_form() +
                   "] <- A[i * 2] count 2 }");
  expect_unchanged("for i = 0 count 0 { copy load a[i * 2] <- A[i * 2] count 2 }");
  expect_unchanged("for i = 0 count $rows { copy load a[i * 2] <- A[i * 2] count 2 }");
  expect_unchanged("for i = 0 count 8 { copy load a[i * 2] <- A[i * 2] count 2 b[i] = 1 }");
}

TEST(ConvertCopies, AGuardThatHoldsFirstGuardsTheBlock) {
  const Converted c = converted(
      "for i = 0 count 8 { if @thread * 16 + i * 2 < 50 { "
      "copy load a[i * 2] <- A[@thread * 16 + i * 2] count 2 } }");
  EXPECT_EQ(c.text, written("if @thread * 16 + 0 * 2 < 50 { "
                            "copy load a[0] <- A[@thread * 16] count 16 }"));
  ASSERT_EQ(c.facts.size(), 1u);
  EXPECT_NE(c.facts[0].find("runs over the edge into padding of both"), std::string::npos);
}

TEST(ConvertCopies, AGuardThatHoldsLaterOnlyIsDropped) {
  EXPECT_EQ(converted("for i = 0 count 8 { if 6 < i * 2 { "
                      "copy load a[i * 2] <- A[i * 2] count 2 } }")
                .text,
            "copy load a[0] <- A[0] count 16\n");
}

TEST(ConvertCopies, AGuardThatDoesNotChangeStays) {
  EXPECT_EQ(converted("for i = 0 count 8 { if @thread < $rows { "
                      "copy load a[i * 2] <- A[i * 2] count 2 } }")
                .text,
            written("if @thread < $rows { copy load a[0] <- A[0] count 16 }"));
}

TEST(ConvertCopies, RunsOverEdgesOnlyIntoPadding) {
  const char* body =
      "for i = 0 count 8 { if i * 2 < $rows { copy load a[i * 2] <- A[i * 2] count 2 } }";
  expect_unchanged(
      body, [](Kernel&, KernelRules&, std::vector<BufferTraits>& t) { t[0].padded = false; });
  expect_unchanged(
      body, [](Kernel&, KernelRules&, std::vector<BufferTraits>& t) { t[3].padded = false; });
  // What does not fit is not run over, even so.
  expect_unchanged("for i = 0 count 8 { if 2 < i { copy load a[i * 2] <- A[i * 2 - 6] count 2 } }");
  expect_unchanged(
      "for i = 0 count 8 { if i * 2 < $rows { copy load a[i * 2] <- A[i * 2 + 1010] count 2 } }");
  expect_unchanged(
      "for i = 0 count 8 { if i * 2 < $rows { copy load a[i * 2 + 244] <- A[i * 2] count 2 } }");
}

TEST(ConvertCopies, KeepsGuardsThatReadMemoryOrHaveAnotherBranch) {
  expect_unchanged("for i = 0 count 8 { if b[0] < 3 { copy load a[i * 2] <- A[i * 2] count 2 } }");
  expect_unchanged(
      "for i = 0 count 8 { if $rows < 3 { copy load a[i * 2] <- A[i * 2] count 2 } "
      "else { b[0] = 1 } }");
}

}  // namespace
}  // namespace pimjit
