// Random computations under random schedules on the toy chips, through the whole path of a call:
// transfers in place, staged and ragged ones, tensors with and without gaps, the host's part with
// and without machine code made for it.
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/jit/host/jit_host_ops.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"

namespace pimjit {
namespace {

// Memory of a tensor with every other element left out along the last dimension when `gaps`, and
// bytes on both sides that nothing may touch.
struct Framed {
  static constexpr size_t kFrame = 64;
  std::vector<std::byte> memory;
  TensorView view;

  Framed(DType t, const std::vector<int64_t>& shape, bool gaps) {
    int64_t elements = gaps ? 2 : 1;
    for (int64_t n : shape) elements *= n;
    memory.assign(static_cast<size_t>(elements * bytes_of(t)) + 2 * kFrame, std::byte{0x5a});
    view = {memory.data() + kFrame, t, shape, std::vector<int64_t>(shape.size())};
    int64_t stride = gaps ? 2 : 1;
    for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) view.strides[d] = stride;
  }
  bool frame_untouched() const {
    for (size_t i = 0; i < kFrame; ++i) {
      if (memory[i] != std::byte{0x5a} || memory[memory.size() - 1 - i] != std::byte{0x5a})
        return false;
    }
    return true;
  }
};

std::string run_and_compare(const ModuleRunner& runner, std::vector<HostTensor> inputs, bool gaps) {
  const Workload& w = *runner.module().workload;
  std::vector<TensorView> tensors(w.tensors.size());
  std::vector<Framed> memory;
  memory.reserve(w.tensors.size());
  const std::vector<int> numbers = w.inputs();
  for (size_t i = 0; i < numbers.size(); ++i) {
    const Tensor& t = w.tensors[static_cast<size_t>(numbers[i])];
    memory.emplace_back(t.dtype, t.shape, gaps);
    copy_tensor(inputs[i].view(), memory.back().view);
    tensors[static_cast<size_t>(numbers[i])] = memory.back().view;
  }
  const auto last = static_cast<size_t>(w.output());
  memory.emplace_back(w.tensors[last].dtype, w.tensors[last].shape, gaps);
  tensors[last] = memory.back().view;
  const auto report = runner.run(tensors);
  if (!report) return report.error().message();
  for (const Framed& m : memory) {
    if (!m.frame_untouched()) return "memory beside a tensor was written";
  }
  HostTensor output(w.tensors[last].dtype, w.tensors[last].shape);
  copy_tensor(memory.back().view, output.view());
  const auto gate = compare(w, inputs, output);
  if (!gate) return gate.error().message();
  // f32 data that may all overflow have no right result.
  const bool nothing_known = gate->mismatches == 0 && gate->unbounded == gate->checked;
  return gate->ok || nothing_known ? "" : gate->text(w.tensors[last].name);
}

class RunProperty : public ::testing::TestWithParam<const char*> {};

struct Transfers {
  int in_place = 0, staged = 0;
  void count(const LoweredModule& module) {
    for (const HostOp& op : module.ops) {
      if (op.kind != OpKind::pack && op.kind != OpKind::reduce) continue;
      ++(op.in_place.possible ? in_place : staged);
    }
  }
};

TEST_P(RunProperty, RandomSchedulesRunRight) {
  const char* wanted = std::getenv("PIMJIT_PROPERTY_CASES");
  const int cases = wanted != nullptr ? std::atoi(wanted) : 200;
  const auto target =
      open_target(GetParam(), discover(search_places({PIMJIT_BINARY_DIR "/tests/plugins"}, "")));
  ASSERT_TRUE(target) << target.error().message();
  const auto compiler = HostCompiler::create({.threads = 2, .compile = {}});
  ASSERT_TRUE(compiler);
  Transfers transfers;
  int too_large = 0;
  for (int n = 0; n < cases; ++n) {
    RandomStream random(static_cast<uint64_t>(n), "run property");
    const auto workload = std::make_shared<const Workload>(random_workload(random));
    const Trace trace = random_trace(*workload, *target->description, random);
    const auto schedule = replay(*workload, *target->description, trace);
    ASSERT_TRUE(schedule);
    auto lowered = lower(workload, target->description, *schedule);
    ASSERT_TRUE(lowered) << lowered.error().message();
    const auto module = std::make_shared<const LoweredModule>(std::move(*lowered));
    transfers.count(*module);
    auto machine_code = compiler->compile(module);
    ASSERT_TRUE(machine_code) << machine_code.error().message();
    const auto compiled = make_runner(*target, module, std::move(*machine_code));
    // The buffers of a chain together may not fit.
    if (!compiled && compiled.error().code == "device_memory_exhausted") {
      ++too_large;
      continue;
    }
    ASSERT_TRUE(compiled) << compiled.error().message();
    const auto plain = make_runner(*target, module);
    ASSERT_TRUE(plain) << plain.error().message();
    for (bool gaps : {false, true, false}) {
      for (const auto* runner : {&*plain, &*compiled}) {
        const std::string wrong =
            run_and_compare(*runner, gate_inputs(*workload, static_cast<uint64_t>(n)), gaps);
        ASSERT_EQ(wrong, "") << "case " << n << (gaps ? " with gaps" : "")
                             << (runner == &*compiled ? ", machine code: " : ": ")
                             << to_text(*workload) << "  " << sizes_text(*workload) << "\n"
                             << to_text(trace, *workload, *target->description);
      }
    }
  }
  EXPECT_LE(too_large, cases / 20);
  EXPECT_GT(transfers.in_place, cases / 20);
  EXPECT_GT(transfers.staged, cases / 20);
}

INSTANTIATE_TEST_SUITE_P(Chips, RunProperty, ::testing::Values("toy", "lockstep"));

}  // namespace
}  // namespace pimjit
