#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/tests/support/lowered_samples.h"
#include "pimjit/tests/support/random_target.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"
#include "pimjit/tests/support/trace_coverage.h"

namespace pimjit {
namespace {

int64_t cases_to_run() {
  const char* wanted = std::getenv("PIMJIT_PROPERTY_CASES");
  return wanted != nullptr ? std::atoll(wanted) : 3000;
}

std::vector<std::shared_ptr<const TargetDesc>> machines() {
  std::vector<std::shared_ptr<const TargetDesc>> all{test::sample_target("simple"),
                                                     test::sample_target("lockstep"),
                                                     test::sample_target("direct")};
  RandomStream random(7, "property machines");
  for (int n = 0; n < 3; ++n)
    all.push_back(std::make_shared<const TargetDesc>(random_target(random)));
  return all;
}

struct Case {
  std::shared_ptr<const Workload> workload;
  std::shared_ptr<const TargetDesc> target;
  Trace trace;
  uint64_t number = 0;

  std::string text() const {
    return "case " + std::to_string(number) + " on " + target->id + ": " + to_text(*workload) +
           "  " + sizes_text(*workload) + "\n" + to_text(trace, *workload, *target);
  }
};

// What is wrong with one case; empty when nothing is.
std::string mistakes_in(const Case& c, int64_t& inconclusive) {
  const auto schedule = replay(*c.workload, *c.target, c.trace);
  if (!schedule)
    return "replay: " +
           render(schedule.error(), *c.workload, *c.target, nullptr, &c.trace).message();
  LowerOptions options;
  options.verify = true;
  const auto module = lower(c.workload, c.target, *schedule, options);
  if (!module) return "lowering: " + module.error().message();
  for (const Kernel& kernel : module->kernels) {
    const auto bytes = serialize(kernel);
    if (!bytes) return "serialising: " + bytes.error().message();
    const auto back = deserialize(*bytes);
    if (!back) return "reading back: " + back.error().message();
    if (hash_of(*back) != hash_of(kernel)) return "the serialised kernel reads back differently";
  }
  const test::Verdict verdict = test::judge(*module, c.number);
  inconclusive += verdict.inconclusive ? 1 : 0;
  return verdict.mistakes;
}

TEST(LoweringProperty, RandomSchedulesComputeWhatTheNotationSays) {
  const auto targets = machines();
  TraceCoverage coverage;
  int failures = 0;
  int64_t inconclusive = 0;
  const int64_t cases = cases_to_run();
  for (int64_t n = 0; n < cases && failures < 5; ++n) {
    Case c;
    c.number = static_cast<uint64_t>(n);
    RandomStream random(c.number, "lowering property");
    c.workload = std::make_shared<const Workload>(random_workload(random));
    c.target = targets[static_cast<size_t>(n) % targets.size()];
    c.trace = random_trace(*c.workload, *c.target, random);
    coverage.add(*c.workload, *c.target, c.trace);
    const std::string wrong = mistakes_in(c, inconclusive);
    if (wrong.empty()) continue;
    ++failures;
    ADD_FAILURE() << c.text() << "\n" << wrong;
  }
  std::printf("%s", coverage.table().c_str());
  EXPECT_LE(inconclusive * 50, cases) << "the data say nothing in more than 2 % of the cases";
  if (cases < 1000) return;
  EXPECT_GE(coverage.share_not_dividing(), 0.3);
  EXPECT_GE(coverage.share_factored(), 0.2);
}

// Any computation has a default schedule on any machine, or a rejection that names a limit of that
// machine.
TEST(LoweringProperty, DefaultSchedulesComputeWhatTheNotationSays) {
  const auto targets = machines();
  int failures = 0;
  int64_t inconclusive = 0;
  int64_t rejected = 0;
  const int64_t cases = cases_to_run() / 3;
  for (int64_t n = 0; n < cases && failures < 5; ++n) {
    Case c;
    c.number = static_cast<uint64_t>(n);
    RandomStream random(c.number, "default schedules");
    c.workload = std::make_shared<const Workload>(random_workload(random));
    c.target = targets[static_cast<size_t>(n) % targets.size()];
    const auto trace = default_schedule(*c.workload, *c.target);
    if (!trace) {
      ++rejected;
      EXPECT_NE(render(trace.error(), *c.workload, *c.target, nullptr, nullptr).what, "");
      continue;
    }
    c.trace = *trace;
    const std::string wrong = mistakes_in(c, inconclusive);
    if (wrong.empty()) continue;
    ++failures;
    ADD_FAILURE() << c.text() << "\n" << wrong;
  }
  std::printf("%lld of %lld computations have no default schedule on their machine\n",
              static_cast<long long>(rejected), static_cast<long long>(cases));
  EXPECT_LE(rejected * 10, cases);
  EXPECT_LE(inconclusive * 50, cases);
}

}  // namespace
}  // namespace pimjit
