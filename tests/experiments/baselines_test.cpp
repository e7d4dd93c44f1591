#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin/discovery.h"
#include "pimjit/examples/experiments/baselines/hand_written.h"
#include "pimjit/examples/experiments/contest.h"
#include "pimjit/search/measure/local_measurer.h"

namespace pimjit::experiments {
namespace {

struct Bench {
  std::shared_ptr<const Problem> problem;
  std::unique_ptr<DesignSpace> space;
};

Bench bench(const std::string& op, const std::vector<int64_t>& shape) {
  auto target = open_target("sim:dpus=2048",
                            discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, "")));
  EXPECT_TRUE(target) << target.error().message();
  const auto workload = workload_of(PublishedEntry{"", op, shape, {}, {}, {}, 0, {}, {}}, shape);
  const auto problem = make_problem(workload, std::move(*target), 1);
  EXPECT_TRUE(problem);
  auto space = std::make_unique<DesignSpace>(workload, (*problem)->target.description,
                                             SpaceOptions{resident_inputs(*workload, op), true});
  return {*problem, std::move(space)};
}

std::vector<int64_t> parts_of(const StagePoint& stage, size_t level) {
  std::vector<int64_t> parts;
  for (const AxisTiling& axis : stage.axes) parts.push_back(axis.parts[level]);
  return parts;
}

TEST(PrimStyle, DealsRowsToUnitsAndPairsOfThemToSixteenTasklets) {
  const Bench b = bench("mtv", {4096, 512});
  const StagePoint stage = row_tiled(*b.space, {64, 16, 256, 1}).stages.front();
  EXPECT_THAT(parts_of(stage, 0), testing::ElementsAre(64, 1));
  EXPECT_THAT(parts_of(stage, 1), testing::ElementsAre(16, 1));
  EXPECT_EQ(stage.axes[0].tiles[1], 2);
  EXPECT_EQ(stage.axes[1].tiles[1], 256);
  // 4 rows of a unit are two pairs: two tasklets work.
  const StagePoint few = row_tiled(*b.space, {1024, 16, 256, 1}).stages.front();
  EXPECT_THAT(parts_of(few, 1), testing::ElementsAre(2, 1));
  EXPECT_EQ(few.axes[0].tiles[1], 2);
}

TEST(PrimStyle, LoadsScalarsOnce) {
  const Bench b = bench("gemv", {1024, 512});
  const StagePoint stage = row_tiled(*b.space, {256, 16, 256, 1}).stages.front();
  EXPECT_THAT(stage.read_at, testing::UnorderedElementsAre(1, 3, 3));
}

// 72 points, less the four that do not fit: 24 tasklets with three caches of 256 elements.
TEST(PrimSearch, HasSeventyTwoPointsLessWhatDoesNotFit) {
  const Bench b = bench("va", {1 << 22});
  EXPECT_EQ(prim_search(*b.space).size(), 68U);
  EXPECT_EQ(prim_style(*b.space).size(), 4U);
}

TEST(Expert2d, SplitsColumnsOverUnitsToo) {
  const Bench b = bench("mtv", {1024, 1024});
  const StagePoint stage = row_tiled(*b.space, {32, 16, 64, 8}).stages.front();
  EXPECT_THAT(parts_of(stage, 0), testing::ElementsAre(32, 8));
  EXPECT_TRUE(b.space->family_of(row_tiled(*b.space, {32, 16, 64, 8})).by_host);
  EXPECT_GT(expert_2d(*b.space).size(), 150U);
}

// One schedule of each list on small data, through the gate.
TEST(Baselines, ComputeWhatTheyShould) {
  for (const char* op : {"va", "red", "mtv", "gemv", "ttv", "mmtv"}) {
    const bool flat = *op == 'v' || *op == 'r';
    const std::string name = op;
    const Bench b =
        bench(name, flat                              ? std::vector<int64_t>{100000}
                    : name == "mtv" || name == "gemv" ? std::vector<int64_t>{300, 500}
                                                      : std::vector<int64_t>{16, 30, 130});
    const auto measurer = make_local_measurer(b.problem, 1);
    ASSERT_TRUE(measurer);
    for (const auto& list : {prim_style(*b.space), prim_search(*b.space), expert_2d(*b.space)}) {
      ASSERT_FALSE(list.empty()) << op;
      for (const size_t at : {size_t{0}, list.size() / 2, list.size() - 1}) {
        const auto outcomes = (*measurer)->measure({list[at]}, [] { return false; }, {});
        ASSERT_EQ(outcomes.size(), 1U);
        EXPECT_TRUE(outcomes[0].ok())
            << op << " " << outcomes[0].detail << "\n"
            << to_text(list[at], *b.problem->workload, *b.problem->target.description);
      }
    }
  }
}

}  // namespace
}  // namespace pimjit::experiments
