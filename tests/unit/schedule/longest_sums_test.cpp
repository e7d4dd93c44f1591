#include "pimjit/core/schedule/longest_sums.h"

#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

std::vector<double> of(const std::string& text, const std::map<std::string, int64_t>& sizes,
                       const std::string& trace) {
  const Workload w = samples::computation(text, sizes, DType::f32);
  const TargetDesc target = samples::machine("direct");
  const auto schedule = replay(w, target, samples::trace_of(trace, w, target));
  EXPECT_TRUE(schedule.has_value()) << trace;
  return schedule ? longest_sums(*schedule) : std::vector<double>{};
}

TEST(LongestSums, CountSerialIterationsAndPartialResults) {
  using Counts = std::vector<double>;
  const std::map<std::string, int64_t> sizes = {{"i", 4}, {"k", 4096}};
  EXPECT_EQ(of("mtv", sizes, "bind(i, core)"), Counts{4096});
  EXPECT_EQ(of("mtv", sizes,
               "k.0, k.1 = split(k, 32)\nbind(i, core)\nrfactor(k.1)\ncache_write(reg, at=i)"),
            Counts{128 + 32});
  EXPECT_EQ(of("C[i] = A[i] + 1", {{"i", 4}}, "bind(i, core)"), Counts{1});
}

}  // namespace
}  // namespace pimjit
