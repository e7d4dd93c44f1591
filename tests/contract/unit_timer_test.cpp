// Timing a few units of the toy chip gives the time of the whole call.
#include "pimjit/core/run/unit_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;

OpenTarget opened(const std::string& target) {
  auto open =
      open_target(target, discover(search_places({PIMJIT_BINARY_DIR "/tests/plugins"}, "")));
  EXPECT_TRUE(open) << open.error().message();
  return std::move(*open);
}

std::shared_ptr<const LoweredModule> lowered(const OpenTarget& target, const char* computation,
                                             const std::map<std::string, int64_t>& sizes) {
  const auto workload = make_workload(computation, {.sizes = sizes});
  EXPECT_TRUE(workload) << workload.error().message();
  auto shared = std::make_shared<const Workload>(*workload);
  const auto trace = default_schedule(*shared, *target.description);
  const auto schedule = replay(*shared, *target.description, *trace);
  auto module = lower(shared, target.description, *schedule);
  EXPECT_TRUE(module) << module.error().message();
  return std::make_shared<const LoweredModule>(std::move(*module));
}

Result<UnitTiming> timed(const OpenTarget& target,
                         const std::shared_ptr<const LoweredModule>& module,
                         std::vector<HostTensor> inputs, size_t classes) {
  auto images = build_images(target.plugin, *module);
  if (!images) return fail(images.error());
  auto device = target.plugin.open(target.description->plugin);
  if (!device) return fail(device.error());
  const auto timer = UnitTimer::create(
      module, std::make_shared<DeviceSpace>(std::move(*device), target.description), *images,
      classes);
  if (!timer) return fail(timer.error());
  std::vector<TensorView> tensors(module->workload->tensors.size());
  const std::vector<int> numbers = module->workload->inputs();
  for (size_t i = 0; i < numbers.size(); ++i)
    tensors[static_cast<size_t>(numbers[i])] = inputs[i].view();
  return timer->run(tensors);
}

struct Sizes {
  const char* computation;
  std::map<std::string, int64_t> sizes;
};
class UnitTimerOnToy : public ::testing::TestWithParam<Sizes> {};

TEST_P(UnitTimerOnToy, TakesAsLongAsTheWholeCall) {
  const OpenTarget target = opened("toy");
  const auto module = lowered(target, GetParam().computation, GetParam().sizes);
  auto inputs = timing_inputs(*module->workload, 1);
  const auto runner = make_runner(target, module);
  ASSERT_TRUE(runner) << runner.error().message();
  const auto whole = call(*runner, inputs);
  ASSERT_TRUE(whole) << whole.error().message();
  const auto timing = timed(target, module, inputs, 9);
  ASSERT_TRUE(timing) << timing.error().message();
  EXPECT_LT(static_cast<int64_t>(timing->units_run.size()), module->kernel_units[0]);
  EXPECT_NEAR(timing->report.total_ns, whole->report.total_ns, 1);
  for (int p = 0; p < kRunPhases; ++p) {
    const auto phase = static_cast<RunPhase>(p);
    EXPECT_NEAR(timing->report.phase(phase).ns, whole->report.phase(phase).ns, 1)
        << to_string(phase);
  }
  int64_t staging = 0;
  for (const HostBuffer& b : module->host_buffers) {
    if (b.kind == HostBufferKind::staging) staging += b.elements * bytes_of(b.dtype);
  }
  EXPECT_GT(timing->bytes_touched, 0);
  EXPECT_LT(timing->bytes_touched, 3 * staging);
}

INSTANTIATE_TEST_SUITE_P(All, UnitTimerOnToy,
                         ::testing::Values(Sizes{"mtv", {{"i", 500}, {"k", 70}}},
                                           Sizes{"va", {{"i", 12345}}}, Sizes{"red", {{"i", 9999}}},
                                           Sizes{"mmtv", {{"i", 7}, {"j", 61}, {"k", 33}}},
                                           Sizes{"gemm", {{"i", 33}, {"j", 50}, {"k", 19}}}));

TEST(UnitTimer, RunsNoMoreUnitsThanAsked) {
  const OpenTarget target = opened("toy");
  const auto module = lowered(target, "mtv", {{"i", 500}, {"k", 70}});
  const auto timing = timed(target, module, timing_inputs(*module->workload, 1), 1);
  ASSERT_TRUE(timing) << timing.error().message();
  EXPECT_EQ(timing->units_run, (std::vector<int64_t>{0}));
}

TEST(UnitTimer, SaysWhichMachinesMustRunWhole) {
  const OpenTarget target = opened("lockstep");
  const auto module = lowered(target, "va", {{"i", 100}});
  const auto timing = timed(target, module, timing_inputs(*module->workload, 1), 1);
  ASSERT_FALSE(timing);
  EXPECT_EQ(timing.error().code, "whole_launches");
  EXPECT_THAT(timing.error().message(), HasSubstr("runs all of its instances at once"));
}

TEST(UnitTimer, NamesMissingInputs) {
  const OpenTarget target = opened("toy");
  const auto module = lowered(target, "va", {{"i", 100}});
  auto inputs = timing_inputs(*module->workload, 1);
  inputs[0] = HostTensor(DType::i32, {99});
  const auto timing = timed(target, module, inputs, 1);
  ASSERT_FALSE(timing);
  EXPECT_EQ(timing.error().code, "tensor_mismatch");
}

}  // namespace
}  // namespace pimjit
