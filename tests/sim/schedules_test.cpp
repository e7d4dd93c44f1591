// Random computations under random schedules, through machine code on the simulated machine.
#include <cstdlib>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/tests/support/built_target.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"

namespace pimjit {
namespace {

int64_t cases_to_run() {
  const char* wanted = std::getenv("PIMJIT_SIM_CASES");
  return wanted != nullptr ? std::atoll(wanted) : 600;
}

struct Tally {
  int64_t ran = 0, refused = 0, inconclusive = 0;
};

// What is wrong with one case; empty when nothing is.
std::string mistakes_in(const Workload& workload, const OpenTarget& target, const Trace& trace,
                        uint64_t seed, Tally& tally) {
  const auto schedule = replay(workload, *target.description, trace);
  if (!schedule) return "replay";
  auto lowered = lower(std::make_shared<const Workload>(workload), target.description, *schedule);
  if (!lowered) return "lowering: " + lowered.error().message();
  auto module = std::make_shared<const LoweredModule>(std::move(*lowered));
  const auto runner = make_runner(target, module);
  if (!runner) {
    // Too long, too many registers: the compiler's limits are no part of the description.
    if (runner.error().code != "rejected_by_target") return "building: " + runner.error().message();
    ++tally.refused;
    return {};
  }
  const std::vector<HostTensor> inputs = gate_inputs(workload, seed);
  const auto answer = call(*runner, inputs);
  if (!answer) return "running: " + answer.error().message();
  const auto gate = compare(workload, inputs, answer->output);
  if (!gate) return "comparing: " + gate.error().message();
  ++tally.ran;
  if (gate->unbounded == gate->elements && gate->elements > 0) {
    ++tally.inconclusive;
    return {};
  }
  const double kernel = answer->report.phase(RunPhase::kernel).ns;
  bool launches = false;
  for (const HostOp& op : module->ops) launches |= op.kind == OpKind::launch;
  if (launches && !(kernel > 0)) return "a kernel that takes no time";
  return gate->ok ? std::string() : gate->text("output");
}

void run_cases(const char* stream, int64_t cases,
               const std::function<std::optional<Trace>(const Workload&, const TargetDesc&,
                                                        RandomStream&)>& draw) {
  const std::vector<OpenTarget> machines = {
      test::built_target("sim:dpus=8,host_threads=1"), test::built_target("sim:dpus=70"),
      test::built_target("sim:dpus=1,tasklets=1,host_threads=1")};
  Tally tally;
  int failures = 0;
  for (int64_t n = 0; n < cases && failures < 5; ++n) {
    RandomStream random(static_cast<uint64_t>(n), stream);
    const Workload workload = random_workload(random);
    const OpenTarget& target = machines[static_cast<size_t>(n) % machines.size()];
    const auto trace = draw(workload, *target.description, random);
    if (!trace) continue;
    const std::string wrong =
        mistakes_in(workload, target, *trace, static_cast<uint64_t>(n), tally);
    if (wrong.empty()) continue;
    ++failures;
    ADD_FAILURE() << "case " << n << " on " << target.name << ": " << to_text(workload) << "  "
                  << sizes_text(workload) << "\n"
                  << to_text(*trace, workload, *target.description) << "\n"
                  << wrong;
  }
  std::printf("%lld ran, %lld refused, %lld inconclusive of %lld\n",
              static_cast<long long>(tally.ran), static_cast<long long>(tally.refused),
              static_cast<long long>(tally.inconclusive), static_cast<long long>(cases));
  EXPECT_GE(tally.ran * 10, cases * 9);
  EXPECT_LE(tally.inconclusive * 50, cases);
}

TEST(SimSchedules, RandomOnesComputeWhatTheNotationSays) {
  run_cases("sim schedules", cases_to_run(),
            [](const Workload& workload, const TargetDesc& target, RandomStream& random) {
              return std::optional(random_trace(workload, target, random));
            });
}

TEST(SimSchedules, DefaultOnesComputeWhatTheNotationSays) {
  run_cases("sim defaults", cases_to_run() / 3,
            [](const Workload& workload, const TargetDesc& target,
               RandomStream&) -> std::optional<Trace> {
              const auto trace = default_schedule(workload, target);
              if (!trace) return std::nullopt;
              return *trace;
            });
}

}  // namespace
}  // namespace pimjit
