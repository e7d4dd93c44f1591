#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::kMatrixVector;
using samples::machine;
using samples::trace_of;

TEST(Relative, UnitsStayAndTheirWorkScales) {
  const TargetDesc target = machine("simple");
  const Workload small = computation("mtv", {{"i", 2048}, {"k", 64}});
  const Trace scaled = relative(trace_of(kMatrixVector, small, target), small, target);
  EXPECT_EQ(instruction_text(scaled, 0, small, target), "i.0, i.1, i.2 = split(i, 8, ratio 1/512)");
  EXPECT_EQ(instruction_text(scaled, 1, small, target), "k.0, k.1 = split(k, 16)");
  const Workload half = computation("mtv", {{"i", 1024}, {"k", 64}});
  auto s = replay(half, target, scaled);
  ASSERT_TRUE(s.has_value());
  EXPECT_EQ(s->stages[0].loops[2].extent, 64) << "units";
  EXPECT_EQ(s->stages[0].loops[4].extent, 2) << "rows of a tile";
}

TEST(Relative, TheWholeExtentIsAll) {
  const TargetDesc target = machine("simple");
  const Workload w = computation("mtv", {{"i", 64}, {"k", 32}});
  const Trace trace = trace_of("split(k, 32)\nbind(i, unit)\nunroll(k.1, 32)", w, target);
  EXPECT_EQ(to_line(relative(trace, w, target), w, target),
            "k.0, k.1 = split(k, all); bind(i, unit); unroll(k.1, all)");
}

TEST(Relative, IllegalTracesStayAsTheyAre) {
  const TargetDesc target = machine("simple");
  const Workload w = computation("mtv", {{"i", 65}, {"k", 32}});
  const Trace trace = trace_of("split(k, 32)\nbind(i, unit)", w, target);
  EXPECT_EQ(relative(trace, w, target), trace);
}

}  // namespace
}  // namespace pimjit
