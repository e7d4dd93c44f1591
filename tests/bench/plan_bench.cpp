// How long planning takes for 2048 units: the host program, and what a runner derives from it.
#include <map>

#include <benchmark/benchmark.h>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/unit_classes.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

// 8192 x 16384 over 256 x 8 units of 8 threads.
constexpr const char* kTiled =
    "i.0, i.1, i.2 = split(i, 8, 2); k.0, k.1, k.2 = split(k, 32, 64);"
    "reorder(i.0, k.0, i.1, k.1, i.2, k.2); bind(i.0, unit); rfactor(k.0); bind(k.0, unit);"
    "cache_read(A, scratch, at=k.1); cache_read(B, scratch, at=k.1); cache_write(scratch, at=i.1)";

test::Sample sample_of(const std::string& sizes) {
  auto target = std::make_shared<TargetDesc>(*test::sample_target("simple"));
  const auto applied =
      apply_options(*target, {{"unit", "4096"}, {"scope.bank.capacity", "67108864"}});
  if (!applied) throw std::runtime_error(applied.error().message());
  test::Sample sample;
  sample.workload = test::sample_workload("mtv", sizes);
  sample.target = target;
  const auto trace = parse_trace(kTiled, *sample.workload, *target);
  const auto schedule = replay(*sample.workload, *target, *trace);
  if (!schedule)
    throw std::runtime_error(
        render(schedule.error(), *sample.workload, *target, nullptr, &*trace).message());
  auto module = lower(sample.workload, sample.target, *schedule);
  if (!module) throw std::runtime_error(module.error().message());
  sample.module = std::move(*module);
  return sample;
}

void plan(benchmark::State& state, const std::string& sizes) {
  const test::Sample sample = sample_of(sizes);
  double host = 0;
  LowerOptions options;
  options.observer = [&](const PassEvent& event) {
    if (std::string_view(event.pass) == "build_host_program") host += event.ns;
  };
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        lower(sample.workload, sample.target, sample.module.schedule, options));
  }
  state.counters["units"] = static_cast<double>(sample.module.kernel_units[0]);
  state.counters["host_program_us"] = host / 1000 / static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(plan, whole, "i=8192,k=16384")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(plan, ragged, "i=8190,k=16383")->Unit(benchmark::kMicrosecond);

void classes(benchmark::State& state) {
  const test::Sample sample = sample_of("i=8190,k=16383");
  for (auto _ : state) benchmark::DoNotOptimize(unit_classes(sample.module, 0));
}
BENCHMARK(classes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pimjit
