// Kernels on the host's cores beside what the same cores can do: OpenBLAS, or how fast memory is
// read and copied. Both sides take turns in one process, on the same number of threads and on the
// same tensors; figures are medians and their ratio (1: as fast, more is faster).
//
// PIMJIT_BENCH_THREADS: threads of both sides (2). PIMJIT_BENCH_SCHEDULE: a trace for the cases
// that the filter leaves instead of the default schedule.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include <benchmark/benchmark.h>
#include <cblas.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/jit/parallel/parallel_for.h"
#include "pimjit/tests/bench/interleaved.h"

namespace pimjit {
namespace {

using Clock = std::chrono::steady_clock;

int threads() {
  const char* text = std::getenv("PIMJIT_BENCH_THREADS");
  return text != nullptr ? std::atoi(text) : 2;
}

// fn(begin, bytes) of an equal part for each thread.
template <typename Fn>
void on_all_threads(ThreadTeam& team, size_t bytes, const Fn& fn) {
  struct Parts {
    const Fn& fn;
    size_t each;
  } parts{fn, bytes / static_cast<size_t>(threads())};
  const auto body = [](void* closure, int64_t from, int64_t to) {
    const Parts& p = *static_cast<const Parts*>(closure);
    for (; from < to; ++from) p.fn(static_cast<size_t>(from) * p.each, p.each);
    return 0;
  };
  pimjit_parallel_for(&team, 0, threads(), 1, body, &parts);
}

__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) uint64_t sum_of(
    const uint64_t* from, size_t count) {
  uint64_t sums[16] = {};
  for (size_t i = 0; i + 16 <= count; i += 16) {
    for (size_t l = 0; l < 16; ++l) sums[l] += from[i + l];
  }
  uint64_t sum = 0;
  for (const uint64_t s : sums) sum += s;
  return sum;
}

struct Case {
  const char* name;
  const char* computation;
  std::map<std::string, int64_t> sizes;
  DType dtype;
  enum { sgemv, sgemm, read, copy } other;
  const char* schedule = nullptr;  // files "..._16_lanes.schedule" and 8; null: the default one
};

// Empty: the default schedule.
std::string schedule_text(const Case& c, const TargetDesc& cpu) {
  if (const char* text = std::getenv("PIMJIT_BENCH_SCHEDULE")) return text;
  if (c.schedule == nullptr) return "";
  const bool wide = cpu.levels[static_cast<size_t>(cpu.find_level("lane"))].count >= 16;
  std::ifstream file(
      cat(PIMJIT_SOURCE_DIR, "/", c.schedule, wide ? "_16_lanes" : "_8_lanes", ".schedule"));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A computation compiled for the host's cores, with its data.
struct Program {
  std::shared_ptr<const Workload> workload;
  OpenTarget target;
  std::unique_ptr<ModuleRunner> runner;
  std::vector<HostTensor> inputs;
  std::unique_ptr<HostTensor> output;
  std::vector<TensorView> views;

  explicit Program(const Case& c)
      : target(open_target(cat("cpu:threads=", threads()),
                           discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, "")))
                   .value()) {
    NotationOptions options;
    options.dtype = c.dtype;
    options.sizes = c.sizes;
    workload = std::make_shared<const Workload>(make_workload(c.computation, options).value());
    const std::string text = schedule_text(c, *target.description);
    const Trace trace = !text.empty() ? parse_trace(text, *workload, *target.description).value()
                                      : default_schedule(*workload, *target.description).value();
    const auto schedule = replay(*workload, *target.description, trace);
    auto module = lower(workload, target.description, schedule.value());
    runner = std::make_unique<ModuleRunner>(
        *make_runner(target, std::make_shared<const LoweredModule>(std::move(*module))));
    inputs = timing_inputs(*workload, 1);
    const Tensor& result = workload->tensors[static_cast<size_t>(workload->output())];
    output = std::make_unique<HostTensor>(result.dtype, result.shape);
    views = input_views(*workload, inputs);
    views[static_cast<size_t>(workload->output())] = output->view();
  }
  void run() const {
    if (const auto report = runner->run(views); !report) std::abort();
  }
};

template <typename Fn>
double once_ns(Fn&& fn) {
  const auto start = Clock::now();
  fn();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

std::function<void()> other_side(const Case& c, Program& p) {
  const auto extent = [&](const char* axis) { return static_cast<int>(c.sizes.at(axis)); };
  const auto* a = reinterpret_cast<const float*>(p.inputs[0].data());
  if (c.other == Case::sgemv) {
    const auto* b = reinterpret_cast<const float*>(p.inputs[1].data());
    const int m = extent("i"), k = extent("k");
    return [=, y = std::make_shared<std::vector<float>>(static_cast<size_t>(m))] {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, m, k, 1, a, k, b, 1, 0, y->data(), 1);
    };
  }
  if (c.other == Case::sgemm) {
    const auto* b = reinterpret_cast<const float*>(p.inputs[1].data());
    const int m = extent("i"), n = extent("j"), k = extent("k");
    return [=, y = std::make_shared<std::vector<float>>(static_cast<size_t>(m) *
                                                        static_cast<size_t>(n))] {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, y->data(),
                  n);
    };
  }
  const size_t bytes = p.inputs[0].bytes();
  const auto* from = reinterpret_cast<const char*>(a);
  const auto team = std::make_shared<ThreadTeam>(threads());
  if (c.other == Case::read) {
    return [=] {
      on_all_threads(*team, bytes, [from](size_t begin, size_t size) {
        benchmark::DoNotOptimize(
            sum_of(reinterpret_cast<const uint64_t*>(from + begin), size / sizeof(uint64_t)));
      });
    };
  }
  return [=, to = std::make_shared<std::vector<char>>(bytes)] {
    on_all_threads(*team, bytes, [from, to](size_t begin, size_t size) {
      std::memcpy(to->data() + begin, from + begin, size);
    });
  };
}

// Threads of the side that has just run go on spinning for a while; and after a pause the first
// runs are slower, down to a third as fast, until the data are back in the caches and the clock is
// up.
void settle(const std::function<void()>& run) {
  std::this_thread::sleep_for(std::chrono::milliseconds(80));
  const auto warm = Clock::now() + std::chrono::milliseconds(40);
  do run();
  while (Clock::now() < warm);
}

void compare(benchmark::State& state, const Case& c) {
  openblas_set_num_threads(threads());
  Program ours(c);
  const auto other = other_side(c, ours);
  std::vector<double> own_ns, other_ns;
  for (auto _ : state) {
    settle([&] { ours.run(); });
    for (int i = 0; i < 9; ++i) own_ns.push_back(once_ns([&] { ours.run(); }));
    settle(other);
    for (int i = 0; i < 9; ++i) other_ns.push_back(once_ns(other));
    state.SetIterationTime(own_ns.back() * 1e-9);
  }
  const double own = test::median(own_ns), theirs = test::median(other_ns);
  // What the result took from and gave to memory, to the bytes that the other side moved.
  double share = 1;
  if (c.other == Case::copy) share = 1.5;
  state.counters["pimjit_us"] = own * 1e-3;
  state.counters["other_us"] = theirs * 1e-3;
  state.counters["ratio"] = share * theirs / own;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> list = {
      {"mtv_f32_4096_sgemv", "mtv", {{"i", 4096}, {"k", 4096}}, DType::f32, Case::sgemv},
      {"mtv_f32_4096_read", "mtv", {{"i", 4096}, {"k", 4096}}, DType::f32, Case::read},
      {"mtv_i32_4096_read", "mtv", {{"i", 4096}, {"k", 4096}}, DType::i32, Case::read},
      {"va_i32_16M_copy", "va", {{"i", 1 << 24}}, DType::i32, Case::copy},
      {"gemm_f32_1024_sgemm",
       "gemm",
       {{"i", 1024}, {"j", 1024}, {"k", 1024}},
       DType::f32,
       Case::sgemm},
      {"gemm_by_hand_f32_1024_sgemm",
       "gemm",
       {{"i", 1024}, {"j", 1024}, {"k", 1024}},
       DType::f32,
       Case::sgemm,
       "examples/03_schedule_by_hand"},
  };
  return list;
}

[[maybe_unused]] const bool registered = [] {
  for (const Case& c : cases()) {
    benchmark::RegisterBenchmark(c.name, [&c](benchmark::State& state) { compare(state, c); })
        ->UseManualTime()
        ->Iterations(5)
        ->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
}  // namespace pimjit
