#include "pimjit/core/schedule/default_schedule.h"

#include <gtest/gtest.h>

#include "pimjit/core/schedule/features.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

// Copies of the innermost loop of the first stage; 1 if nothing is unrolled.
int64_t copies(const Workload& w, const TargetDesc& target) {
  const auto schedule = replay(w, target, default_schedule(w, target).value());
  EXPECT_TRUE(schedule.has_value());
  int most = 1;
  for (const Loop& loop : schedule->stages[0].loops) {
    if (loop.kind == LoopKind::unrolled) most = std::max(most, loop.unroll);
  }
  return most;
}

TEST(DefaultSchedule, CopiesOfABodyLeaveHalfOfTheProgramToTheRest) {
  const Workload w = samples::computation("mtv", {{"i", 256}, {"k", 1024}});
  TargetDesc target = samples::machine("simple");
  for (Scope& scope : target.scopes) scope.capacity *= 16;  // room for tiles worth unrolling
  ASSERT_EQ(copies(w, target), 16);
  const auto body = static_cast<int64_t>(body_slots(w, target, w.stages[0]));
  target.limits.program_ops = 2 * 2 * 16 * body;
  EXPECT_EQ(copies(w, target), 16);
  target.limits.program_ops -= 1;
  EXPECT_EQ(copies(w, target), 8);
  target.limits.program_ops = 2 * 2 * body;
  EXPECT_EQ(copies(w, target), 1);
}

}  // namespace
}  // namespace pimjit
