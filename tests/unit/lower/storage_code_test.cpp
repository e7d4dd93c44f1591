#include <gtest/gtest.h>

#include "pimjit/core/ir/printer.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

using test::lowered_sample;
using test::mistakes_of;

std::string kernel_text(const test::Sample& sample) {
  return to_text(sample.module.kernels[0].body, sample.module.kernels[0]);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(StorageCode, OperandsWithoutCacheGoThroughSingleGranules) {
  const auto sample =
      lowered_sample("va", "i=37", "simple", "i.0, i.1 = split(i, 5); bind(i.0, unit)");
  const std::string text = kernel_text(sample);
  EXPECT_TRUE(contains(text, "copy load A.granule")) << text;
  EXPECT_TRUE(contains(text, "copy store C")) << text;
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, SharedTilesAreCopiedInTurnsBetweenBarriers) {
  const auto sample =
      lowered_sample("mtv", "i=64,k=100", "simple",
                     "i.0, i.1, i.2 = split(i, 8, 2); k.0, k.1 = split(k, 40);"
                     "reorder(i.0, k.0, i.1, i.2, k.1); bind(i.0, unit); bind(i.1, thread);"
                     "cache_read(B, scratch, at=k.0)");
  const std::string text = kernel_text(sample);
  EXPECT_TRUE(contains(text, "barrier thread")) << text;
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, LaterVisitsLoadWhatEarlierOnesStored) {
  const auto sample = lowered_sample("mtv", "i=10,k=30", "simple",
                                     "k.0, k.1 = split(k, 7); reorder(i, k.0, k.1); bind(i, unit);"
                                     "cache_read(A, scratch, at=k.0); cache_read(B, scratch, "
                                     "at=k.0); cache_write(scratch, at=k.0)");
  const std::string text = kernel_text(sample);
  EXPECT_TRUE(contains(text, "copy load C.scratch")) << text;
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, PartialResultsAreAddedInPairsWhereTheTargetSaysSo) {
  const auto sequential = lowered_sample("mtv", "i=9,k=23", "simple",
                                         "k.0, k.1 = split(k, 7); bind(i, unit); rfactor(k.1);"
                                         "cache_write(scratch, at=i)");
  EXPECT_TRUE(contains(kernel_text(sequential), "for r = 1 count 6 {")) << kernel_text(sequential);
  auto target = std::make_shared<TargetDesc>(*sequential.target);
  target->numeric_rules[DType::i32].order = SumOrder::tree;
  const auto schedule = replay(*sequential.workload, *target, sequential.trace);
  ASSERT_TRUE(schedule.has_value());
  const auto module = lower(sequential.workload, target, *schedule);
  ASSERT_TRUE(module.has_value()) << module.error().message();
  const std::string text = to_text(module->kernels[0].body, module->kernels[0]);
  // 7 are 4 and 3, 4 are 2 and 2, 2 are 1 and 1; results are 8 bytes apart.
  for (const char* step : {" = 0 count 3 {", "* 2 + 8]", " = 0 count 2 {", "* 2 + 4]",
                           "C.scratch[0] = C.scratch[0] + C.scratch[2]"})
    EXPECT_TRUE(contains(text, step)) << step << "\n" << text;
  EXPECT_EQ(mistakes_of(*module), "");
}

TEST(StorageCode, PartialResultsOfAnInnerLevelAreCombined) {
  const auto sample = lowered_sample("red", "i=1000", "simple",
                                     "i.0, i.1, i.2 = split(i, 8, 5); bind(i.0, unit); bind(i.1, "
                                     "thread); rfactor(i.0); rfactor(i.1);"
                                     "cache_write(scratch, at=i.1)");
  EXPECT_EQ(mistakes_of(sample.module), "");
  EXPECT_TRUE(contains(kernel_text(sample), "barrier thread"));
}

TEST(StorageCode, SerialPartialResultsAreFoldedAtTheFlush) {
  const auto sample = lowered_sample(
      "mtv", "i=9,k=22", "simple",
      "k.0, k.1 = split(k, 4); bind(i, unit); rfactor(k.1); cache_write(scratch, at=i)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, TheLeaderOfACombiningGroupReloadsTheRunningResult) {
  const std::string nest =
      "k.0, k.1, k.2 = split(k, 4, 5); reorder(i, k.0, k.1, k.2); bind(i, unit); rfactor(k.1);"
      "bind(k.1, thread); ";
  for (const char* caches : {"cache_write(scratch, at=k.1)",
                             "cache_write(scratch, at=k.1); cache_write(scratch, at=k.1)",
                             "cache_write(scratch, at=k.1); cache_write(scratch, at=k.2)",
                             "cache_write(scratch, at=k.1); decompose_reduction(at=k.1)"}) {
    SCOPED_TRACE(caches);
    const auto sample = lowered_sample("mtv", "i=7,k=57", "simple", nest + caches);
    EXPECT_TRUE(contains(kernel_text(sample), "copy load C.scratch")) << kernel_text(sample);
    EXPECT_EQ(mistakes_of(sample.module), "");
  }
}

TEST(StorageCode, SerialPartialResultsStartAgainAtEachVisit) {
  for (const char* last : {"", "; decompose_reduction(at=k.1)"}) {
    const auto sample = lowered_sample("mtv", "i=7,k=57", "simple",
                                       std::string("k.0, k.1, k.2 = split(k, 4, 5); bind(i, unit);"
                                                   "rfactor(k.1); cache_write(scratch, at=k.0)") +
                                           last);
    EXPECT_TRUE(contains(kernel_text(sample), "copy load C.scratch")) << kernel_text(sample);
    EXPECT_EQ(mistakes_of(sample.module), "");
  }
}

// Threads clear what they own of a shared tile and load pieces of it in turn.
TEST(StorageCode, SharedPartialResultsAreClearedBeforeTheyAreLoaded) {
  const auto sample = lowered_sample(
      "C[i,j] += A[i,k] * B[k,j]", "i=6,j=8,k=57", "simple",
      "i.0, i.1 = split(i, 2); j.0, j.1 = split(j, 2); k.0, k.1, k.2 = split(k, 4, 5);"
      "reorder(i.0, k.0, j.0, i.1, k.1, j.1, k.2); bind(i.0, unit); bind(j.0, thread); "
      "rfactor(k.1); cache_write(scratch, at=k.0)");
  EXPECT_TRUE(contains(kernel_text(sample), "copy load C.scratch")) << kernel_text(sample);
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, DirectMemoryIsReadAndWrittenInPlace) {
  const auto sample =
      lowered_sample("mtv", "i=13,k=21", "direct", "i.0, i.1 = split(i, 4); bind(i.0, core)");
  for (const HostOp& op : sample.module.ops) EXPECT_EQ(op.kind, OpKind::launch) << op.name;
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, TilesOfDirectMemoryAreCopiedInBounds) {
  const auto sample = lowered_sample("mtv", "i=13,k=21", "direct",
                                     "i.0, i.1 = split(i, 4); k.0, k.1 = split(k, 8); reorder(i.0, "
                                     "k.0, i.1, k.1); bind(i.0, core);"
                                     "cache_read(A, reg, at=k.0); cache_write(reg, at=i.0)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, FusedAndSplitAgainStaysRight) {
  const auto sample = lowered_sample(
      "C[i,j] = A[i,j] + B[j]", "i=7,j=11", "simple",
      "f = fuse(i, j); f.0, f.1 = split(f, 10); bind(f.0, unit); cache_read(A, scratch, at=f.0);"
      "cache_read(B, scratch, at=f.0); cache_write(scratch, at=f.0)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, UnitsPastTheEndStillStartTheirPartialResults) {
  const auto sample =
      lowered_sample("C[i] *= A[i,k] - B[k]", "i=11,k=41", "simple",
                     "k.0, k.1 = split(k, 15); bind(k.1, unit); rfactor(k.1); bind(k.0, unit);"
                     "rfactor(k.0); reorder(k.1, k.0, i)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, PaddedAxesOfCompoundIndicesReadPadding) {
  const auto sample = lowered_sample(
      "C[i] += A[i,k] + B[i+k]", "i=11,k=19", "simple",
      "k.0, k.1 = split(k, 15, edge=pad); bind(i, unit); cache_read(A, scratch, at=k.0);"
      "cache_read(B, scratch, at=k.0); cache_write(scratch, at=i)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, OverlappingPartsOfAGuardedSplitKeepApartInHostMemory) {
  const auto sample =
      lowered_sample("C[i,j] += A[k]", "i=3,j=24,k=7", "direct",
                     "j.0, j.1 = split(j, 14); j.1.0, j.1.1 = split(j.1, 6);"
                     "reorder(j.0, i, j.1.0, j.1.1, k); bind(j.0, core); cache_write(reg, at=i)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, DeclaredRangesCoverThePaddingThatIsRead) {
  const auto sample = lowered_sample(
      "C[i] += A[i,k] where A in -13..-1", "i=5,k=10", "simple",
      "k.0, k.1 = split(k, 4, edge=pad); bind(i, unit); cache_read(A, scratch, at=k.0);"
      "cache_write(scratch, at=i)");
  const auto range = sample.module.kernels[0].buffers[0].range;
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->first, -13);
  EXPECT_EQ(range->second, 0);
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, ResultsInHostMemoryStartWhereDecomposeSays) {
  const auto sample =
      lowered_sample("mtv", "i=31,k=53", "direct",
                     "i.0, i.1 = split(i, 8); bind(i.0, core); decompose_reduction(at=i.0)");
  EXPECT_EQ(mistakes_of(sample.module), "");
}

TEST(StorageCode, CombiningNeedsASliceForEachMember) {
  const auto w = test::sample_workload("mtv", "i=16,k=16");
  const auto target = test::sample_target("simple");
  const auto trace = parse_trace(
      "i.0, i.1, i.2 = split(i, 2, 2); k.0, k.1 = split(k, 8); reorder(i.0, k.0, i.1, i.2, k.1);"
      "bind(i.0, unit);"
      "bind(k.0, thread); bind(i.1, thread); rfactor(k.0); cache_write(scratch, at=k.0)",
      *w, *target);
  ASSERT_TRUE(trace) << trace.error().message();
  const auto schedule = replay(*w, *target, *trace);
  ASSERT_FALSE(schedule);
  EXPECT_EQ(schedule.error().code, RejectionCode::rfactor_cache);
}

}  // namespace
}  // namespace pimjit
