// Speed of the clock in DPU instructions per second on one core, on compiled kernels of mtv and va
// with 16 tasklets: event by event, cycle by cycle, and beside them the executor without a clock.
#include <cstdio>
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/support/random.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/plugins/sim/timing/strict_run.h"
#include "pimjit/plugins/sim/timing/timed_run.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"

namespace pimjit {
namespace {

using upmem::Executor;

struct Case {
  const char* computation;
  std::map<std::string, int64_t> sizes;
  const char* trace;
};

// Each tasklet 16 rows of 1024 elements; 64 tiles of 256 elements.
const Case kMtv{"mtv",
                {{"i", 256}, {"k", 1024}},
                "i.0, i.1 = split(i, 16); k.0, k.1 = split(k, 256); bind(i.0, tasklet);"
                "cache_read(A, wram, at=k.0); cache_read(B, wram, at=k.0);"
                "cache_write(wram, at=i.1); unroll(k.1, 16)"};
const Case kVa{"va",
               {{"i", 262144}},
               "i.0, i.1, i.2 = split(i, 64, 256); bind(i.0, tasklet); cache_read(A, wram, at=i.1);"
               "cache_read(B, wram, at=i.1); cache_write(wram, at=i.1); unroll(i.2, 16)"};

template <typename E>
[[noreturn]] void stop(const E& e) {
  std::fprintf(stderr, "%s\n", e.message().c_str());
  std::exit(1);
}
template <typename R>
auto take(R result) {
  if (!result) stop(result.error());
  return std::move(*result);
}

upmem::CompiledKernel compile(const Case& c, upmem::CodeStyle style, LoweredModule& module) {
  const auto target = std::make_shared<const TargetDesc>(
      take(load_target(PIMJIT_SOURCE_DIR "/plugins/sim/sim.toml")));
  NotationOptions options{.sizes = c.sizes};
  options.ranges = {{"A", {0, 49}}, {"B", {0, 49}}};
  const auto workload =
      std::make_shared<const Workload>(take(make_workload(c.computation, options)));
  const Trace trace = take(parse_trace(c.trace, *workload, *target));
  const auto schedule = replay(*workload, *target, trace);
  if (!schedule) {
    std::fprintf(stderr, "%s\n",
                 render(schedule.error(), *workload, *target, nullptr, &trace).message().c_str());
    std::exit(1);
  }
  module = take(lower(workload, target, *schedule));
  return take(upmem::compile_kernel(take(serialize(module.kernels.at(0))), {style}));
}

// Ready to run, with numbers from 0 to 49 in the first 16 MB of MRAM and a buffer every 4 MB.
Executor machine(const Case& c, upmem::CodeStyle style) {
  LoweredModule module;
  Executor dpu = take(Executor::from_elf(compile(c, style, module).elf));
  RandomStream random(1, "mram");
  std::vector<std::uint8_t> numbers(16 << 20);
  for (std::size_t i = 0; i < numbers.size(); i += 4)
    numbers[i] = static_cast<std::uint8_t>(random.between(0, 49));
  (void)dpu.write(upmem::Space::mram, 0, numbers);
  std::vector<std::uint8_t> arguments(8 * module.kernels[0].params.size());
  for (std::size_t i = 0; i < arguments.size(); i += 8)
    arguments[i + 2] = static_cast<std::uint8_t>(i / 8 * 64);
  (void)dpu.write_symbol("args", 0, arguments);
  return dpu;
}

template <typename Run>
void measure(benchmark::State& state, const Case& c, upmem::CodeStyle style, const Run& run) {
  Executor dpu = machine(c, style);
  std::uint64_t issued = 0;
  for (auto _ : state) {
    dpu.load();
    const upmem::RunReport report = run(dpu);
    if (report.outcome != upmem::Outcome::finished) state.SkipWithError(report.what.c_str());
    issued += report.issued;
  }
  state.counters["instructions"] =
      benchmark::Counter(static_cast<double>(issued), benchmark::Counter::kIsRate);
}

constexpr std::uint64_t kBudget = 1'000'000'000;

upmem::RunReport untimed(Executor& dpu) {
  return dpu.run();
}
upmem::RunReport events(Executor& dpu) {
  return sim::run_timed(dpu, {}, kBudget).report;
}
upmem::RunReport strict(Executor& dpu) {
  return sim::run_strict(dpu, {}, kBudget).report;
}

#define PIMJIT_CLOCK_BENCH(name, kernel, style)                                         \
  BENCHMARK_CAPTURE(measure, name##_untimed, kernel, upmem::CodeStyle::style, &untimed) \
      ->Unit(benchmark::kMillisecond);                                                  \
  BENCHMARK_CAPTURE(measure, name##_events, kernel, upmem::CodeStyle::style, &events)   \
      ->Unit(benchmark::kMillisecond);                                                  \
  BENCHMARK_CAPTURE(measure, name##_strict, kernel, upmem::CodeStyle::style, &strict)   \
      ->Unit(benchmark::kMillisecond)

PIMJIT_CLOCK_BENCH(mtv, kMtv, tuned);
PIMJIT_CLOCK_BENCH(mtv_plain, kMtv, plain);
PIMJIT_CLOCK_BENCH(va, kVa, tuned);
PIMJIT_CLOCK_BENCH(va_plain, kVa, plain);

#undef PIMJIT_CLOCK_BENCH

}  // namespace
}  // namespace pimjit
