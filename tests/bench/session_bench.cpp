// What run-time specialisation costs: the first compilation of a process, later ones, finding a
// compiled kernel, and the ways into it.
#include <benchmark/benchmark.h>

#include "pimjit/build_paths.h"
#include "pimjit/jit/session/session.h"

namespace pimjit {
namespace {

SessionOptions options() {
  SessionOptions o;
  o.plugin_paths = {PIMJIT_BINARY_DIR "/lib/pimjit/plugins"};
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

// Of the process: the plugin is found and mapped, LLVM starts. Must stay the first one.
void first_compile(benchmark::State& state) {
  for (auto _ : state) {
    const Session session(options());
    const auto callable = session.compile(small(16), "cpu");
    show(state, callable.value().code()->times);
  }
}
BENCHMARK(first_compile)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void next_compile(benchmark::State& state) {
  SessionOptions o = options();
  o.kept_kernels = 0;
  const Session session(std::move(o));
  session.compile(small(8), "cpu").value();
  for (auto _ : state) show(state, session.compile(small(16), "cpu").value().code()->times);
}
BENCHMARK(next_compile)->Unit(benchmark::kMillisecond)->UseRealTime();

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

void call_packed(benchmark::State& state) {
  Ready r;
  int64_t shapes[3][2] = {{1, 16}, {16, 0}, {1, 0}};
  DLTensor tensors[3] = {};
  pj_value arguments[3] = {};
  HostTensor* memory[3] = {&r.a, &r.b, &r.c};
  for (int i = 0; i < 3; ++i) {
    tensors[i].data = memory[i]->data();
    tensors[i].device = {kDLCPU, 0};
    tensors[i].ndim = i == 0 ? 2 : 1;
    tensors[i].dtype = {kDLFloat, 32, 1};
    tensors[i].shape = shapes[i];
    arguments[i] = {PJ_VALUE_TENSOR, 0, {&tensors[i]}};
  }
  const auto packed = r.callable.packed();
  for (auto _ : state) {
    if (packed(arguments, 3) != 0) state.SkipWithError("the call fails");
  }
}
BENCHMARK(call_packed)->Unit(benchmark::kNanosecond);

void call_typed(benchmark::State& state) {
  Ready r;
  const CFunction function = r.callable.typed().value();
  auto* const mtv = function.as<int(const float*, const float*, float*)>();
  const auto at = [](HostTensor& t) { return reinterpret_cast<float*>(t.data()); };
  for (auto _ : state) {
    if (mtv(at(r.a), at(r.b), at(r.c)) != 0) state.SkipWithError("the call fails");
  }
}
BENCHMARK(call_typed)->Unit(benchmark::kNanosecond);

}  // namespace
}  // namespace pimjit
