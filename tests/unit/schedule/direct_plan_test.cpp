#include "pimjit/core/schedule/direct_plan.h"

#include <gtest/gtest.h>

#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

std::string first_plan(const std::string& computation, const std::map<std::string, int64_t>& sizes,
                       DType dtype = DType::f32, bool host_reduces = false) {
  const Workload w = samples::computation(computation, sizes, dtype);
  TargetDesc target = samples::machine("direct");
  if (host_reduces) target.reduction_stages = {kHost};
  const auto plans = direct_plans(w, target, 0);
  EXPECT_FALSE(plans.empty());
  if (plans.empty()) return "";
  TraceBuilder trace(w);
  emit_direct(trace, w, 0, plans.front());
  return to_text(trace.take(), w, target);
}

// Four rows side by side share the elements of the vector.
TEST(DirectPlan, RowsOfAMatrixAreSummedInLanes) {
  EXPECT_EQ(first_plan("mtv", {{"i", 4096}, {"k", 4096}}),
            "i.0, i.1, i.2 = split(i, 256, 4)\nk.0, k.1 = split(k, 16)\n"
            "reorder(i.0, i.1, k.0, i.2, k.1)\nbind(i.0, core)\nrfactor(k.1)\nvectorize(k.1)\n"
            "cache_write(reg, at=i.1)");
}

// Fewer than four for each instance: one row after the other.
TEST(DirectPlan, FewRowsAreSummedOneByOne) {
  EXPECT_EQ(first_plan("mtv", {{"i", 15}, {"k", 4096}}),
            "i.0, i.1 = split(i, 4)\nk.0, k.1 = split(k, 32)\nreorder(i.0, i.1, k.0, k.1)\n"
            "bind(i.0, core)\nrfactor(k.1)\nvectorize(k.1)\ncache_write(reg, at=i.1)");
}

TEST(DirectPlan, AProductOfMatricesHasTilesOfRowsByLanes) {
  EXPECT_EQ(first_plan("gemm", {{"i", 1024}, {"j", 1024}, {"k", 1024}}),
            "i.0, i.1 = split(i, 8)\nj.0, j.1, j.2 = split(j, 16, 16)\nk.0, k.1 = split(k, 256)\n"
            "reorder(j.0, k.0, j.1, i.0, k.1, i.1, j.2)\nbind(j.0, core)\nvectorize(j.2)\n"
            "cache_write(reg, at=i.0)");
}

// 16 registers of 8 lanes: 6 rows of two vectors, which leaves 4 registers to operands.
TEST(DirectPlan, TilesOfRowsFitTheRegisters) {
  TargetDesc target = samples::machine("direct");
  Scope cache = target.scopes[static_cast<size_t>(target.find_scope("reg"))];
  cache.name = "cache";
  cache.capacity = 262144;
  const int reg = target.find_scope("reg");
  target.scopes[static_cast<size_t>(reg)].capacity = 512;
  target.scopes.insert(target.scopes.begin() + reg, cache);  // larger ones may be listed first
  for (Link& link : target.links) {
    link.from += link.from >= reg ? 1 : 0;
    link.to += link.to >= reg ? 1 : 0;
  }
  const std::vector<Link> links = target.links;
  for (Link link : links) {
    link.name += "_cache";
    link.from = link.from == reg + 1 ? reg : link.from;
    link.to = link.to == reg + 1 ? reg : link.to;
    target.links.push_back(link);
  }
  const Workload w =
      samples::computation("gemm", {{"i", 1024}, {"j", 1024}, {"k", 1024}}, DType::f32);
  const DirectPlan product = direct_plans(w, target, 0).front();
  EXPECT_EQ(product.near, reg + 1);
  EXPECT_EQ(product.axes[0].tile, 6);
  EXPECT_EQ(product.axes[1].tile, 16);
  // All of k by 16 columns of B are 64 KiB, packed once for 171 tiles.
  EXPECT_EQ(product.packed, 1);
  EXPECT_EQ(product.packed_in, reg);
  EXPECT_EQ(product.axes[2].block, 1);
  const auto packed = [&](int64_t rows, int64_t length) {
    const Workload sample =
        samples::computation("gemm", {{"i", rows}, {"j", 1024}, {"k", length}}, DType::f32);
    const DirectPlan plan = direct_plans(sample, target, 0).front();
    TraceBuilder trace(sample);
    emit_direct(trace, sample, 0, plan);
    return to_text(trace.take(), sample, target);
  };
  EXPECT_EQ(packed(1024, 1 << 16),
            "i.0, i.1 = split(i, 6)\nj.0, j.1, j.2 = split(j, 16, 16)\nk.0, k.1 = split(k, 256)\n"
            "reorder(j.0, j.1, k.0, i.0, k.1, i.1, j.2)\nbind(j.0, core)\nvectorize(j.2)\n"
            "cache_read(B, cache, at=k.0)\ncache_write(reg, at=i.0)")
      << "part by part";
  EXPECT_EQ(packed(40, 1024).find("cache_read"), std::string::npos) << "too few tiles to share it";
  // A row of results that is alone may be longer than the registers.
  const Workload column =
      samples::computation("C[j] += A[k, j] * B[k]", {{"j", 4096}, {"k", 64}}, DType::f32);
  const DirectPlan sums = direct_plans(column, target, 0).front();
  EXPECT_EQ(sums.near, reg);
  EXPECT_EQ(sums.axes[0].tile, 256);
}

TEST(DirectPlan, ElementwiseOnesAreCutIntoPieces) {
  EXPECT_EQ(first_plan("va", {{"i", 1 << 20}}, DType::i8),
            "i.0, i.1 = split(i, 262144)\nreorder(i.0, i.1)\nbind(i.0, core)\nvectorize(i.1)");
}

TEST(DirectPlan, SmallWorkStaysWithOneInstance) {
  EXPECT_EQ(first_plan("va", {{"i", 100}}),
            "i.0, i.1 = split(i, 100)\nreorder(i.0, i.1)\nbind(i.0, core)\nvectorize(i.1)");
}

TEST(DirectPlan, LongReductionsAreSharedWhereResultsLeaveInstancesIdle) {
  EXPECT_EQ(first_plan("mtv", {{"i", 1}, {"k", 1 << 20}}, DType::f32, true),
            "k.0, k.1, k.2 = split(k, 8192, 32)\nreorder(k.0, i, k.1, k.2)\nbind(k.0, core)\n"
            "rfactor(k.0)\nrfactor(k.2)\nvectorize(k.2)\ncache_write(reg, at=i)");
  const auto shares = [](int64_t rows, int64_t length, bool host_reduces) {
    const std::string text =
        first_plan("mtv", {{"i", rows}, {"k", length}}, DType::f32, host_reduces);
    return text.find("bind(k.0, core)") != std::string::npos;
  };
  EXPECT_TRUE(shares(1, 1 << 20, true));
  EXPECT_TRUE(shares(2, 1 << 20, true));
  EXPECT_FALSE(shares(2, 1 << 20, false));
  EXPECT_FALSE(shares(8, 1 << 20, true)) << "rows keep all instances busy";
  EXPECT_FALSE(shares(1, 256, true)) << "too short to be worth a partial result";
}

TEST(DirectPlan, MachinesThatAreCopiedToHaveNone) {
  const Workload w = samples::computation("mtv", {{"i", 64}, {"k", 64}});
  EXPECT_TRUE(direct_plans(w, samples::machine("simple"), 0).empty());
  EXPECT_TRUE(direct_plans(w, samples::machine("lockstep"), 0).empty());
}

}  // namespace
}  // namespace pimjit
