// What the host's side of published schedules takes on the simulated machine under the transfer
// plan of this library, beside what was published: data that is not resident on its way to the
// units, results on their way back and their final sum. Times are those of the target description.
// Data are 0..49 as published; "narrow" has the vector in the smallest type that holds them, which
// the host converts to while it packs.
//
// Schedules and times: the artifact of arXiv 2412.19630 (yongwonshin/atim, branch artifact,
// evaluation/results), 2048 units, matrices resident.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <benchmark/benchmark.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/core/run/predicted_report.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/run/unit_timer.h"
#include "pimjit/core/schedule/layout.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/target/link_time.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

struct Published {
  const char* op;
  int64_t shape[3];
  int64_t partial;                // units over the reduction; 0: none
  int64_t threads, rounds, tile;  // of the last spatial axis
  int64_t steps, step;            // of the reduction inside a unit
  double h2d_ms, after_ms;
};
constexpr Published kPublished[] = {
    {"mtv", {1024, 1024, 0}, 16, 16, 1, 4, 2, 32, 0.176, 0.233},
    {"mtv", {4096, 4096, 0}, 32, 8, 1, 8, 8, 16, 0.745, 0.734},
    {"mtv", {4096, 16384, 0}, 64, 16, 1, 8, 128, 2, 0.74, 0.997},
    {"mtv", {8192, 16384, 0}, 64, 16, 8, 2, 8, 32, 0.988, 2.055},
    {"mtv", {12288, 4096, 0}, 32, 24, 1, 8, 64, 2, 0.722, 1.2},
    {"mtv", {16384, 4096, 0}, 8, 16, 2, 2, 128, 4, 0.803, 0.712},
    {"gemv", {1024, 1024, 0}, 16, 16, 2, 2, 2, 32, 0.195, 0.222},
    {"gemv", {4096, 4096, 0}, 8, 8, 1, 2, 256, 2, 0.703, 0.539},
    {"gemv", {8192, 16384, 0}, 16, 16, 1, 4, 64, 16, 1.399, 1.186},
    {"ttv", {32, 64, 512}, 8, 16, 1, 4, 4, 16, 0.164, 0.233},
    {"ttv", {128, 256, 512}, 0, 16, 1, 2, 32, 16, 0.515, 0.373},
    {"ttv", {512, 512, 512}, 0, 16, 1, 8, 32, 16, 0.697, 0.899},
    {"mmtv", {16, 64, 256}, 8, 16, 1, 2, 8, 4, 0.148, 0.208},
    {"mmtv", {16, 128, 256}, 8, 16, 1, 4, 2, 16, 0.125, 0.23},
    {"mmtv", {16, 256, 256}, 16, 16, 1, 16, 2, 8, 0.102, 0.367},
    {"mmtv", {16, 512, 256}, 4, 16, 2, 2, 2, 32, 0.332, 0.379},
    {"mmtv", {32, 64, 512}, 8, 16, 1, 4, 8, 8, 0.167, 0.234},
    {"mmtv", {64, 64, 256}, 4, 16, 2, 2, 32, 2, 0.18, 0.231},
    {"mmtv", {64, 128, 256}, 4, 16, 1, 4, 8, 8, 0.342, 0.399},
    {"mmtv", {64, 256, 256}, 0, 8, 1, 2, 8, 32, 0.593, 0.28},
    {"mmtv", {64, 512, 256}, 4, 16, 1, 8, 8, 8, 0.394, 0.671},
    {"mmtv", {128, 256, 512}, 0, 8, 1, 2, 256, 2, 0.682, 0.453},
    {"mmtv", {512, 512, 512}, 0, 16, 2, 4, 4, 128, 0.723, 0.894},
};

std::string trace_of(const Published& p, bool narrow) {
  const bool three = p.shape[2] != 0;
  const std::string row = three ? "j" : "i";
  std::string text = cat(row, ".0, ", row, ".1, ", row, ".2, ", row, ".3 = split(", row, ", ",
                         p.threads, ", ", p.rounds, ", ", p.tile, "); ");
  text += p.partial > 0 ? cat("k.0, k.1, k.2 = split(k, ", p.steps, ", ", p.step, "); ")
                        : cat("k.1, k.2 = split(k, ", p.step, "); ");
  const std::string partial = p.partial > 0 ? "k.0, " : "";
  text += cat("reorder(", three ? "i, " : "", partial, row, ".0, ", row, ".1, ", row, ".2, k.1, ",
              row, ".3, k.2); ");
  if (three) text += "bind(i, dpu); ";
  if (p.partial > 0) text += "bind(k.0, dpu); rfactor(k.0); ";
  text += cat("bind(", row, ".0, dpu); bind(", row, ".1, tasklet); place(A, mram, resident); ");
  if (narrow) text += "place(B, mram, streamed, narrow); ";
  return text +
         cat("cache_read(A, wram, at=k.1); cache_read(B, wram, at=k.1); cache_write(wram, at=", row,
             ".2)");
}

struct Times {
  double h2d = 0, after = 0;
  double bound = 0;   // what no plan for these units and partial results goes below
  double serial = 0;  // the same with one thread for the final sum, as published programs have it
};

std::shared_ptr<const LoweredModule> module_of(const OpenTarget& target, const Published& p,
                                               bool narrow = false) {
  NotationOptions options;
  const bool three = p.shape[2] != 0;
  options.sizes = {{"i", p.shape[0]}, {three ? "j" : "k", p.shape[1]}};
  if (three) options.sizes["k"] = p.shape[2];
  options.ranges = {{"A", {0, 49}}, {"B", {0, 49}}};
  const auto stop = [&p](const std::string& why) {
    std::fprintf(stderr, "%s %ld: %s\n", p.op, static_cast<long>(p.shape[0]), why.c_str());
    std::exit(1);
  };
  auto workload = make_workload(p.op, options);
  if (!workload) stop(workload.error().message());
  auto shared = std::make_shared<const Workload>(std::move(*workload));
  const auto trace = parse_trace(trace_of(p, narrow), *shared, *target.description);
  if (!trace) stop(trace.error().message());
  const auto schedule = replay(*shared, *target.description, *trace);
  if (!schedule)
    stop(render(schedule.error(), *shared, *target.description, nullptr, &*trace).message());
  auto module = lower(shared, target.description, *schedule);
  if (!module) stop(module.error().message());
  return std::make_shared<const LoweredModule>(std::move(*module));
}

// One push with the elements that a unit reads of what is not resident, one pull of those it
// computes, and every partial result read once by so many threads: no padding, no packing, no
// second transfer.
double bound_ms(const LoweredModule& m, int threads) {
  const TargetDesc& target = *m.target;
  const StageLayout layout = *layout_stage(*m.workload, target, m.schedule, 0);
  const auto bytes_of_home = [&](const OperandLayout& o) {
    int64_t n = bytes_of(m.workload->tensors[static_cast<size_t>(o.tensor)].dtype);
    for (const auto* digits : {&o.home.outer, &o.home.tile}) {
      for (const Digit& digit : *digits) n *= digit.extent;
    }
    return n;
  };
  const auto push_or_pull = [&](int from, int to, int64_t bytes) {
    const Link& link = target.links[static_cast<size_t>(target.find_link(from, to))];
    return link_ns(link, bytes, layout.units(), false);
  };
  int64_t pushed = 0;
  for (const OperandLayout& o : layout.reads) {
    if (m.workload->tensors[static_cast<size_t>(o.tensor)].name != "A") pushed += bytes_of_home(o);
  }
  const int64_t pulled = bytes_of_home(layout.result);
  const int scope = layout.result.home.scope;
  const bool sums = std::any_of(m.ops.begin(), m.ops.end(),
                                [](const HostOp& op) { return op.reducer != Reducer::none; });
  const double partial_results = sums ? static_cast<double>(pulled * layout.units()) : 0;
  return (push_or_pull(kHost, scope, pushed) + push_or_pull(scope, kHost, pulled) +
          ns_at_rate(partial_results, target.host.reduce_bytes_per_ns * threads)) /
         1e6;
}

Times predicted(const OpenTarget& target, const Published& p, bool narrow) {
  const auto module = module_of(target, p, narrow);
  Times times;
  times.bound = bound_ms(*module, target.description->host.threads);
  times.serial = bound_ms(*module, 1);
  for (const OperationTime& op : predicted_report(*module, {}).operations) {
    const OpKind kind = module->ops[static_cast<size_t>(op.op)].kind;
    if (op.phase == RunPhase::upload || kind == OpKind::launch) continue;
    const bool before = kind == OpKind::pack || kind == OpKind::join || op.phase == RunPhase::h2d;
    (before ? times.h2d : times.after) += op.duration_ns / 1e6;
  }
  return times;
}

void published(benchmark::State& state) {
  const auto target =
      open_target("sim", discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, "")));
  if (!target) return state.SkipWithError(target.error().message().c_str());
  double log_sum = 0, narrow_sum = 0, bound_sum = 0, serial_sum = 0;
  static bool printed = false;
  for (auto _ : state) {
    log_sum = narrow_sum = bound_sum = serial_sum = 0;
    if (!printed)
      std::printf("%-24s %21s %21s %7s %7s %7s\n", "", "h2d ms (published)", "after ms (published)",
                  "ratio", "bound", "narrow");
    for (const Published& p : kPublished) {
      const Times t = predicted(*target, p, false), n = predicted(*target, p, true);
      const double ratio = (t.h2d + t.after) / (p.h2d_ms + p.after_ms);
      const double bound = t.bound / (p.h2d_ms + p.after_ms);
      const double narrow = (n.h2d + n.after) / (p.h2d_ms + p.after_ms);
      log_sum += std::log(ratio);
      narrow_sum += std::log(narrow);
      bound_sum += std::log(bound);
      serial_sum += std::log((t.h2d + t.after) / t.serial);
      if (printed) continue;
      const std::string shape =
          cat(p.op, " ", p.shape[0], "x", p.shape[1], p.shape[2] != 0 ? cat("x", p.shape[2]) : "");
      std::printf("%-24s %10.3f (%8.3f) %10.3f (%8.3f) %7.3f %7.3f %7.3f\n", shape.c_str(), t.h2d,
                  p.h2d_ms, t.after, p.after_ms, ratio, bound, narrow);
    }
    printed = true;
  }
  const auto entries = static_cast<double>(std::size(kPublished));
  state.counters["of_published"] = std::exp(log_sum / entries);
  state.counters["narrow_of_published"] = std::exp(narrow_sum / entries);
  state.counters["bound_of_published"] = std::exp(bound_sum / entries);
  state.counters["of_serial_sum"] = std::exp(serial_sum / entries);
}
BENCHMARK(published)->Iterations(1)->Unit(benchmark::kMillisecond);

// One trial of a candidate as a search times it: 8192 x 16384 by a few units.
void trial(benchmark::State& state) {
  const auto target =
      open_target("sim", discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, "")));
  if (!target) return state.SkipWithError(target.error().message().c_str());
  const Published& p = kPublished[3];
  const auto module = module_of(*target, p);
  const auto images = build_images(target->plugin, *module);
  auto device = target->plugin.open(target->description->plugin);
  if (!images || !device) return state.SkipWithError("the kernel was not built");
  const auto timer = UnitTimer::create(
      module, std::make_shared<DeviceSpace>(std::move(*device), target->description), *images);
  if (!timer) return state.SkipWithError(timer.error().message().c_str());
  // Pages that nobody touches cost nothing.
  const auto bytes = static_cast<size_t>(p.shape[0] * p.shape[1] * 4);
  const std::unique_ptr<void, decltype(&std::free)> a(std::calloc(bytes, 1), &std::free);
  HostTensor b(DType::i32, {p.shape[1]});
  std::vector<TensorView> tensors(3);
  tensors[0] = {a.get(), DType::i32, {p.shape[0], p.shape[1]}, {p.shape[1], 1}};
  tensors[1] = b.view();
  UnitTiming timing;
  for (auto _ : state) {
    auto done = timer->run(tensors);
    if (!done) return state.SkipWithError(done.error().message().c_str());
    timing = std::move(*done);
  }
  state.counters["bytes_touched"] = static_cast<double>(timing.bytes_touched);
  state.counters["units_run"] = static_cast<double>(timing.units_run.size());
  state.counters["kernel_ms"] = timing.kernel_ns[0] / 1e6;
}
BENCHMARK(trial)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pimjit
