#include "pimjit/tests/support/random_trace.h"

#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/tests/support/random_target.h"
#include "pimjit/tests/support/random_workload.h"
#include "pimjit/tests/support/trace_coverage.h"

namespace pimjit {
namespace {

int cases_to_run() {
  const char* wanted = std::getenv("PIMJIT_PROPERTY_CASES");
  return wanted == nullptr ? 600 : std::atoi(wanted);
}

TargetDesc machine(const std::string& name) {
  return *load_target(std::string(PIMJIT_SOURCE_DIR) + "/tests/targets/" + name + ".toml");
}

TargetDesc draw_machine(RandomStream& random) {
  const double x = random.unit();
  if (x < 0.35) return machine("simple");
  if (x < 0.6) return machine("lockstep");
  if (x < 0.75) return machine("direct");
  return random_target(random);
}

TEST(RandomTrace, TextRoundTripsReplayIsPureAndRepairLeavesLegalOnesAlone) {
  RandomStream random(20, "random traces");
  TraceCoverage coverage;
  for (int n = 0; n < cases_to_run(); ++n) {
    const TargetDesc target = draw_machine(random);
    const Workload w = random_workload(random);
    const Trace trace = random_trace(w, target, random);
    const std::string text = to_text(trace, w, target);
    SCOPED_TRACE(to_text(w) + "  " + sizes_text(w) + "\n" + text);
    auto parsed = parse_trace(text, w, target);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
    ASSERT_EQ(parsed->instructions, trace.instructions);
    auto again = parse_trace(to_line(trace, w, target), w, target);
    ASSERT_TRUE(again.has_value());
    ASSERT_EQ(*again, *parsed);
    auto repaired = replay_with_repair(w, target, trace);
    ASSERT_TRUE(repaired.has_value());
    ASSERT_TRUE(repaired->repairs.empty());
    ASSERT_EQ(repaired->trace, trace);
    const Trace scaled = relative(trace, w, target);
    ASSERT_EQ(replay(w, target, scaled).has_value(), true) << to_text(scaled, w, target);
    coverage.add(w, target, trace);
  }
  std::cout << coverage.table();
  EXPECT_EQ(coverage.cases(), cases_to_run());
  EXPECT_GE(coverage.share_not_dividing(), 0.3);
  EXPECT_GE(coverage.share_factored(), 0.2);
  if (cases_to_run() < 300) return;
  for (int k = 0; k <= static_cast<int>(PrimitiveKind::annotate); ++k) {
    const PrimitiveKind kind = static_cast<PrimitiveKind>(k);
    EXPECT_GT(coverage.count(kind), 0) << to_string(kind);
  }
  for (DType t : kTensorDTypes) EXPECT_GT(coverage.count(t), 0) << to_string(t);
}

TEST(RandomTrace, EqualStreamsGiveEqualTraces) {
  const TargetDesc target = machine("simple");
  RandomStream a(7, "same"), b(7, "same");
  for (int n = 0; n < 20; ++n) {
    const Workload first = random_workload(a), second = random_workload(b);
    ASSERT_EQ(to_text(first), to_text(second));
    ASSERT_EQ(random_trace(first, target, a), random_trace(second, target, b));
  }
}

TEST(RandomTrace, RepairedTracesAreLegalAtOtherShapesAndTheSameEveryTime) {
  RandomStream random(21, "repair");
  int repaired_cases = 0, given_up = 0, legal_at_once = 0;
  for (int n = 0; n < cases_to_run(); ++n) {
    const TargetDesc target = draw_machine(random);
    const Workload w = random_workload(random);
    Trace trace = random_trace(w, target, random);
    if (random.chance(0.5)) trace = relative(trace, w, target);
    const Workload there = at_other_sizes(w, random);
    SCOPED_TRACE(to_text(there) + "  " + sizes_text(there) + "\n" + to_text(trace, there, target));
    const auto first = replay_with_repair(there, target, trace);
    const auto second = replay_with_repair(there, target, trace);
    ASSERT_EQ(first.has_value(), second.has_value());
    if (!first) {
      ++given_up;
      continue;
    }
    ASSERT_EQ(first->trace, second->trace);
    ASSERT_TRUE(replay(there, target, first->trace).has_value());
    ASSERT_EQ(first->repairs.empty(), first->trace == trace);
    ++(first->repairs.empty() ? legal_at_once : repaired_cases);
  }
  std::cout << legal_at_once << " legal at once, " << repaired_cases << " repaired, " << given_up
            << " without a repair\n";
  EXPECT_GT(repaired_cases, cases_to_run() / 10);
  EXPECT_LT(given_up, cases_to_run() / 4);
}

}  // namespace
}  // namespace pimjit
