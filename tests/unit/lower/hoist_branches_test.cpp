#include <gtest/gtest.h>

#include "pimjit/tests/support/boundary_kernel.h"

namespace pimjit {
namespace {

using namespace test;

std::string hoisted(const std::string& body,
                    void (*change)(Kernel&, std::vector<BufferTraits>&) = nullptr) {
  Kernel kernel = boundary_kernel(body);
  std::vector<BufferTraits> traits = boundary_traits(kernel);
  if (change != nullptr) change(kernel, traits);
  FiringLog log(true);
  const Kernel result = hoist_branches(kernel, traits, log);
  EXPECT_EQ(log.lines().empty(), equal(result.body, kernel.body));
  return body_of(result);
}
void expect_becomes(const std::string& body, const std::string& result) {
  EXPECT_EQ(hoisted(body), written(result));
}
void expect_unchanged(const std::string& body,
                      void (*change)(Kernel&, std::vector<BufferTraits>&) = nullptr) {
  EXPECT_EQ(hoisted(body, change), written(body));
}

TEST(HoistBranches, OutOfLoopsThatDoNotChangeIt) {
  expect_becomes("for i = 0 count 8 { for j = 0 count 8 { if @thread < $rows { a[j] = 1 } } }",
                 "if @thread < $rows { for i = 0 count 8 { for j = 0 count 8 { a[j] = 1 } } }");
  expect_becomes("for i = 0 count 8 { for j = 0 count 8 { if i < $rows && j < 5 { a[j] = 1 } } }",
                 "for i = 0 count 8 { if i < $rows { for j = 0 count 8 { if j < 5 { a[j] = 1 } } "
                 "} }");
  expect_becomes("for i = 0 count 8 { if @thread < $rows { a[i] = 1 } else { a[i] = 2 } }",
                 "if @thread < $rows { for i = 0 count 8 { a[i] = 1 } } "
                 "else { for i = 0 count 8 { a[i] = 2 } }");
  expect_becomes("let x = $rows * 2 { if @thread < $rows { a[x] = 1 } }",
                 "if @thread < $rows { let x = $rows * 2 { a[x] = 1 } }");
}

TEST(HoistBranches, LoopsThatMayBeEmptyAreBranches) {
  expect_becomes("for i = 0 count 8 { for j = 0 count min($rows, 4) { a[j] = 1 } }",
                 "if 0 < $rows { for i = 0 count 8 { for j = 0 count min($rows, 4) { a[j] = 1 } } "
                 "}");
}

TEST(HoistBranches, StaysInsideWhatChangesIt) {
  expect_unchanged("for i = 0 count 8 { if i < $rows { a[i] = 1 } }");
  // What always holds is left to be simplified away.
  expect_unchanged("for i = 0 count 8 { if @thread < 4 { a[i] = 1 } }");
  expect_unchanged("for i = 0 count 8 { if i < $rows { a[i] = 1 } else { a[i] = 2 } }");
  expect_unchanged("for i = 0 count 8 { if a[0] < 5 { a[0] = a[0] + i } }");
  expect_unchanged("for i = 0 count 8 { if a[0] < 5 { a[0] = 1 } else { a[0] = a[0] + 1 } }");
  expect_unchanged("let x = $rows * 2 { if x < 5 { a[0] = 1 } }");
  // Where the loop runs nothing, neither does the division.
  expect_unchanged("for i = 0 count $cols { if 5 / $rows < 3 { a[i] = 1 } }");
}

TEST(HoistBranches, DeadCopiesSinkIntoTheBranch) {
  expect_becomes(
      "copy load a[@thread * 8] <- A[0] count 8 "
      "for j = 0 count 8 { if @thread < $rows { c[j] = a[@thread * 8 + j] } }",
      "if @thread < $rows { copy load a[@thread * 8] <- A[0] count 8 "
      "for j = 0 count 8 { c[j] = a[@thread * 8 + j] } }");
  // With the initialisation of what is accumulated, up to the store of the result.
  expect_becomes(
      "c[@thread] = 0 for i = 0 count 4 { if @thread < $rows { "
      "copy load a[@thread * 8] <- A[i * 8] count 8 } "
      "copy load b[@thread * 8] <- B[i * 8] count 8 "
      "for j = 0 count 8 { if @thread < $rows { "
      "c[@thread] = c[@thread] + a[@thread * 8 + j] * b[@thread * 8 + j] } } } "
      "if @thread < $rows { copy store C[@thread * 8] <- c[@thread * 8] count 8 }",
      "if @thread < $rows { c[@thread] = 0 for i = 0 count 4 { "
      "copy load a[@thread * 8] <- A[i * 8] count 8 "
      "copy load b[@thread * 8] <- B[i * 8] count 8 "
      "for j = 0 count 8 { "
      "c[@thread] = c[@thread] + a[@thread * 8 + j] * b[@thread * 8 + j] } } "
      "copy store C[@thread * 8] <- c[@thread * 8] count 8 }");
}

TEST(HoistBranches, WhatMovesKeepsItsOtherBranch) {
  expect_becomes(
      "if $rows < 3 && $cols < 4 { a[0] = 1 } else { a[0] = 2 } if $rows < 3 { c[0] = a[0] }",
      "if $rows < 3 { if $rows < 3 && $cols < 4 { a[0] = 1 } else { a[0] = 2 } c[0] = a[0] }");
}

TEST(HoistBranches, OnlyWhatNobodyElseReads) {
  const std::string compute =
      "for j = 0 count 8 { if @thread < $rows { c[j] = a[@thread * 8 + j] } }";
  const std::string kept = "if @thread < $rows { for j = 0 count 8 { c[j] = a[@thread * 8 + j] } }";
  const std::string copy = "copy load a[@thread * 8] <- A[0] count 8 ";
  EXPECT_EQ(hoisted(copy + compute + " b[0] = a[1]"), written(copy + kept + " b[0] = a[1]"));
  EXPECT_EQ(hoisted("for i = 0 count 2 { b[i] = a[1] " + copy + compute + " }"),
            written("for i = 0 count 2 { b[i] = a[1] " + copy + kept + " }"));
  EXPECT_EQ(
      hoisted(copy + compute +
              " combine thread sum a[@thread * 8] elements 8 stride 1 "
              "count 4"),
      written(copy + kept + " combine thread sum a[@thread * 8] elements 8 stride 1 count 4"));
  // Another instance may read it where this one does not.
  EXPECT_EQ(
      hoisted(copy + compute, [](Kernel&, std::vector<BufferTraits>& t) { t[3].owned = false; }),
      written(copy + kept));
  // The host reads what is in a bank, whoever owns it.
  EXPECT_EQ(hoisted("copy store C[0] <- b[0] count 8 " + compute,
                    [](Kernel&, std::vector<BufferTraits>& t) { t[2].owned = true; }),
            written("copy store C[0] <- b[0] count 8 " + kept));
  EXPECT_EQ(hoisted("copy store C[0] <- b[0] count 8 " + compute),
            written("copy store C[0] <- b[0] count 8 " + kept));
}

TEST(HoistBranches, OnlyWhatIsFilledAnewEachTime) {
  const auto in_loop = [](const std::string& fill, const std::string& compute) {
    return "for i = 0 count 8 { " + fill + " " + compute + " }";
  };
  const std::string compute = "for j = 0 count 8 { if i < $rows { c[j] = a[@thread * 8 + j] } }";
  const std::string kept = "if i < $rows { for j = 0 count 8 { c[j] = a[@thread * 8 + j] } }";
  const auto stays = [&](const std::string& fill) {
    EXPECT_EQ(hoisted(in_loop(fill, compute)), written(in_loop(fill, kept)));
  };
  EXPECT_EQ(hoisted(in_loop("copy load a[@thread * 8] <- A[i * 8] count 8", compute)),
            written("for i = 0 count 8 { if i < $rows { "
                    "copy load a[@thread * 8] <- A[i * 8] count 8 "
                    "for j = 0 count 8 { c[j] = a[@thread * 8 + j] } } }"));
  // Other elements in each iteration; a later one may read what an earlier one has left.
  stays("copy load a[i * 8] <- A[i * 8] count 8");
  stays("for k = i count 2 { a[k] = 1 }");
  stays("for k = 0 count i { a[k] = 1 }");
  stays("a[0] = a[0] + 1");
  stays("copy load a[0] <- A[0] count i * 2");
  stays("let x = i { a[x] = 1 }");
  stays("for k = 0 count 2 { if k < i { a[k] = 1 } }");
  // Only sometimes, and not always when it is read.
  stays("if i < 3 { copy load a[@thread * 8] <- A[i * 8] count 8 }");
}

TEST(HoistBranches, SometimesFilledIsEnoughWhereItIsReadOnlyThen) {
  expect_becomes(
      "for i = 0 count 8 { if i < 3 { copy load a[0] <- A[i * 8] count 8 } "
      "for j = 0 count 8 { if i < $rows && i < 3 { c[j] = a[j] } } }",
      "for i = 0 count 8 { if i < $rows { if i < 3 { copy load a[0] <- A[i * 8] count 8 } "
      "if i < 3 { for j = 0 count 8 { c[j] = a[j] } } } }");
}

TEST(HoistBranches, FilledInSomeInstancesOnlyIsAlwaysTheSame) {
  expect_becomes(
      "if @thread < 2 { copy load a[0] <- A[0] count 8 } "
      "if @thread < $rows { c[0] = a[0] }",
      "if @thread < $rows { if @thread < 2 { copy load a[0] <- A[0] count 8 } "
      "c[0] = a[0] }");
  expect_unchanged("a[0] = 1 if @thread < 4 { c[0] = a[0] }");
}

TEST(HoistBranches, BarriersAndEffectsStayWhereTheyAre) {
  const std::string compute = "if @thread < $rows { c[0] = a[0] }";
  expect_unchanged("a[0] = 1 barrier thread " + compute);
  expect_unchanged("copy load a[0] <- A[0] count 8 C[0] = 5 " + compute);
}

TEST(HoistBranches, NeighboursMergeWhereOneConditionImpliesTheOther) {
  expect_becomes("if @thread < 3 { a[0] = 1 } if @thread < 3 { b[0] = a[1] c[0] = a[0] }",
                 "if @thread < 3 { a[0] = 1 b[0] = a[1] c[0] = a[0] }");
  // The narrower one first: it keeps its own test inside.
  expect_becomes("if $rows < 5 { C[0] = 1 } if $rows < 7 { C[1] = 1 }",
                 "if $rows < 7 { if $rows < 5 { C[0] = 1 } C[1] = 1 }");
  // The wider one must not run under the narrower one.
  expect_unchanged("if $rows < 7 { C[0] = 1 } if $rows < 5 { C[1] = 1 }");
  expect_unchanged("if $rows < 7 { C[0] = 1 } if $cols < 7 { C[1] = 1 }");
  expect_unchanged("if $rows < 7 { C[0] = 1 } if $rows <= 7 { C[1] = 1 } else { C[2] = 1 }");
}

}  // namespace
}  // namespace pimjit
