// How long a kernel takes from serialised bytes to an executable: mtv kernels of random schedules,
// as a search draws them, each built several times; the shortest time of a kernel counts, since the
// machine is shared.
#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <benchmark/benchmark.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/search/space/design_space.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit::upmem {
namespace {

using Bytes = std::vector<uint8_t>;

std::shared_ptr<const TargetDesc> machine() {
  const auto opened =
      open_target("upmem", discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, "")));
  if (!opened) throw std::runtime_error(opened.error().message());
  return opened->description;
}

// Kernels that the compiler accepts; refused ones, which are too long or use too much memory, cost
// less.
std::vector<Bytes> kernels(DType dtype, size_t count) {
  const auto workload = test::sample_workload("mtv", "i=4096,k=4096", dtype);
  const auto target = machine();
  const DesignSpace space(workload, target);
  RandomStream random(1, "build_bench");
  std::vector<Bytes> found;
  for (int attempt = 0; found.size() < count && attempt < 100'000; ++attempt) {
    const DesignFamily& family =
        space.families()[static_cast<size_t>(attempt) % space.families().size()];
    const auto schedule = replay(*workload, *target, space.emit(space.sample(family, random)));
    if (!schedule || !check_schedule(*workload, *target, *schedule)) continue;
    const auto module = lower(workload, target, *schedule);
    if (!module) continue;
    const auto bytes = serialize(module->kernels[0]);
    if (bytes && compile_kernel(*bytes)) found.push_back(*bytes);
  }
  return found;
}

double shortest_ms(const Bytes& kernel) {
  double best = 1e9;
  for (int n = 0; n < 5; ++n) {
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(compile_kernel(kernel));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  return best;
}

void mtv(benchmark::State& state, DType dtype) {
  const std::vector<Bytes> all = kernels(dtype, 400);
  std::vector<double> times;
  for (auto _ : state) {
    times.clear();
    for (const Bytes& kernel : all) times.push_back(shortest_ms(kernel));
  }
  std::sort(times.begin(), times.end());
  state.counters["kernels"] = static_cast<double>(times.size());
  state.counters["median_ms"] = times[times.size() / 2];
  state.counters["p99_ms"] = times[times.size() * 99 / 100];
  state.counters["longest_ms"] = times.back();
}
BENCHMARK_CAPTURE(mtv, i32, DType::i32)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_CAPTURE(mtv, i8, DType::i8)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_CAPTURE(mtv, i64, DType::i64)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_CAPTURE(mtv, f32, DType::f32)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace pimjit::upmem
