#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/schedule/features.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

struct Candidate {
  Workload workload;
  TargetDesc target;
  Trace trace;
};

// Matrix times vector at a ragged size: rows over units and threads, tiles of both operands,
// results in a cache.
Candidate candidate() {
  NotationOptions options;
  options.sizes = {{"i", 4001}, {"k", 4099}};
  Candidate c;
  c.workload = *make_workload("mtv", options);
  c.target = *load_target(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml");
  c.target.scopes[0].capacity = int64_t{64} << 20;
  c.trace = *parse_trace(
      "i.0, i.1, i.2, i.3 = split(i, 8, 2, 4); k.0, k.1 = split(k, 16); reorder(i.0, i.1, i.2, "
      "k.0, i.3, k.1);"
      "bind(i.0, unit); bind(i.1, thread); cache_read(A, scratch, at=k.0); cache_read(B, scratch, "
      "at=k.0);"
      "cache_write(scratch, at=i.2); unroll(k.1, 4)",
      c.workload, c.target);
  return c;
}

int64_t resident_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// replay, which checks the whole, and the features of the result.
bool run_once(const Candidate& c) {
  auto schedule = replay(c.workload, c.target, c.trace);
  if (!schedule) return false;
  auto layout = layout_stage(c.workload, c.target, *schedule, 0);
  if (!layout) return false;
  benchmark::DoNotOptimize(features_of(c.workload, c.target, *schedule, 0, *layout));
  return true;
}

void replay_check_features(benchmark::State& state) {
  const Candidate c = candidate();
  for (auto _ : state) {
    if (!run_once(c)) return state.SkipWithError("the candidate is not legal");
  }
}
BENCHMARK(replay_check_features)->Unit(benchmark::kMicrosecond)->Repetitions(5);

// Growth of the largest resident size over 100,000 replays, in KiB; flat means 0.
void memory_of_100000_replays(benchmark::State& state) {
  const Candidate c = candidate();
  for (int n = 0; n < 1000; ++n) {
    if (!run_once(c)) return state.SkipWithError("the candidate is not legal");
  }
  const int64_t before = resident_kilobytes();
  for (auto _ : state) {
    for (int n = 0; n < 100000; ++n) run_once(c);
  }
  state.counters["growth_KiB"] = static_cast<double>(resident_kilobytes() - before);
}
BENCHMARK(memory_of_100000_replays)->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace
}  // namespace pimjit
