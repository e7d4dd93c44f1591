// Every published schedule is a point of our space: legal at its published size, and right when it
// is built and run. PIMJIT_TEST_PUBLISHED=all runs the large ones too.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin/discovery.h"
#include "pimjit/core/support/text.h"
#include "pimjit/examples/experiments/contest.h"
#include "pimjit/search/measure/local_measurer.h"

namespace pimjit::experiments {
namespace {

constexpr int64_t kSmall = 1 << 20;  // elements of the largest input

OpenTarget machine() {
  auto target = open_target("sim:dpus=2048",
                            discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, "")));
  EXPECT_TRUE(target) << target.error().message();
  return std::move(*target);
}

int64_t largest_input(const Workload& workload) {
  int64_t most = 0;
  for (const int tensor : workload.inputs()) {
    most = std::max(most, workload.tensors[static_cast<size_t>(tensor)].elements());
  }
  return most;
}

class Published : public testing::TestWithParam<PublishedEntry> {};

TEST_P(Published, SchedulesAreLegalPointsOfTheSpace) {
  const PublishedEntry& entry = GetParam();
  const auto workload = workload_of(entry);
  ASSERT_TRUE(workload);
  const OpenTarget target = machine();
  const DesignSpace space(workload, target.description,
                          {resident_inputs(*workload, entry.op), true});
  const std::vector<Point> points = points_of(space, entry.schedule);
  ASSERT_FALSE(points.empty());
  for (const Point& point : points) {
    const Trace trace = space.emit(point);
    const auto schedule = replay(*workload, *target.description, trace);
    ASSERT_TRUE(schedule)
        << render(schedule.error(), *workload, *target.description, nullptr, &trace).message();
    // As many DPUs as were published.
    int64_t dpus = entry.schedule.host_parts;
    for (const auto& parts : entry.schedule.spatial) dpus *= parts[0];
    int64_t bound = 1;
    for (const Loop& loop : schedule->stages.front().loops) {
      if (loop.level == target.description->unit_level()) bound *= loop.extent;
    }
    EXPECT_EQ(bound, dpus);
  }
}

class SmallPublished : public testing::TestWithParam<PublishedEntry> {};

TEST_P(SmallPublished, SchedulesComputeWhatTheyShould) {
  const PublishedEntry& entry = GetParam();
  const auto workload = workload_of(entry);
  const auto problem = make_problem(workload, machine(), 1);
  ASSERT_TRUE(problem) << problem.error().message();
  const auto measurer = make_local_measurer(*problem, 1);
  ASSERT_TRUE(measurer) << measurer.error().message();
  const DesignSpace space(workload, (*problem)->target.description,
                          {resident_inputs(*workload, entry.op), true});
  const auto outcome = replayed(**measurer, space, entry.schedule);
  ASSERT_TRUE(outcome) << "no reading of the schedule works";
  EXPECT_GE(outcome->verified.elements, std::min<int64_t>(64, workload->tensors.back().elements()));
  EXPECT_GE(outcome->verified.units, 4);
}

std::vector<PublishedEntry> small_entries() {
  const char* wanted = std::getenv("PIMJIT_TEST_PUBLISHED");
  std::vector<PublishedEntry> entries = published_entries();
  if (wanted != nullptr && std::strcmp(wanted, "all") == 0) return entries;
  std::erase_if(entries, [](const PublishedEntry& entry) {
    return largest_input(*workload_of(entry)) > kSmall;
  });
  return entries;
}

std::string identifier(const testing::TestParamInfo<PublishedEntry>& of) {
  std::string name = of.param.group + "_" + of.param.name();
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Published, testing::ValuesIn(published_entries()), identifier);
INSTANTIATE_TEST_SUITE_P(All, SmallPublished, testing::ValuesIn(small_entries()), identifier);

TEST(PublishedEntries, HaveTilesThatMakeUpTheirAxes) {
  ASSERT_EQ(published_entries().size(), 31U);
  for (const PublishedEntry& entry : published_entries()) {
    const PublishedSchedule& s = entry.schedule;
    std::vector<int64_t> extents;
    for (const auto& parts : s.spatial) {
      extents.push_back(parts[0] * parts[1] * parts[2] * parts[3] * parts[4]);
    }
    if (!s.reduction.empty()) {
      int64_t extent = s.host_parts * s.tasklet_parts;
      for (const int64_t part : s.reduction) extent *= part;
      extents.push_back(extent);
    }
    EXPECT_EQ(extents, entry.shape) << entry.name();
  }
}

}  // namespace
}  // namespace pimjit::experiments
