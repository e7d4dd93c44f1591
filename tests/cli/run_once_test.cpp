// core/run/open_target.h and run_once.h: what an application calls, on a real plugin.
#include "pimjit/core/run/run_once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;

Result<OpenTarget> opened(const std::string& target) {
  return open_target(target, discover(search_places({kPlugins.string()}, "")));
}

Workload mtv(int64_t i, int64_t k) {
  const auto workload = make_workload("mtv", {.sizes = {{"i", i}, {"k", k}}});
  EXPECT_TRUE(workload);
  return *workload;
}

TEST(OpenTarget, AppliesTheOptionsOfTheString) {
  const auto target = opened("toy:thread=4,units=3");
  ASSERT_TRUE(target) << target.error().message();
  EXPECT_EQ(target->name, "toy:thread=4,units=3");
  EXPECT_EQ(target->description->levels[0].count, 3);
  EXPECT_EQ(target->description->levels[1].count, 4);
  EXPECT_EQ(target->plugin.name(), "toy");
}

TEST(OpenTarget, CannotChooseByItself) {
  const auto target = opened("auto");
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().origin, Origin::user);
  EXPECT_EQ(target.error().message(),
            "this build cannot choose a target by itself\n  target auto\n  hint: name one; `pimjit "
            "targets` lists them");
}

TEST(RunOnce, GivesTheResultAndItsTimes) {
  const auto target = opened("toy");
  ASSERT_TRUE(target);
  const Workload workload = mtv(37, 23);
  const auto inputs = gate_inputs(workload, 9);
  const auto answer = run_once(workload, *target, inputs);
  ASSERT_TRUE(answer) << answer.error().message();
  const auto gate = compare(workload, inputs, answer->output);
  ASSERT_TRUE(gate);
  EXPECT_TRUE(gate->ok) << gate->text("C");
  EXPECT_EQ(answer->report.origin, TimeOrigin::modelled);
  EXPECT_GT(answer->report.total_ns, 0);
}

TEST(RunOnce, RefusesInputsOfAnotherShape) {
  const auto target = opened("toy");
  ASSERT_TRUE(target);
  const auto answer = run_once(mtv(37, 23), *target, timing_inputs(mtv(37, 22), 1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().origin, Origin::user);
  EXPECT_EQ(answer.error().code, "wrong_inputs");
  EXPECT_EQ(answer.error().message(), "tensor A must be i32[37,23] but is i32[37,22]");
}

TEST(RunOnce, NamesTheLimitThatLeavesNoSchedule) {
  const auto target = opened("toy:scope.scratch.capacity=8,scope.bank.capacity=64");
  ASSERT_TRUE(target) << target.error().message();
  const auto answer = run_once(mtv(3700, 2300), *target, timing_inputs(mtv(3700, 2300), 1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().origin, Origin::user);
  EXPECT_THAT(answer.error().what, HasSubstr(" B"));
}

TEST(RunOnce, ARunnerIsCalledAgainWithOtherData) {
  const auto target = opened("toy");
  ASSERT_TRUE(target);
  const Workload workload = mtv(37, 23);
  const auto trace = default_schedule(workload, *target->description);
  ASSERT_TRUE(trace);
  const auto schedule = replay(workload, *target->description, *trace);
  ASSERT_TRUE(schedule);
  auto module = lower(std::make_shared<const Workload>(workload), target->description, *schedule);
  ASSERT_TRUE(module);
  const auto runner = make_runner(*target, std::make_shared<const LoweredModule>(*module));
  ASSERT_TRUE(runner) << runner.error().message();
  for (const uint64_t seed : {1, 2, 3}) {
    const auto inputs = gate_inputs(workload, seed);
    const auto answer = call(*runner, inputs);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_TRUE(compare(workload, inputs, answer->output)->ok) << seed;
  }
}

}  // namespace
}  // namespace pimjit
