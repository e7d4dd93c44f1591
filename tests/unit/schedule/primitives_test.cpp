#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "pimjit/core/schedule/schedule.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;

// The value of a loop when those in the nest have the given values (by loop number).
int64_t value_of(const StageSchedule& s, LoopId id, const std::vector<int64_t>& values) {
  const Loop& l = s.loops[static_cast<size_t>(id)];
  if (l.in_nest) return values[static_cast<size_t>(id)];
  if (l.fused_into != kRoot) return value_of(s, l.fused_into, values) / l.fuse_stride % l.extent;
  int64_t sum = 0;
  for (int c = 0; c < l.child_count; ++c) {
    const LoopId child = l.children[static_cast<size_t>(c)];
    sum += value_of(s, child, values) * s.loops[static_cast<size_t>(child)].stride;
  }
  return sum;
}

// Runs the nest and counts how often each combination of axis values passes all guards.
std::map<std::vector<int64_t>, int> visited(const StageSchedule& s, int axes) {
  std::map<std::vector<int64_t>, int> seen;
  std::vector<int64_t> values(s.loops.size(), 0);
  const std::function<void(size_t)> run = [&](size_t p) {
    if (p < s.nest.size()) {
      const size_t id = static_cast<size_t>(s.nest[p]);
      for (values[id] = 0; values[id] < s.loops[id].extent; ++values[id]) run(p + 1);
      values[id] = 0;
      return;
    }
    for (size_t l = 0; l < s.loops.size(); ++l) {
      if ((s.loops[l].needs_guard || s.loops[l].padded) &&
          value_of(s, static_cast<int>(l), values) >= s.loops[l].extent)
        return;
    }
    std::vector<int64_t> point;
    for (int a = 0; a < axes; ++a) point.push_back(value_of(s, a, values));
    ++seen[point];
  };
  run(0);
  return seen;
}

TEST(Split, NumbersStridesAndPositions) {
  Schedule s = Schedule::initial(computation("C[i] += A[i,k] * B[k]", {{"i", 100}, {"k", 7}}));
  auto parts = split(s, 0, 0, {8, 4}, Edge::guard);
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(*parts, (std::vector<LoopId>{2, 3, 4}));
  const StageSchedule& stage = s.stages[0];
  EXPECT_EQ(stage.nest, (std::vector<LoopId>{2, 3, 4, 1}));
  EXPECT_EQ(stage.loops[2].extent, 4);  // 100 / 32 rounded up
  EXPECT_EQ(stage.loops[2].stride, 32);
  EXPECT_EQ(stage.loops[3].stride, 4);
  EXPECT_EQ(stage.loops[4].stride, 1);
  EXPECT_TRUE(stage.loops[0].needs_guard);
  EXPECT_FALSE(stage.loops[0].in_nest);
}

TEST(Split, NoGuardWhereTheFactorDivides) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 96}}));
  ASSERT_TRUE(split(s, 0, 0, {32}, Edge::guard).has_value());
  EXPECT_FALSE(s.stages[0].loops[0].needs_guard);
  EXPECT_FALSE(s.stages[0].loops[0].padded);
}

TEST(Split, PaddingLeavesTheAxisAtItsOutermostPart) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 100}}));
  auto parts = split(s, 0, 0, {8}, Edge::guard);  // 13 * 8
  ASSERT_TRUE(parts.has_value());
  ASSERT_TRUE(split(s, 0, (*parts)[0], {4}, Edge::pad).has_value());
  EXPECT_TRUE(s.stages[0].loops[1].padded);
  EXPECT_FALSE(split(s, 0, (*parts)[1], {3}, Edge::pad).has_value());
  EXPECT_TRUE(split(s, 0, (*parts)[1], {4}, Edge::pad).has_value()) << "divides: nothing to pad";
}

TEST(Split, EmptyLoopsStayEmpty) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 0}}));
  auto parts = split(s, 0, 0, {8, 4}, Edge::guard);
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(s.stages[0].loops[1].extent, 0);
  EXPECT_EQ(s.stages[0].loops[3].extent, 4);
  EXPECT_FALSE(s.stages[0].loops[0].needs_guard);
  EXPECT_TRUE(fuse(s, 0, {1, 2}).has_value());
}

TEST(Split, TakesOneToSevenFactors) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 512}}));
  EXPECT_EQ(split(s, 0, 0, {}, Edge::guard).error().code, RejectionCode::bad_factor);
  const auto eight = split(s, 0, 0, {1, 1, 1, 1, 1, 1, 1, 1}, Edge::guard);
  ASSERT_FALSE(eight.has_value());
  EXPECT_EQ(eight.error().have, 8);
  EXPECT_EQ(eight.error().limit, 7);
  EXPECT_TRUE(split(s, 0, 0, {2, 2, 2, 2, 2, 2, 2}, Edge::guard).has_value());
}

TEST(Split, SaysHowLargeANestWouldBe) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 0}}));
  const int64_t large = int64_t{1} << 40;
  const auto refused = split(s, 0, 0, {large, large}, Edge::guard);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, RejectionCode::nest_too_large);
  EXPECT_EQ(refused.error().have, INT64_MAX) << "more than 64 bits hold";
}

TEST(Fuse, FirstMemberIsTheSlowest) {
  Schedule s = Schedule::initial(computation("C[i,j] = A[i,j]", {{"i", 3}, {"j", 5}}));
  auto fused = fuse(s, 0, {0, 1});
  ASSERT_TRUE(fused.has_value());
  const StageSchedule& stage = s.stages[0];
  EXPECT_EQ(stage.nest, std::vector<LoopId>{2});
  EXPECT_EQ(stage.loops[2].extent, 15);
  EXPECT_EQ(stage.loops[0].fuse_stride, 5);
  EXPECT_EQ(stage.loops[1].fuse_stride, 1);
}

TEST(Reorder, KeepsTheOthersWhereTheyAre) {
  Schedule s =
      Schedule::initial(computation("C[i,j] += A[i,k] * B[k,j]", {{"i", 3}, {"j", 5}, {"k", 7}}));
  ASSERT_TRUE(reorder(s, 0, {2, 0}).has_value());
  EXPECT_EQ(s.stages[0].nest, (std::vector<LoopId>{2, 1, 0}));
}

TEST(Bind, LanesAreVectorised) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 8}}));
  const TargetDesc target = machine("direct");
  ASSERT_TRUE(bind(s, target, 0, 0, target.find_level("lane")).has_value());
  EXPECT_EQ(s.stages[0].loops[0].kind, LoopKind::vectorized);
  EXPECT_TRUE(s.stages[0].on_device());
}

TEST(Place, TheLastOneCounts) {
  const Workload w = computation("C[i] += A[i,k] * B[k]", {{"i", 4}, {"k", 4}});
  const TargetDesc target = machine("simple");
  Schedule s = Schedule::initial(w);
  ASSERT_TRUE(place(s, w, target, 0, 0, Residency::streamed).has_value());
  ASSERT_TRUE(place(s, w, target, 0, 0, Residency::resident).has_value());
  ASSERT_EQ(s.placements.size(), 1u);
  EXPECT_EQ(s.placements[0].residency, Residency::resident);
}

TEST(Annotate, TheLastOneCounts) {
  Schedule s = Schedule::initial(computation("C[i] = A[i]", {{"i", 8}}));
  ASSERT_TRUE(annotate(s, 0, "depth", 1).has_value());
  ASSERT_TRUE(annotate(s, 0, "depth", 2).has_value());
  ASSERT_EQ(s.stages[0].annotations.size(), 1u);
  EXPECT_EQ(s.stages[0].annotations[0].value, 2);
  EXPECT_EQ(s.names, std::vector<std::string>{"depth"});
}

TEST(Primitives, RefusalsChangeNothing) {
  const Workload w = computation("C[i] += A[i,k] * B[k]", {{"i", 64}, {"k", 8}});
  const TargetDesc target = machine("simple");
  Schedule s = Schedule::initial(w);
  EXPECT_FALSE(split(s, 0, 0, {4, 99}, Edge::guard).has_value());
  EXPECT_FALSE(fuse(s, 0, {0, 1}).has_value());
  EXPECT_FALSE(reorder(s, 0, {1, 1}).has_value());
  EXPECT_FALSE(bind(s, target, 0, 0, 1).has_value());
  EXPECT_FALSE(unroll(s, 0, 1, 9).has_value());
  EXPECT_EQ(s.stages[0].loops.size(), 2u);
  EXPECT_EQ(s.stages[0].nest, (std::vector<LoopId>{0, 1}));
  EXPECT_EQ(s.stages[0].loops[0].level, -1);
  EXPECT_EQ(s.stages[0].loops[1].kind, LoopKind::serial);
}

RC_GTEST_PROP(Primitives, EveryIterationExactlyOnce, ()) {
  const int64_t i = *rc::gen::inRange<int64_t>(0, 14), j = *rc::gen::inRange<int64_t>(1, 6);
  Schedule s = Schedule::initial(computation("C[i,j] = A[i,j]", {{"i", i}, {"j", j}}));
  const int steps = *rc::gen::inRange(0, 5);
  for (int step = 0; step < steps; ++step) {
    const StageSchedule& stage = s.stages[0];
    const size_t p = *rc::gen::inRange<size_t>(0, stage.nest.size());
    if (*rc::gen::inRange(0, 3) == 0) {
      if (p + 1 < stage.nest.size())
        RC_ASSERT(fuse(s, 0, {stage.nest[p], stage.nest[p + 1]}).has_value());
    } else {
      const LoopId id = stage.nest[p];
      const int64_t limit = std::max<int64_t>(stage.loops[static_cast<size_t>(id)].extent, 1);
      const int64_t factor = *rc::gen::inRange<int64_t>(1, limit + 1);
      const Edge edge = *rc::gen::element(Edge::guard, Edge::pad);
      if (!split(s, 0, id, {factor}, edge))
        RC_ASSERT(split(s, 0, id, {factor}, Edge::guard).has_value());
    }
  }
  const auto seen = visited(s.stages[0], 2);
  RC_ASSERT(static_cast<int64_t>(seen.size()) == i * j);
  for (const auto& [point, times] : seen) {
    RC_ASSERT(times == 1);
    RC_ASSERT(point[0] < i && point[1] < j);
  }
}

}  // namespace
}  // namespace pimjit
