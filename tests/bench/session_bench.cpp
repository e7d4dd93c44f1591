// What run-time specialisation costs: the first compilation of a process, later ones, finding a
// compiled kernel, the ways into it, and what is left of kernels that were dropped.
#include <fstream>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pimjit/build_paths.h"
#include "pimjit/jit/session/session.h"
#include "pimjit/tests/bench/interleaved.h"

namespace pimjit {
namespace {

SessionOptions options() {
  SessionOptions o;
  o.plugin_paths = {PIMJIT_BINARY_DIR "/lib/pimjit/plugins", PIMJIT_BINARY_DIR "/tests/plugins"};
  return o;
}

Workload small(int64_t i) {
  return make_workload("mtv", {.sizes = {{"i", i}, {"k", 16}}, .dtype = DType::f32}).value();
}

void show(benchmark::State& state, const CompileTimes& t) {
  state.counters["open_us"] = t.open_ns / 1e3;
  state.counters["schedule_us"] = t.schedule_ns / 1e3;
  state.counters["lower_us"] = t.lower_ns / 1e3;
  state.counters["build_us"] = t.build_ns / 1e3;
  state.counters["load_us"] = t.load_ns / 1e3;
}

// Of the process: the plugin is found and mapped, LLVM starts. Must stay the first one. What LLVM
// and its linker take is no more than build and load.
void first_compile(benchmark::State& state) {
  for (auto _ : state) {
    const Session session(options());
    const auto callable = session.compile(small(16), "cpu");
    show(state, callable.value().code()->times);
  }
}
BENCHMARK(first_compile)
    ->Iterations(1)
    ->Repetitions(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// From nothing to a result: the command as a process of its own, libraries mapped and relocated.
void process(benchmark::State& state, const char* target) {
  const std::string program = PIMJIT_BINARY_DIR "/bin/pimjit";
  const std::string to = std::string("--target=") + target;
  const char* arguments[] = {program.c_str(), "run",    "mtv",      "--size=i=16,k=16",
                             "--dtype=f32",   "--json", to.c_str(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  for (auto _ : state) {
    pid_t child = 0;
    int status = 0;
    if (posix_spawn(&child, program.c_str(), &files, nullptr, const_cast<char**>(arguments),
                    environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0) {
      state.SkipWithError("pimjit run fails");
      break;
    }
  }
  posix_spawn_file_actions_destroy(&files);
}
BENCHMARK_CAPTURE(process, cpu, "cpu")->Unit(benchmark::kMillisecond)->UseRealTime();

void next_compile(benchmark::State& state, const char* target) {
  SessionOptions o = options();
  o.kept_kernels = 0;
  const Session session(std::move(o));
  session.compile(small(8), target).value();
  for (auto _ : state) show(state, session.compile(small(16), target).value().code()->times);
}
BENCHMARK_CAPTURE(next_compile, cpu, "cpu")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(next_compile, toy, "toy")->Unit(benchmark::kMillisecond)->UseRealTime();

void found(benchmark::State& state) {
  const Session session(options());
  const Workload w = small(16);
  for (auto _ : state) benchmark::DoNotOptimize(session.compile(w, "cpu"));
  state.counters["compiles"] = static_cast<double>(session.counters().compiles);
}
BENCHMARK(found)->Unit(benchmark::kMicrosecond);

// One kernel of one instance, entered in three ways; the differences are what entering costs.
struct Ready {
  Session session{options()};
  Callable callable = session.compile(small(1), "cpu:threads=1").value();
  HostTensor a{DType::f32, {1, 16}}, b{DType::f32, {16}}, c{DType::f32, {1}};
};

void call_views(benchmark::State& state) {
  Ready r;
  const std::vector<TensorView> views{r.a.view(), r.b.view(), r.c.view()};
  for (auto _ : state) benchmark::DoNotOptimize(r.callable.call(views).has_value());
}
BENCHMARK(call_views)->Unit(benchmark::kNanosecond);

// Arguments of the packed entry.
struct PackedArguments {
  int64_t shapes[3][2] = {{1, 16}, {16, 0}, {1, 0}};
  DLTensor tensors[3] = {};
  pj_value values[3] = {};
  explicit PackedArguments(Ready& r) {
    HostTensor* const memory[3] = {&r.a, &r.b, &r.c};
    for (int i = 0; i < 3; ++i) {
      tensors[i].data = memory[i]->data();
      tensors[i].device = {kDLCPU, 0};
      tensors[i].ndim = i == 0 ? 2 : 1;
      tensors[i].dtype = {kDLFloat, 32, 1};
      tensors[i].shape = shapes[i];
      values[i] = {PJ_VALUE_TENSOR, 0, {&tensors[i]}};
    }
  }
};

void call_packed_and_typed(benchmark::State& state) {
  Ready r;
  const PackedArguments arguments(r);
  const auto packed = r.callable.packed();
  const CFunction function = r.callable.typed().value();
  auto* const mtv = function.as<int(const float*, const float*, float*)>();
  const auto at = [](HostTensor& t) { return reinterpret_cast<float*>(t.data()); };
  int failed = 0;
  test::Comparison c;
  for (auto _ : state) {
    c = test::interleaved([&] { failed += packed(arguments.values, 3); },
                          [&] { failed += mtv(at(r.a), at(r.b), at(r.c)); }, 201, 1000);
  }
  if (failed != 0) state.SkipWithError("the call fails");
  state.counters["packed_ns"] = c.first_ns;
  state.counters["typed_ns"] = c.second_ns;
  state.counters["packed_over_typed_ns"] = c.first_ns - c.second_ns;
}
BENCHMARK(call_packed_and_typed)->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);

int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// Kernels compiled, called and dropped: what resident memory grows by, per kernel. The first ones,
// which fill pools, do not count.
void cycles(benchmark::State& state, const char* target) {
  SessionOptions o = options();
  o.kept_kernels = 0;
  const Session session(std::move(o));
  HostTensor a{DType::f32, {16, 16}}, b{DType::f32, {16}}, c{DType::f32, {16}};
  const std::vector<TensorView> views{a.view(), b.view(), c.view()};
  const auto cycle = [&] {
    if (!session.compile(small(16), target).value().call(views)) state.SkipWithError("call fails");
  };
  for (int n = 0; n < 1000; ++n) cycle();
  const int64_t before = resident_bytes();
  for (auto _ : state) cycle();
  const auto grown = static_cast<double>(resident_bytes() - before);
  state.counters["bytes_per_cycle"] = grown / static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(cycles, cpu, "cpu")
    ->Iterations(10000)
    ->Repetitions(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(cycles, toy, "toy")
    ->Iterations(10000)
    ->Repetitions(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pimjit
