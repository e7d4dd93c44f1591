#include "pimjit/search/evolve/candidate.h"

#include <gtest/gtest.h>

#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

std::shared_ptr<const DesignSpace> mtv_space() {
  return std::make_shared<const DesignSpace>(test::sample_workload("mtv", "i=1000,k=700"),
                                             test::sample_target("simple"));
}

std::vector<Point> some_points(const DesignSpace& space, size_t count) {
  RandomStream random(3, "points");
  std::vector<Point> points;
  for (size_t p = 0; p < count; ++p) {
    points.push_back(space.sample(space.families()[p % space.families().size()], random));
  }
  return points;
}

void expect_equal(const std::optional<Candidate>& a, const std::optional<Candidate>& b) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (!a) return;
  EXPECT_EQ(a->hash, b->hash);
  EXPECT_EQ(a->trace, b->trace);
  EXPECT_EQ(a->family, b->family);
  EXPECT_EQ(a->features.values, b->features.values);
  EXPECT_EQ(a->features.predicted.total(), b->features.predicted.total());
}

TEST(CandidateMaker, GivesForASchedulesSecondComingWhatItGaveForTheFirst) {
  const auto space = mtv_space();
  const std::vector<Point> points = some_points(*space, 64);
  CandidateMaker maker(space, 2);
  const auto first = maker.from_points(points);
  const auto second = maker.from_points(points);
  ASSERT_EQ(first.size(), second.size());
  for (size_t p = 0; p < points.size(); ++p) expect_equal(first[p], second[p]);
}

TEST(CandidateMaker, CountsEveryComing) {
  const auto space = mtv_space();
  const std::vector<Point> points = some_points(*space, 200);
  CandidateMaker maker(space);
  maker.from_points(points);
  std::map<RejectionCode, int64_t> once;
  for (const auto& [code, count] : maker.rejected()) once[code] = count.count;
  ASSERT_FALSE(once.empty());
  maker.from_points(points);
  EXPECT_EQ(maker.tried(), 400);
  for (const auto& [code, count] : maker.rejected()) EXPECT_EQ(count.count, 2 * once[code]);
}

TEST(CandidateMaker, FeaturesAreThoseOfTheSchedule) {
  const auto space = mtv_space();
  CandidateMaker maker(space);
  const std::vector<Point> points = some_points(*space, 64);
  maker.from_points(points);
  int legal = 0;
  for (const auto& candidate : maker.from_points(points)) {
    if (!candidate) continue;
    ++legal;
    const auto schedule = replay(space->workload(), space->target(), candidate->trace);
    ASSERT_TRUE(schedule);
    EXPECT_EQ(candidate->features.values,
              candidate_features(space->workload(), space->target(), *schedule).values);
  }
  EXPECT_GT(legal, 10);
}

}  // namespace
}  // namespace pimjit
