// Every named operator, type and kind of size, under the default schedule on 1 to 24 tasklets: the
// compiled kernels against the evaluator of the plugin kit, and the result on the simulated machine
// against what the notation says. PIMJIT_OPERATOR_SWEEP=1 takes all numbers of tasklets and both
// styles of code, else a few.
#include <cstdlib>
#include <numeric>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/tests/support/built_target.h"
#include "pimjit/tests/upmem/compiler_harness.h"

namespace pimjit {
namespace {

struct Size {
  const char* kind;
  std::map<std::string, int64_t> extents;
};

const Size kSizes[] = {
    {"aligned", {{"i", 64}, {"j", 16}, {"k", 32}, {"b", 4}}},
    {"ragged", {{"i", 53}, {"j", 7}, {"k", 37}, {"b", 3}}},
};

bool whole_sweep() {
  return std::getenv("PIMJIT_OPERATOR_SWEEP") != nullptr;
}

Workload workload_of(const NamedOperator& op, DType dtype, const Size& size) {
  NotationOptions options;
  options.dtype = dtype;
  for (const auto& [axis, extent] : size.extents)
    if (std::string(op.text).find("[" + axis) != std::string::npos ||
        std::string(op.text).find("," + axis) != std::string::npos)
      options.sizes[axis] = extent;
  // One axis only: long enough for several units and tasklets.
  if (options.sizes.size() == 1) options.sizes.begin()->second *= 61;
  const auto workload = make_workload(op.name, options);
  EXPECT_TRUE(workload) << workload.error().message();
  return *workload;
}

struct Tally {
  int runs = 0, kernels = 0, spills = 0, refused = 0;
};

void check_kernel(const Kernel& kernel, upmem::CodeStyle style, Tally& tally) {
  const auto bytes = serialize(kernel);
  ASSERT_TRUE(bytes) << bytes.error().message();
  kit::Kernel flat;
  ASSERT_EQ(kit::read_kernel(bytes->data(), bytes->size(), flat), "");
  const auto compiled = upmem::compile_kernel(flat, {style});
  ASSERT_TRUE(compiled) << compiled.error().message();
  ++tally.kernels;
  if (style == upmem::CodeStyle::tuned) {
    if (compiled->spills > 0)
      std::printf("%s %s: %d spills\n", kernel.name.c_str(),
                  std::string(to_string(kernel.buffers[0].dtype)).c_str(), compiled->spills);
    tally.spills += compiled->spills;
  }
  upmem::testing::expect_equal_runs(flat, *compiled, false);
}

void check_operator(const Workload& workload, const OpenTarget& machine, Tally& tally) {
  const auto trace = default_schedule(workload, *machine.description);
  ASSERT_TRUE(trace);
  const auto schedule = replay(workload, *machine.description, *trace);
  ASSERT_TRUE(schedule);
  auto lowered = lower(std::make_shared<const Workload>(workload), machine.description, *schedule);
  ASSERT_TRUE(lowered) << lowered.error().message();
  for (const Kernel& kernel : lowered->kernels) {
    check_kernel(kernel, upmem::CodeStyle::tuned, tally);
    if (whole_sweep()) check_kernel(kernel, upmem::CodeStyle::plain, tally);
  }
  const auto runner =
      make_runner(machine, std::make_shared<const LoweredModule>(std::move(*lowered)));
  ASSERT_TRUE(runner) << runner.error().message();
  const std::vector<HostTensor> inputs = gate_inputs(workload, 5);
  const auto answer = call(*runner, inputs);
  ASSERT_TRUE(answer) << answer.error().message();
  const auto gate = compare(workload, inputs, answer->output);
  ASSERT_TRUE(gate) << gate.error().message();
  EXPECT_TRUE(gate->ok) << gate->text("output");
  ++tally.runs;
}

TEST(SimOperators, ComputeWhatTheNotationSaysOnAnyNumberOfTasklets) {
  std::vector<int> tasklets{1, 11, 24};
  if (whole_sweep()) {
    tasklets.resize(24);
    std::iota(tasklets.begin(), tasklets.end(), 1);
  }
  Tally tally;
  int turn = 0;
  for (const int count : tasklets) {
    const OpenTarget machine =
        test::built_target("sim:dpus=3,host_threads=1,tasklets=" + std::to_string(count));
    for (const NamedOperator& op : named_operators())
      for (const DType dtype : {DType::i8, DType::i16, DType::i32, DType::i64, DType::f32})
        for (const Size& size : kSizes) {
          // By default another sixth of them at each number of tasklets.
          if (!whole_sweep() && ++turn % 6 != count % 6) continue;
          SCOPED_TRACE(std::string(op.name) + " " + std::string(to_string(dtype)) + " " +
                       size.kind + ", tasklets " + std::to_string(count));
          check_operator(workload_of(op, dtype, size), machine, tally);
          if (HasFailure()) return;
        }
  }
  std::printf("%d runs, %d kernels compiled, %d spills\n", tally.runs, tally.kernels, tally.spills);
  EXPECT_EQ(tally.spills, 0);
}

}  // namespace
}  // namespace pimjit
