#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/loop_tree_text.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::kMatrixVector;
using samples::machine;
using samples::trace_of;

int64_t resolved(const Decision& d, int64_t extent) {
  const Workload w = computation("C[i] = A[i]", {{"i", 100}});
  return resolve(d, extent, std::max<int64_t>(extent, 1), w, machine("simple"), 0);
}

TEST(Resolve, EachKindOfDecision) {
  EXPECT_EQ(resolved(absolute(64), 10), 64) << "absolute ones are taken as they are";
  EXPECT_EQ(resolved(all(), 100), 100);
  EXPECT_EQ(resolved(all(), 0), 1);
  EXPECT_EQ(resolved(ratio(1, 8), 100), 13);  // 12.5
  EXPECT_EQ(resolved(ratio(3, 8), 100), 38);  // 37.5
  EXPECT_EQ(resolved(ratio(1, 1000), 100), 1);
  EXPECT_EQ(resolved(ratio(9, 1), 100), 100);
  EXPECT_EQ(resolved(ratio(INT64_MAX, 1), 100), 100);
  EXPECT_EQ(resolved(fills(1, 16), 1000), 64);  // 4096 B / 16 / 4 B
  EXPECT_EQ(resolved(fills(1, 1), 100), 100);
  EXPECT_EQ(resolved(fills(9, 1), 100), 1);
}

TEST(Resolve, RelativeFactorsNeverExceedWhatASplitAllows) {
  const Workload w = computation("C[i] = A[i]", {{"i", 10}});
  const TargetDesc target = machine("simple");
  const Trace trace = trace_of("split(i, all, ratio 1/2, 3)", w, target);
  EXPECT_EQ(resolve_factors(trace.instructions[0], 10, w, target), (std::vector<int64_t>{1, 4, 3}));
  EXPECT_TRUE(replay(w, target, trace).has_value());
}

TEST(Replay, IsPure) {
  const Workload w = computation("mtv", {{"i", 2000}, {"k", 100}});
  const TargetDesc target = machine("simple");
  const Trace trace = trace_of(kMatrixVector, w, target);
  auto a = replay(w, target, trace), b = replay(w, target, trace);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(loop_tree_text(w, target, *a, 0), loop_tree_text(w, target, *b, 0));
}

TEST(Replay, StagesAreSeparate) {
  const Workload w =
      computation("T[i] += A[i,k] * B[k]; C[i] = max(T[i], 0)", {{"i", 64}, {"k", 8}});
  const TargetDesc target = machine("simple");
  auto s = replay(w, target, trace_of("bind(i, unit)\nstage 1: parallel(i)", w, target));
  ASSERT_TRUE(s.has_value());
  EXPECT_TRUE(s->stages[0].on_device());
  EXPECT_FALSE(s->stages[1].on_device());
  EXPECT_EQ(s->stages[1].loops[0].kind, LoopKind::parallel);
}

TEST(Replay, AStageThatDoesNotExistIsRefused) {
  const Workload w = computation("C[i] = A[i]", {{"i", 64}});
  Trace trace;
  trace.instructions = {make_bind(3, 0, 0)};
  auto s = replay(w, machine("simple"), trace);
  ASSERT_FALSE(s.has_value());
  EXPECT_EQ(s.error().code, RejectionCode::unknown_loop);
}

}  // namespace
}  // namespace pimjit
