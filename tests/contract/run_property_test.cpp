// Random computations under random schedules on the toy chips, through the whole path of a call:
// transfers in place, staged and ragged ones, tensors with and without gaps between pages that
// nothing may touch, the host's part with and without machine code made for it.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/jit/host/jit_host_ops.h"
#include "pimjit/tests/support/guarded_memory.h"
#include "pimjit/tests/support/random_map.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"

namespace pimjit {
namespace {

using test::GuardedMemory;

// Memory of a tensor between pages that nothing may touch, at the lower or at the upper one; with
// `gaps` every other element along the last dimension is none.
struct Guarded {
  TensorView view;
  GuardedMemory memory;

  Guarded(const Tensor& t, bool gaps, bool at_end)
      : view(with_strides(t, gaps)), memory(test::span_bytes(view), at_end) {
    view.data = memory.data();
  }
  static TensorView with_strides(const Tensor& t, bool gaps) {
    TensorView v = test::row_major_view(t, nullptr);
    for (int64_t& stride : v.strides) stride *= gaps ? 2 : 1;
    return v;
  }
  // With gaps: what lies between the elements is as it was.
  bool gaps_untouched() const {
    const int64_t size = bytes_of(view.dtype);
    for (int64_t at = size; at < memory.bytes(); at += 2 * size) {
      for (int64_t b = 0; b < size; ++b) {
        if (memory.data()[at + b] != std::byte{0x5a}) return false;
      }
    }
    return true;
  }
};

struct Way {
  bool gaps, at_end;
};

std::string run_and_compare(const ModuleRunner& runner, std::vector<HostTensor> inputs, Way way) {
  const Workload& w = *runner.module().workload;
  std::vector<TensorView> tensors(w.tensors.size());
  std::vector<std::unique_ptr<Guarded>> memory;
  const std::vector<int> numbers = w.inputs();
  const auto add = [&](int number) -> Guarded& {
    const auto n = static_cast<size_t>(number);
    memory.push_back(std::make_unique<Guarded>(w.tensors[n], way.gaps, way.at_end));
    tensors[n] = memory.back()->view;
    return *memory.back();
  };
  for (size_t i = 0; i < numbers.size(); ++i) {
    const Guarded& input = add(numbers[i]);
    copy_tensor(inputs[i].view(), input.view);
    input.memory.forbid_writing();
  }
  const Guarded& result = add(w.output());
  const auto report = runner.run(tensors);
  if (!report) return report.error().message();
  if (way.gaps && !result.gaps_untouched()) return "memory between elements was written";
  HostTensor output(result.view.dtype, result.view.shape);
  copy_tensor(result.view, output.view());
  const auto gate = compare(w, inputs, output);
  if (!gate) return gate.error().message();
  // f32 data that may all overflow have no right result.
  const bool nothing_known = gate->mismatches == 0 && gate->unbounded == gate->checked;
  return gate->ok || nothing_known ? ""
                                   : gate->text(w.tensors[static_cast<size_t>(w.output())].name);
}

// Forms of plans: what the host does about a transfer.
struct Forms {
  int in_place = 0, partly_staged = 0, staged = 0, summed = 0, filled = 0, host_stages = 0,
      fused = 0;
  void count(const LoweredModule& module) {
    for (const HostOp& op : module.ops) {
      filled += op.kind == OpKind::fill;
      host_stages += op.kind == OpKind::stage;
      fused += op.kind == OpKind::stage && op.fused >= 0;
      if (op.kind != OpKind::pack && op.kind != OpKind::reduce) continue;
      ++(op.in_place.possible ? in_place : staged);
      partly_staged += op.in_place.possible && !op.in_place.staged.empty();
      summed += op.reducer != Reducer::none;
    }
  }
  std::string text() const {
    return cat("transfers in place ", in_place, ", of them partly staged ", partly_staged,
               "; staged ", staged, ", of them adding up ", summed, "; fills ", filled,
               "; stages of the host ", host_stages, ", of them fused ", fused);
  }
};

// A random schedule, or the default one, if there is one; sometimes without passes that shape
// transfers.
Result<LoweredModule> lowered_case(const OpenTarget& target, uint64_t number, std::string& text) {
  RandomStream random(number, "run property");
  const auto workload = std::make_shared<const Workload>(random_workload(random));
  Trace trace = random_trace(*workload, *target.description, random);
  if (number % 4 == 3) {
    if (auto made = default_schedule(*workload, *target.description)) trace = std::move(*made);
  }
  text = cat(to_text(*workload), "  ", sizes_text(*workload), "\n",
             to_text(trace, *workload, *target.description));
  const auto schedule = replay(*workload, *target.description, trace);
  if (!schedule) {
    return fail(render(schedule.error(), *workload, *target.description, nullptr, &trace));
  }
  LowerOptions options;
  if (number % 5 == 4)
    options.disabled = {"convert_copies", "peel_edges", "hoist_branches", "keep_intermediates"};
  return lower(workload, target.description, *schedule, options);
}

class RunProperty : public ::testing::TestWithParam<const char*> {};

TEST_P(RunProperty, RandomSchedulesRunRight) {
  const char* wanted = std::getenv("PIMJIT_PROPERTY_CASES");
  const int cases = wanted != nullptr ? std::atoi(wanted) : 200;
  const auto target =
      open_target(GetParam(), discover(search_places({PIMJIT_BINARY_DIR "/tests/plugins"}, "")));
  ASSERT_TRUE(target) << target.error().message();
  const auto compiler = HostCompiler::create({.threads = 2, .compile = {}});
  ASSERT_TRUE(compiler);
  Forms forms;
  int too_large = 0;
  for (int n = 0; n < cases; ++n) {
    std::string text;
    auto lowered = lowered_case(*target, static_cast<uint64_t>(n), text);
    ASSERT_TRUE(lowered) << lowered.error().message();
    const auto module = std::make_shared<const LoweredModule>(std::move(*lowered));
    forms.count(*module);
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
    for (const Way way : {Way{false, false}, Way{true, true}, Way{false, true}, Way{true, false}}) {
      for (const auto* runner : {&*plain, &*compiled}) {
        const std::string wrong =
            run_and_compare(*runner, gate_inputs(*module->workload, static_cast<uint64_t>(n)), way);
        ASSERT_EQ(wrong, "") << "case " << n << (way.gaps ? " with gaps" : "")
                             << (runner == &*compiled ? ", machine code: " : ": ") << text;
      }
    }
  }
  std::printf("%s\n", forms.text().c_str());
  EXPECT_LE(too_large, cases / 20);
  EXPECT_GT(forms.in_place, cases / 20);
  EXPECT_GT(forms.staged, cases / 20);
  if (cases < 100) return;
  EXPECT_GT(forms.partly_staged, 0);
  EXPECT_GT(forms.summed, 0);
}

INSTANTIATE_TEST_SUITE_P(Chips, RunProperty, ::testing::Values("toy", "lockstep"));

}  // namespace
}  // namespace pimjit
