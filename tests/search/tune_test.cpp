#include "pimjit/search/tune/tune.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/tests/search/toy_problem.h"

namespace pimjit {
namespace {

TuneOptions options_for(const Problem& problem, int64_t trials) {
  TuneOptions options;
  options.search.trials = trials;
  options.search.batch = 16;
  options.search.population = 64;
  options.search.first = {*default_schedule(*problem.workload, *problem.target.description)};
  return options;
}

TuneResult run(const std::shared_ptr<const Problem>& problem, const TuneOptions& options,
               const Database* database = nullptr, int jobs = 2) {
  const auto measurer = make_local_measurer(problem, jobs);
  EXPECT_TRUE(measurer);
  auto result = tune(problem, **measurer, database, options);
  EXPECT_TRUE(result) << result.error().message();
  return std::move(*result);
}

TEST(Tune, FindsASchedulesBetterThanTheDefaultAndRecordsEveryMeasurement) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const Database database = *Database::in_memory();
  const TuneResult result = run(problem, options_for(*problem, 64), &database);
  ASSERT_TRUE(result.best && result.first);
  EXPECT_LT(result.best->outcome.total_ns, result.first->outcome.total_ns);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(database.stats()->records, 64);
  const auto best = database.best(
      key_of(*problem->workload, *problem->target.description, problem->target.plugin.build()));
  ASSERT_TRUE(best && *best);
  EXPECT_EQ((*best)->total_ns, result.best->outcome.total_ns);
  EXPECT_GE((*best)->verified.elements, 64);
  EXPECT_EQ(database.session(result.session)->value().state, SessionState::done);
  EXPECT_EQ(database.session(result.session)->value().candidates, result.candidates);
}

TEST(Tune, EqualSeedsGiveEqualResultsWhateverTheJobs) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const TuneResult one = run(problem, options_for(*problem, 64), nullptr, 1);
  const TuneResult three = run(problem, options_for(*problem, 64), nullptr, 3);
  EXPECT_EQ(one.candidates, three.candidates);
  EXPECT_EQ(one.best->trace, three.best->trace);
  EXPECT_EQ(one.best->outcome.total_ns, three.best->outcome.total_ns);
}

TEST(Tune, GoesOnAfterAnInterruptionAsIfThereHadBeenNone) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const TuneResult whole = run(problem, options_for(*problem, 64));
  const Database database = *Database::in_memory();
  TuneOptions stopped = options_for(*problem, 64);
  int64_t measured = 0;
  stopped.progress = [&measured](const TuneProgress& progress) { measured = progress.trials; };
  stopped.stop = [&measured] { return measured >= 27; };
  const TuneResult first = run(problem, stopped, &database);
  EXPECT_FALSE(first.finished);
  EXPECT_EQ(database.session(first.session)->value().state, SessionState::paused);
  EXPECT_GE(first.trials, 27);
  EXPECT_LE(first.trials, 29);
  const TuneResult second = run(problem, options_for(*problem, 64), &database);
  EXPECT_TRUE(second.finished);
  EXPECT_EQ(second.resumed, first.trials);
  EXPECT_EQ(second.candidates, whole.candidates);
  EXPECT_EQ(second.best->trace, whole.best->trace);
  EXPECT_EQ(database.stats()->records, 64);
}

TEST(Tune, StopsWhenTheTimeIsUp) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  TuneOptions options = options_for(*problem, 1 << 20);
  options.seconds = 0.2;
  const TuneResult result = run(problem, options);
  EXPECT_FALSE(result.finished);
  EXPECT_GT(result.trials, 0);
}

TEST(Tune, KeepsItsResultsWhenTheDatabaseIsFull) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const Database database = *Database::open(":memory:", {.max_bytes = 100 << 10});
  const TuneResult result = run(problem, options_for(*problem, 256), &database);
  ASSERT_TRUE(result.database_problem);
  EXPECT_EQ(result.database_problem->code, "database_full");
  EXPECT_TRUE(result.best);
  EXPECT_GT(database.stats()->records, 0);
  EXPECT_LE(database.stats()->records, result.trials);
}

TEST(Tune, ADeviceThatDisappearsLosesNothing) {
  class Vanishing : public Measurer {
   public:
    explicit Vanishing(Measurer& inner) : inner_(inner) {}
    std::vector<Outcome> measure(const std::vector<Trace>& traces,
                                 const std::function<bool()>& stop,
                                 const std::function<void(size_t, const Outcome&)>& done) override {
      if (calls_++ == 0) return inner_.measure(traces, stop, done);
      std::vector<Outcome> outcomes(traces.size());
      for (size_t i = 0; i < traces.size(); ++i) {
        outcomes[i].verdict = Verdict::device_error;
        outcomes[i].detail = "unavailable: launch failed: it was unplugged";
        done(i, outcomes[i]);
      }
      return outcomes;
    }

   private:
    Measurer& inner_;
    int calls_ = 0;
  };
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const auto local = make_local_measurer(problem, 1);
  Vanishing measurer(**local);
  const Database database = *Database::in_memory();
  const auto result = tune(problem, measurer, &database, options_for(*problem, 64));
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(result->best);
  ASSERT_TRUE(result->device_problem);
  EXPECT_EQ(result->device_problem->message(),
            "the device is gone after 16 trials: unavailable: launch "
            "failed: it was unplugged\n  toy\n  hint: the same command goes on when it is back");
  EXPECT_FALSE(result->finished);
  EXPECT_EQ(result->trials, 16);
  EXPECT_EQ(database.stats()->records, 16);
  EXPECT_EQ(database.session(result->session)->value().state, SessionState::paused);
  // When it is back, the session goes on as if it had never been gone.
  const TuneResult rest = run(problem, options_for(*problem, 64), &database);
  EXPECT_EQ(rest.resumed, 16);
  EXPECT_EQ(rest.candidates, run(problem, options_for(*problem, 64)).candidates);
}

// Notes in which order the schedules come.
class Noting : public Measurer {
 public:
  Noting(Measurer& inner, int jobs) : inner_(inner), jobs_(jobs) {}
  std::vector<Outcome> measure(const std::vector<Trace>& traces, const std::function<bool()>& stop,
                               const std::function<void(size_t, const Outcome&)>& done) override {
    rounds.push_back(traces);
    return inner_.measure(traces, stop, done);
  }
  int jobs() const override { return jobs_; }

  std::vector<std::vector<Trace>> rounds;

 private:
  Measurer& inner_;
  int jobs_;
};

std::vector<std::vector<Trace>> rounds_with(const std::shared_ptr<const Problem>& problem,
                                            int jobs) {
  const auto local = make_local_measurer(problem, 1);
  Noting noting(**local, jobs);
  EXPECT_TRUE(tune(problem, noting, nullptr, options_for(*problem, 64)));
  return noting.rounds;
}

TEST(Tune, SeveralJobsMeasureTheLongOnesOfTheSecondHalfOfARoundEarly) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const auto predicted = [&problem](const Trace& trace) {
    const auto& workload = *problem->workload;
    const auto& target = *problem->target.description;
    return candidate_features(workload, target, *replay(workload, target, trace)).predicted.total();
  };
  const auto alone = rounds_with(problem, 1);
  const auto together = rounds_with(problem, 2);
  ASSERT_EQ(alone.size(), 4U);
  ASSERT_EQ(together.size(), 4U);
  bool moved = false;
  for (size_t r = 0; r < alone.size(); ++r) {
    ASSERT_EQ(together[r].size(), 16U);
    std::vector<double> lengths;
    for (const Trace& trace : alone[r]) lengths.push_back(predicted(trace));
    std::sort(lengths.begin(), lengths.end());
    // Those longer than twice the median come to the front of the half, longest first.
    std::vector<Trace> expected = alone[r];
    const auto is_long = [&](const Trace& t) { return predicted(t) > 2 * lengths[8]; };
    const auto rest = std::stable_partition(expected.begin() + 8, expected.end(), is_long);
    std::stable_sort(expected.begin() + 8, rest,
                     [&](const Trace& a, const Trace& b) { return predicted(a) > predicted(b); });
    EXPECT_EQ(together[r], expected);
    moved = moved || alone[r] != together[r];
  }
  EXPECT_TRUE(moved);
}

TEST(Tune, SaysWhereItsTimeWent) {
  TuneResult result;
  result.wall_s = 10;
  result.jobs = 2;
  result.build_s = 2;
  result.run_s = 6;
  result.gate_s = 4;
  EXPECT_DOUBLE_EQ(result.outside_share(), 0.4);
}

TEST(Tune, WithoutTrialsMeasuresNothing) {
  const auto problem = test::toy_problem("mtv", "i=600,k=300");
  const TuneResult result = run(problem, options_for(*problem, 0));
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.trials, 0);
  EXPECT_FALSE(result.best);
}

}  // namespace
}  // namespace pimjit
