#include <map>

#include <benchmark/benchmark.h>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

constexpr const char* kTiled =
    "i.0, i.1, i.2, i.3 = split(i, 8, 2, 4); k.0, k.1 = split(k, 16);"
    "reorder(i.0, i.1, i.2, k.0, i.3, k.1); bind(i.0, unit); bind(i.1, thread);"
    "cache_read(A, scratch, at=k.0); cache_read(B, scratch, at=k.0); cache_write(scratch, at=i.2)";

// All of lowering and the serialised kernel of one candidate, as a search pays for each that it
// builds.
void lower_and_serialise(benchmark::State& state) {
  const test::Sample sample = test::lowered_sample("mtv", "i=4001,k=1023", "simple", kTiled);
  for (auto _ : state) {
    const auto module = lower(sample.workload, sample.target, sample.module.schedule);
    if (!module) return state.SkipWithError("lowering failed");
    benchmark::DoNotOptimize(serialize(module->kernels[0]));
  }
}
BENCHMARK(lower_and_serialise)->Unit(benchmark::kMicrosecond)->Repetitions(5);

// Where the time goes, pass by pass.
void passes(benchmark::State& state) {
  const test::Sample sample = test::lowered_sample("mtv", "i=4001,k=1023", "simple", kTiled);
  std::map<std::string, double> spent;
  LowerOptions options;
  options.observer = [&](const PassEvent& event) { spent[event.pass] += event.ns; };
  for (auto _ : state)
    benchmark::DoNotOptimize(
        lower(sample.workload, sample.target, sample.module.schedule, options));
  for (const auto& [pass, ns] : spent) {
    state.counters[pass + "_us"] =
        benchmark::Counter(ns / 1000 / static_cast<double>(state.iterations()));
  }
}
BENCHMARK(passes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pimjit
