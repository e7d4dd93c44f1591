// Schedules measured in processes of their own: the same answers, and a verdict for each way of not
// answering.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/search/measure/worker_measurer.h"
#include "pimjit/search/space/design_space.h"
#include "pimjit/tests/search/toy_problem.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kWorker = PIMJIT_BINARY_DIR "/bin/pimjit-worker";

bool never() {
  return false;
}

std::unique_ptr<Measurer> workers(const std::shared_ptr<const Problem>& problem, int jobs,
                                  const WorkerLimits& limits = {}) {
  auto measurer = make_worker_measurer(problem, jobs, kWorker, limits);
  if (!measurer) throw std::runtime_error(measurer.error().message());
  return std::move(*measurer);
}

std::vector<Trace> some_schedules(const Problem& problem, size_t count) {
  const DesignSpace space(problem.workload, problem.target.description);
  RandomStream random(7, "workers");
  std::vector<Trace> traces;
  while (traces.size() < count) {
    const auto& family = space.families()[traces.size() % space.families().size()];
    traces.push_back(space.emit(space.sample(family, random)));
  }
  return traces;
}

Trace default_of(const Problem& problem) {
  return default_schedule(*problem.workload, *problem.target.description).value();
}

Outcome outcome_of(const std::string& target, const WorkerLimits& limits) {
  const auto problem = test::toy_problem("mtv", "i=40,k=24", target);
  const auto outcomes =
      workers(problem, 1, limits)->measure({default_of(*problem)}, never, nullptr);
  return outcomes.at(0);
}

TEST(Worker, AnswersAsThisProcessWould) {
  const auto problem = test::toy_problem("C[i] += A[i,k] * B[k] where A in -5..5", "i=60,k=33");
  const std::vector<Trace> traces = some_schedules(*problem, 12);
  const auto here = make_local_measurer(problem, 1);
  ASSERT_TRUE(here);
  const auto expected = (*here)->measure(traces, never, nullptr);
  size_t done = 0;
  // Replaced after every third schedule.
  const auto found =
      workers(problem, 2, {30, 0, 3})->measure(traces, never, [&](size_t, const Outcome&) {
        ++done;
      });
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_EQ(done, traces.size());
  int ok = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].verdict, expected[i].verdict) << found[i].detail;
    EXPECT_EQ(found[i].detail, expected[i].detail);
    EXPECT_EQ(found[i].total_ns, expected[i].total_ns);
    EXPECT_EQ(found[i].phase_ns, expected[i].phase_ns);
    EXPECT_EQ(found[i].verified.elements, expected[i].verified.elements);
    ok += found[i].ok() ? 1 : 0;
  }
  EXPECT_GT(ok, 2);
}

TEST(Worker, EveryVerdict) {
  const struct {
    const char* target;
    Verdict verdict;
    const char* detail;
  } cases[] = {
      {"faulty", Verdict::ok, ""},
      {"faulty:wrong=ignores_offset", Verdict::wrong, "wrong_result: "},
      {"faulty:fail=build_kernel", Verdict::build_error, "plugin_internal: "},
      {"faulty:fail=launch", Verdict::device_error, "plugin_internal: "},
      {"faulty:does=hang", Verdict::timeout, "not done after 0.5 s"},
      {"faulty:does=crash", Verdict::crash, "the worker ended with signal 6 (SIGABRT)"},
  };
  for (const auto& c : cases) {
    const Outcome outcome = outcome_of(c.target, {c.verdict == Verdict::timeout ? 0.5 : 30, 0, 9});
    EXPECT_EQ(outcome.verdict, c.verdict) << c.target << ": " << outcome.detail;
    EXPECT_THAT(outcome.detail, StartsWith(c.detail)) << c.target;
  }
}

TEST(Worker, WhatTheScheduleRulesRefuseIsRejected) {
  const auto problem = test::toy_problem("mtv", "i=40,k=24");
  Trace trace = default_of(*problem);
  trace.instructions.push_back(trace.instructions.front());  // splits an axis that is gone
  const auto outcomes = workers(problem, 1)->measure({trace}, never, nullptr);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].verdict, Verdict::rejected) << outcomes[0].detail;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Worker, MayNotAllocateWithoutEnd) {
  const Outcome outcome = outcome_of("faulty:does=hoard", {30, 512 << 20, 9});
  EXPECT_EQ(outcome.verdict, Verdict::device_error);
  EXPECT_THAT(outcome.detail, HasSubstr("memory")) << outcome.detail;
}
#endif

TEST(Worker, ADeadWorkerIsReplaced) {
  const auto problem = test::toy_problem("mtv", "i=40,k=24", "faulty:does=crash");
  const Trace trace = default_of(*problem);
  const auto outcomes = workers(problem, 2)->measure({trace, trace, trace, trace}, never, nullptr);
  ASSERT_EQ(outcomes.size(), 4U);
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.detail, "the worker ended with signal 6 (SIGABRT)");
  }
}

TEST(Worker, StopsInTheMiddleOfASchedule) {
  const auto problem = test::toy_problem("mtv", "i=40,k=24", "faulty:does=hang");
  const Trace trace = default_of(*problem);
  int asked = 0;
  const auto stop = [&] { return ++asked > 5; };
  EXPECT_TRUE(workers(problem, 1)->measure({trace, trace}, stop, nullptr).empty());
}

TEST(Worker, ErrorsOfTheStart) {
  const auto problem = test::toy_problem("mtv", "i=40,k=24");
  const auto missing = make_worker_measurer(problem, 1, "/no/such/pimjit-worker", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "/no/such/pimjit-worker does not start: No such file or directory\n"
            "  hint: pimjit-worker belongs beside pimjit");
  const auto other = make_worker_measurer(problem, 1, "/bin/true", {});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().what, HasSubstr("ended with exit status 0 before it was ready"));
  const auto refused = make_worker_measurer(
      test::toy_problem("mtv", "i=40,k=24", "faulty:fail=open"), 1, kWorker, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().origin, Origin::target);
  EXPECT_THAT(refused.error().what, HasSubstr("open"));
}

}  // namespace
}  // namespace pimjit
