#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/tests/support/lowered_samples.h"
#include "pimjit/tests/support/pass_choices.h"
#include "pimjit/tests/support/random_target.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"

namespace pimjit {
namespace {

// A schedule lowered under each choice of passes computes the same, on chips of all kinds.

// Choices tried for each schedule: all of the last five passes, which work on kernels, with one of
// the passes that work on the host program.
constexpr uint64_t kTried = 32;

int64_t cases_to_run() {
  const char* wanted = std::getenv("PIMJIT_PROPERTY_CASES");
  return wanted != nullptr ? std::atoll(wanted) : 8000;
}

struct Fired {
  std::map<std::string, int64_t> places;
};

std::string mistakes_under(uint64_t choice, const std::shared_ptr<const Workload>& workload,
                           const std::shared_ptr<const TargetDesc>& target,
                           const Schedule& schedule, uint64_t seed, Fired& fired) {
  LowerOptions options;
  options.verify = true;
  options.disabled = test::left_out(choice);
  options.observer = [&fired](const PassEvent& event) {
    fired.places[event.pass] += static_cast<int64_t>(event.facts.size());
  };
  const auto module = lower(workload, target, schedule, options);
  if (!module) return "lowering: " + module.error().message();
  return test::judge(*module, seed).mistakes;
}

TEST(BoundaryPassesProperty, EveryChoiceOfPassesComputesTheSame) {
  std::vector<std::shared_ptr<const TargetDesc>> targets{
      test::sample_target("simple"), test::sample_target("simple"), test::sample_target("lockstep"),
      test::sample_target("direct")};
  RandomStream machines(11, "boundary machines");
  for (int n = 0; n < 3; ++n)
    targets.push_back(std::make_shared<const TargetDesc>(random_target(machines)));
  Fired fired;
  int failures = 0;
  const int64_t schedules = std::max<int64_t>(1, cases_to_run() / int64_t{kTried});
  for (int64_t n = 0; n < schedules && failures < 3; ++n) {
    RandomStream random(static_cast<uint64_t>(n), "boundary passes");
    const auto workload = std::make_shared<const Workload>(random_workload(random));
    const auto& target = targets[static_cast<size_t>(n) % targets.size()];
    const Trace trace = random_trace(*workload, *target, random);
    const auto schedule = replay(*workload, *target, trace);
    ASSERT_TRUE(schedule.has_value());
    const uint64_t on_host = test::pass_choices() / kTried;
    for (uint64_t tried = 0; tried < kTried; ++tried) {
      const uint64_t choice = tried * on_host + static_cast<uint64_t>(n) % on_host;
      const std::string wrong =
          mistakes_under(choice, workload, target, *schedule, static_cast<uint64_t>(n), fired);
      if (wrong.empty()) continue;
      ++failures;
      ADD_FAILURE() << "case " << n << " without passes " << choice << " on " << target->id << ": "
                    << to_text(*workload) << "  " << sizes_text(*workload) << "\n"
                    << to_text(trace, *workload, *target) << "\n"
                    << wrong;
      break;
    }
  }
  for (const auto& [pass, places] : fired.places) {
    if (places > 0)
      std::printf("%-20s fired at %lld places\n", pass.c_str(), static_cast<long long>(places));
  }
  if (schedules < 200) return;
  for (const char* pass : {"convert_copies", "tighten_bounds", "hoist_branches", "peel_edges"})
    EXPECT_GT(fired.places[pass], schedules / 8) << pass;
}

}  // namespace
}  // namespace pimjit
