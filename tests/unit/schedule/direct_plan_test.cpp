#include "pimjit/core/schedule/direct_plan.h"

#include <gtest/gtest.h>

#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

std::string first_plan(const std::string& computation, const std::map<std::string, int64_t>& sizes,
                       DType dtype = DType::f32) {
  const Workload w = samples::computation(computation, sizes, dtype);
  const TargetDesc target = samples::machine("direct");
  const auto plans = direct_plans(w, target, 0);
  EXPECT_FALSE(plans.empty());
  if (plans.empty()) return "";
  TraceBuilder trace(w);
  emit_direct(trace, w, 0, plans.front());
  return to_text(trace.take(), w, target);
}

TEST(DirectPlan, RowsOfAMatrixAreSummedInLanes) {
  EXPECT_EQ(first_plan("mtv", {{"i", 4096}, {"k", 4096}}),
            "i.0, i.1 = split(i, 1024)\nk.0, k.1 = split(k, 32)\nreorder(i.0, i.1, k.0, k.1)\n"
            "bind(i.0, core)\nrfactor(k.1)\nvectorize(k.1)\ncache_write(reg, at=i.1)");
}

TEST(DirectPlan, AProductOfMatricesHasTilesOfRowsByLanes) {
  EXPECT_EQ(first_plan("gemm", {{"i", 1024}, {"j", 1024}, {"k", 1024}}),
            "i.0, i.1 = split(i, 8)\nj.0, j.1, j.2 = split(j, 8, 32)\nk.0, k.1 = split(k, 256)\n"
            "reorder(j.0, k.0, i.0, j.1, k.1, i.1, j.2)\nbind(j.0, core)\nvectorize(j.2)\n"
            "cache_write(reg, at=j.1)");
}

TEST(DirectPlan, ElementwiseOnesAreCutIntoPieces) {
  EXPECT_EQ(first_plan("va", {{"i", 1 << 20}}, DType::i8),
            "i.0, i.1 = split(i, 262144)\nreorder(i.0, i.1)\nbind(i.0, core)\nvectorize(i.1)");
}

TEST(DirectPlan, SmallWorkStaysWithOneInstance) {
  EXPECT_EQ(first_plan("va", {{"i", 100}}),
            "i.0, i.1 = split(i, 100)\nreorder(i.0, i.1)\nbind(i.0, core)\nvectorize(i.1)");
}

TEST(DirectPlan, MachinesThatAreCopiedToHaveNone) {
  const Workload w = samples::computation("mtv", {{"i", 64}, {"k", 64}});
  EXPECT_TRUE(direct_plans(w, samples::machine("simple"), 0).empty());
  EXPECT_TRUE(direct_plans(w, samples::machine("lockstep"), 0).empty());
}

}  // namespace
}  // namespace pimjit
