#include "pimjit/core/schedule/rough_time.h"

#include <gtest/gtest.h>

#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

RoughTime time_of(const test::Sample& sample) {
  const auto time = rough_time(*sample.workload, *sample.target, sample.module.schedule);
  EXPECT_TRUE(time.has_value());
  return *time;
}

test::Sample mtv(const std::string& trace) {
  return test::lowered_sample("mtv", "i=256,k=256", "simple", trace);
}

TEST(RoughTime, MoreUnitsShortenTheKernelAndLengthenTheLaunch) {
  const RoughTime few =
      time_of(mtv("i.0, i.1 = split(i, 64)\nbind(i.0, unit)\n"
                  "cache_read(A, scratch, at=i.1)\ncache_read(B, scratch, at=i.1)\n"
                  "cache_write(scratch, at=i.1)\n"));
  const RoughTime many =
      time_of(mtv("i.0, i.1 = split(i, 4)\nbind(i.0, unit)\n"
                  "cache_read(A, scratch, at=i.1)\ncache_read(B, scratch, at=i.1)\n"
                  "cache_write(scratch, at=i.1)\n"));
  ASSERT_EQ(few.kernels.size(), 1u);
  EXPECT_NEAR(few.kernels[0] / many.kernels[0], 16, 1);
  EXPECT_GE(many.launch, few.launch);
  EXPECT_GT(many.h2d, 0);
  EXPECT_GT(many.d2h, 0);
  EXPECT_GT(many.host, 0);
  EXPECT_DOUBLE_EQ(many.total(), many.h2d + many.launch + many.d2h + many.host + many.kernels[0]);
}

TEST(RoughTime, UnrollingSavesLoopEnds) {
  const std::string cached =
      "i.0, i.1 = split(i, 4)\nbind(i.0, unit)\ncache_read(A, scratch, at=i.1)\n"
      "cache_read(B, scratch, at=i.1)\ncache_write(scratch, at=i.1)\n";
  EXPECT_LT(time_of(mtv(cached + "unroll(k, 8)\n")).kernels[0], time_of(mtv(cached)).kernels[0]);
}

TEST(RoughTime, StagesOnTheHostHaveNoKernel) {
  EXPECT_EQ(time_of(mtv("parallel(i)\n")).kernels, (std::vector<double>{0}));
}

}  // namespace
}  // namespace pimjit
