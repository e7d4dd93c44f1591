// Random schedules under random choices of the boundary passes, through machine code on the
// simulated machine: the same results, and times of a few units that agree with the whole call.
#include <cstdlib>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/run/unit_classes.h"
#include "pimjit/core/run/unit_timer.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/tests/support/built_target.h"
#include "pimjit/tests/support/pass_choices.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"

namespace pimjit {
namespace {

int64_t cases_to_run() {
  const char* wanted = std::getenv("PIMJIT_SIM_CASES");
  return wanted != nullptr ? std::atoll(wanted) : 640;
}

Result<std::shared_ptr<const LoweredModule>> lowered_without(uint64_t choice,
                                                             const Workload& workload,
                                                             const OpenTarget& target,
                                                             const Schedule& schedule) {
  LowerOptions options;
  options.disabled = test::left_out(choice);
  auto module =
      lower(std::make_shared<const Workload>(workload), target.description, schedule, options);
  if (!module) return fail(module.error());
  return std::make_shared<const LoweredModule>(std::move(*module));
}

// All units of the kernels, each timed alone, take as long as the slowest in the whole call.
std::string timer_mistake(const OpenTarget& target,
                          const std::shared_ptr<const LoweredModule>& module,
                          std::vector<HostTensor> inputs, const RunReport& whole) {
  // Intermediates are not computed by the timer, and other data may take another time.
  if (module->workload->stages.size() != 1 || module->kernels.empty()) return {};
  const auto images = build_images(target.plugin, *module);
  auto device = target.plugin.open(target.description->plugin);
  if (!images || !device) return "building again failed";
  const auto timer = UnitTimer::create(
      module, std::make_shared<DeviceSpace>(std::move(*device), target.description), *images, 64);
  if (!timer) return timer.error().message();
  std::vector<TensorView> tensors(module->workload->tensors.size());
  const std::vector<int> numbers = module->workload->inputs();
  for (size_t i = 0; i < numbers.size(); ++i)
    tensors[static_cast<size_t>(numbers[i])] = inputs[i].view();
  const auto timing = timer->run(tensors);
  if (!timing) return timing.error().message();
  // Emulated operations take longer on some data, which other units of a class may hold.
  const double few = timing->kernel_ns[0], all = whole.phase(RunPhase::kernel).ns;
  return few <= all + 1 ? "" : "the slowest unit takes longer than all units together";
}

std::string mistakes_in(uint64_t choice, const Workload& workload, const OpenTarget& target,
                        const Schedule& schedule, uint64_t seed, int64_t& ran) {
  const auto module = lowered_without(choice, workload, target, schedule);
  if (!module) return "lowering: " + module.error().message();
  const auto runner = make_runner(target, *module);
  if (!runner) return runner.error().code == "rejected_by_target" ? "" : runner.error().message();
  const std::vector<HostTensor> inputs = gate_inputs(workload, seed);
  const auto answer = call(*runner, inputs);
  if (!answer) return "running: " + answer.error().message();
  const auto gate = compare(workload, inputs, answer->output);
  if (!gate) return "comparing: " + gate.error().message();
  ++ran;
  const bool nothing_known = gate->mismatches == 0 && gate->unbounded == gate->checked;
  if (!gate->ok && !nothing_known) return gate->text("output");
  return timer_mistake(target, *module, inputs, answer->report);
}

TEST(SimBoundaryPasses, EveryChoiceComputesTheSame) {
  const OpenTarget machines[] = {test::built_target("sim:dpus=8,host_threads=1"),
                                 test::built_target("sim:dpus=70,host_threads=1")};
  int64_t ran = 0;
  int failures = 0;
  const int64_t cases = cases_to_run();
  for (int64_t n = 0; n < cases && failures < 3; ++n) {
    // Four choices for each schedule.
    const auto number = static_cast<uint64_t>(n);
    RandomStream random(number / 4, "sim boundary passes");
    const Workload workload = random_workload(random);
    const OpenTarget& target = machines[number / 4 % 2];
    const Trace trace = random_trace(workload, *target.description, random);
    const auto schedule = replay(workload, *target.description, trace);
    ASSERT_TRUE(schedule);
    const uint64_t choice = number * 13 % test::pass_choices();
    const std::string wrong = mistakes_in(choice, workload, target, *schedule, number / 4, ran);
    if (wrong.empty()) continue;
    ++failures;
    ADD_FAILURE() << "case " << n << " without passes " << choice << " on " << target.name << ": "
                  << to_text(workload) << "  " << sizes_text(workload) << "\n"
                  << to_text(trace, workload, *target.description) << "\n"
                  << wrong;
  }
  EXPECT_GE(ran * 10, cases * 9);
}

}  // namespace
}  // namespace pimjit
