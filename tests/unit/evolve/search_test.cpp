#include "pimjit/search/evolve/search.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

std::shared_ptr<const DesignSpace> mtv_space(const char* target = "simple") {
  return std::make_shared<const DesignSpace>(test::sample_workload("mtv", "i=1000,k=700"),
                                             test::sample_target(target));
}

SearchOptions small(const std::string& strategy, int64_t trials = 96) {
  SearchOptions options;
  options.strategy = strategy;
  options.trials = trials;
  options.population = 64;
  options.batch = 16;
  return options;
}

// A machine that is unlike the prediction in a known way.
TrialResult pretend(const Candidate& candidate) {
  const PredictedTime& t = candidate.features.predicted;
  return {candidate.hash % 11 != 0, 2 * t.kernel + 0.3 * t.h2d + t.launch + 3 * t.d2h + t.host};
}

Search run(Search search, size_t until = SIZE_MAX) {
  while (search.state().results.size() < until) {
    const auto batch = search.next();
    EXPECT_TRUE(batch) << batch.error().message();
    if (!batch || batch->empty()) break;
    std::vector<TrialResult> results;
    for (const Candidate& candidate : *batch) results.push_back(pretend(candidate));
    search.feed(results);
  }
  return search;
}

double best(const Search& search) {
  return search.state().results[*search.state().best].ns;
}

class Strategies : public testing::TestWithParam<const char*> {};

TEST_P(Strategies, UseTheirTrialsOnDistinctLegalSchedules) {
  const auto space = mtv_space();
  const Search search = run(*Search::make(space, small(GetParam())));
  EXPECT_EQ(search.state().results.size(), 96u);
  EXPECT_EQ(search.state().seen.size(), 96u);
  for (const Candidate& candidate : search.state().candidates) {
    ASSERT_TRUE(replay(space->workload(), space->target(), candidate.trace));
  }
  EXPECT_EQ(search.rounds().size(), 6u);
}

TEST_P(Strategies, GiveTheSameListForTheSameResults) {
  const Search one = run(*Search::make(mtv_space(), small(GetParam())));
  const Search two = run(*Search::make(mtv_space(), small(GetParam())));
  EXPECT_EQ(one.candidates_hash(96), two.candidates_hash(96));
  EXPECT_NE(one.candidates_hash(96), one.candidates_hash(95));
}

TEST_P(Strategies, GiveTheSameListOnAnyNumberOfThreads) {
  SearchOptions options = small(GetParam());
  const Search one = run(*Search::make(mtv_space(), options));
  options.jobs = 3;
  const Search three = run(*Search::make(mtv_space(), options));
  EXPECT_EQ(one.candidates_hash(96), three.candidates_hash(96));
  EXPECT_EQ(one.tried(), three.tried());
  const auto text = [](const Search& search) {
    const DesignSpace& space = *search.state().space;
    return histogram_text(search.rejected(), search.tried(), space.workload(), space.target());
  };
  EXPECT_EQ(text(one), text(three));
}

INSTANTIATE_TEST_SUITE_P(All, Strategies,
                         testing::Values("evolve", "default-evolve", "random", "grid"),
                         [](const auto& of) {
                           std::string name = of.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Once families no longer get equal shares: an eighth of a round of 16, and one drawn at random.
TEST(Search, RoundsAreOfManyWaysToDealTheWorkOut) {
  const Search search = run(*Search::make(mtv_space(), small("evolve")));
  const auto& candidates = search.state().candidates;
  for (size_t begin = 48; begin < 96; begin += 16) {
    std::map<std::vector<std::vector<int64_t>>, int> alike;
    for (size_t i = begin; i < begin + 16; ++i) {
      std::vector<std::vector<int64_t>> dealing;
      for (const AxisTiling& axis : candidates[i].point->stages.front().axes) {
        dealing.push_back(axis.parts);
      }
      EXPECT_LE(++alike[dealing], 3) << "candidate " << i;
    }
  }
}

// Before those drawn at random; so one that is stopped within a round has seen the best of it.
TEST(Search, RoundsBeginWithTheFittest) {
  const Search search = run(*Search::make(mtv_space(), small("evolve")));
  const auto& candidates = search.state().candidates;
  for (size_t r = 0; r < search.rounds().size(); ++r) {
    const auto at_random = std::lround(16 * search.rounds()[r].epsilon);
    for (size_t i = 16 * r + 1; i < 16 * (r + 1) - static_cast<size_t>(at_random); ++i) {
      EXPECT_LE(candidates[i - 1].expected_ns, candidates[i].expected_ns) << "candidate " << i;
    }
  }
}

TEST(Search, EvolutionFindsBetterSchedulesThanChance) {
  double evolved = 0, drawn = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SearchOptions options = small("evolve", 160);
    options.seed = seed;
    evolved += best(run(*Search::make(mtv_space(), options)));
    options.strategy = "random";
    drawn += best(run(*Search::make(mtv_space(), options)));
  }
  EXPECT_LT(evolved, drawn);
}

TEST(Search, SeedsGiveDifferentLists) {
  SearchOptions options = small("evolve", 32);
  const Search one = run(*Search::make(mtv_space(), options));
  options.seed = 2;
  EXPECT_NE(run(*Search::make(mtv_space(), options)).candidates_hash(32), one.candidates_hash(32));
}

TEST(Search, GivenSchedulesComeFirst) {
  const auto space = mtv_space();
  SearchOptions options = small("evolve", 16);
  options.first = {*default_schedule(space->workload(), space->target())};
  auto search = *Search::make(space, options);
  const auto batch = search.next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->front().trace, options.first[0]);
  EXPECT_EQ(batch->size(), 16u);
}

TEST(Search, EpsilonFallsAndRoundsAreLogged) {
  const Search search = run(*Search::make(mtv_space(), small("evolve")));
  EXPECT_GT(search.rounds().front().epsilon, search.rounds().back().epsilon);
  EXPECT_DOUBLE_EQ(search.rounds().back().epsilon, 0.05);
  EXPECT_GT(search.rounds().front().rank_correlation, 0.3);
  EXPECT_EQ(search.rounds().back().best_ns, best(search));
}

TEST(Search, CountsRejectionsWithTheirNumbers) {
  const auto space = mtv_space();
  const Search search = run(*Search::make(space, small("random")));
  const auto overflow = search.rejected().find(RejectionCode::scope_overflow);
  ASSERT_NE(overflow, search.rejected().end());
  EXPECT_GT(overflow->second.count, 0);
  EXPECT_THAT(histogram_text(search.rejected(), search.tried(), space->workload(), space->target()),
              testing::ContainsRegex("scope_overflow [0-9]+ % \\(scope scratch needs [0-9]+ B"));
}

TEST(Search, NamesTheLimitThatBindsWhenNothingIsLegal) {
  auto target = *test::sample_target("simple");
  target.limits.buffers = 2;
  const auto space = std::make_shared<const DesignSpace>(
      test::sample_workload("mtv", "i=100,k=70"), std::make_shared<const TargetDesc>(target));
  const auto batch = Search::make(space, small("evolve"))->next();
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, "no_legal_schedule");
  EXPECT_THAT(
      batch.error().what,
      testing::ContainsRegex("none of [0-9]+ schedules is legal; [0-9]+ fail because [0-9]+ "
                             "buffers are needed, 2 is the most"));
}

TEST(Search, RefusesNamesItDoesNotKnow) {
  EXPECT_EQ(Search::make(mtv_space(), small("magic")).error().code, "unknown_strategy");
  SearchOptions options = small("evolve");
  options.model = "oracle";
  EXPECT_EQ(Search::make(mtv_space(), options).error().code, "unknown_model");
}

}  // namespace
}  // namespace pimjit
