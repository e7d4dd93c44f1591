// What passes and what does not pass the correctness gate of measured candidates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/search/measure/unit_gate.h"
#include "pimjit/search/space/design_space.h"
#include "pimjit/tests/search/toy_problem.h"

namespace pimjit {
namespace {

struct Case {
  const char* target;
  const char* computation;
  const char* sizes;
  DType dtype;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.computation << " on " << c.target;
}

class Gate : public testing::TestWithParam<Case> {};

// Whole calls are held to the reference elsewhere; here the parts of single units are.
TEST_P(Gate, PassesWhatIsRight) {
  const Case& c = GetParam();
  const auto problem = test::toy_problem(c.computation, c.sizes, c.target, c.dtype);
  const DesignSpace space(problem->workload, problem->target.description);
  const auto builder = make_builder(problem);
  auto runner = make_runner_of(problem);
  ASSERT_TRUE(runner) << runner.error().message();
  RandomStream random(1, "gate");
  int measured = 0;
  for (int d = 0; d < 400 && measured < 24; ++d) {
    const auto& families = space.families();
    const Trace trace =
        space.emit(space.sample(families[static_cast<size_t>(d) % families.size()], random));
    if (!replay(*problem->workload, *problem->target.description, trace)) continue;
    const Outcome outcome = measure_one(*builder, **runner, trace);
    ASSERT_TRUE(outcome.ok()) << to_string(outcome.verdict) << " " << outcome.detail << "\n"
                              << to_text(trace, *problem->workload, *problem->target.description);
    EXPECT_GT(outcome.verified.elements, 0);
    ++measured;
  }
  EXPECT_GE(measured, 10);
}

INSTANTIATE_TEST_SUITE_P(All, Gate,
                         testing::Values(Case{"toy", "mtv", "i=203,k=130", DType::i32},
                                         Case{"toy", "va", "i=3001", DType::i32},
                                         Case{"toy", "red", "i=4097", DType::i64},
                                         Case{"toy", "ttv", "i=7,j=30,k=65", DType::i32},
                                         Case{"toy", "mmtv", "i=6,j=20,k=64", DType::i32},
                                         Case{"toy", "mtv", "i=100,k=70", DType::f32},
                                         Case{"toy", "C[i] max= A[i,k] - B[k]", "i=100,k=70",
                                              DType::i32},
                                         Case{"lockstep", "mtv", "i=64,k=64", DType::i32}),
                         [](const auto& of) { return cat(of.param.target, of.index); });

// A kernel of a computation of the same form that multiplies where it should not, or adds what it
// should subtract: as fast as the right one.
TEST(Gate, CatchesAKernelThatComputesSomethingElse) {
  const auto problem = test::toy_problem("C[i] += A[i,k] * B[k]", "i=203,k=130");
  const auto other = test::toy_problem("C[i] += A[i,k] * B[k] + 1", "i=203,k=130");
  const DesignSpace space(problem->workload, problem->target.description);
  auto runner = make_runner_of(problem);
  ASSERT_TRUE(runner);
  RandomStream random(2, "gate");
  int caught = 0;
  for (int d = 0; d < 200 && caught < 10; ++d) {
    const auto& families = space.families();
    const Trace trace =
        space.emit(space.sample(families[static_cast<size_t>(d) % families.size()], random));
    const auto right = make_builder(problem)->build(trace);
    const auto wrong = make_builder(other)->build(trace);
    if (!right || !wrong) continue;
    const Outcome outcome = (*runner)->run({right->module, wrong->images});
    ASSERT_EQ(outcome.verdict, Verdict::wrong);
    EXPECT_THAT(outcome.detail, testing::ContainsRegex("wrong_result: .* differ; first C"));
    ++caught;
  }
  EXPECT_EQ(caught, 10);
}

TEST(Gate, LooksAtFourUnitsAtLeastTheFirstTheLastAndTheEdges) {
  const auto problem = test::toy_problem("mtv", "i=203,k=130");
  const auto trace = parse_trace(
      "i.0, i.1 = split(i, 8); bind(i.0, unit); cache_read(A, scratch, at=i.1);"
      "cache_read(B, scratch, at=i.1); cache_write(scratch, at=i.0)",
      *problem->workload, *problem->target.description);
  ASSERT_TRUE(trace) << trace.error().message();
  const auto built = make_builder(problem)->build(*trace);
  ASSERT_TRUE(built) << built.error().message();
  const std::vector<int64_t> units = gate_units(*built->module, 1);
  EXPECT_GE(units.size(), kGateUnits);
  EXPECT_EQ(units.front(), 0);
  EXPECT_EQ(units.back(), 25);  // the ragged one: rows 200 to 202
  auto runner = make_runner_of(problem);
  const Outcome outcome = (*runner)->run(*built);
  ASSERT_TRUE(outcome.ok()) << outcome.detail;
  EXPECT_EQ(outcome.verified.units, static_cast<int64_t>(units.size()));
  EXPECT_GE(outcome.verified.elements, 3 * 8 + 3);  // all that four units of eight rows have
}

TEST(Gate, VerifiesWinnersInFull) {
  const auto problem = test::toy_problem("mtv", "i=203,k=130");
  const auto trace = parse_trace(
      "i.0, i.1 = split(i, 8); bind(i.0, unit); "
      "cache_write(scratch, at=i.0)",
      *problem->workload, *problem->target.description);
  const auto verified = verify_whole(*problem, *trace);
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->elements, 203);
  EXPECT_EQ(verified->method, "exact");
}

TEST(Measuring, SaysWhyAScheduleDidNotWork) {
  const auto problem = test::toy_problem("mtv", "i=203,k=130");
  const auto trace = parse_trace("i.0, i.1 = split(i, 1); bind(i.0, unit)", *problem->workload,
                                 *problem->target.description);
  auto runner = make_runner_of(problem);
  const Outcome outcome = measure_one(*make_builder(problem), **runner, *trace);
  EXPECT_EQ(outcome.verdict, Verdict::rejected);
  EXPECT_THAT(outcome.detail, testing::HasSubstr("level_overflow: 203 instances of"));
}

}  // namespace
}  // namespace pimjit
