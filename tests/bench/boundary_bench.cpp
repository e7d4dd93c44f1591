// What edges cost on the simulated machine: kernel cycles of ragged sizes against a bound, with the
// boundary passes added one after the other. Values 0..49. Cycles are the simulator's, so that
// repetitions agree to the digit.
//
// The bound is the larger of
// - the issue slots needed: iterations of the innermost statement times the slots that one more of
//   them takes in whole tiles (the difference between two sizes that divide), and
// - what the links between device scopes are busy moving when each element moves once.
// Schedules are the best of a few tile sizes under all passes, the same ones for whole and ragged
// sizes.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include <benchmark/benchmark.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

struct Figures {
  double cycles = 0, instructions = 0;
};

struct Levels {
  const char* name;
  std::vector<std::string> without;
};
const std::vector<Levels>& levels() {
  static const std::vector<Levels> kLevels{
      {"none", {"convert_copies", "tighten_bounds", "hoist_branches", "peel_edges"}},
      {"+convert", {"tighten_bounds", "hoist_branches", "peel_edges"}},
      {"+tighten", {"hoist_branches", "peel_edges"}},
      {"+hoist", {"peel_edges"}},
      {"+peel", {}}};
  return kLevels;
}

struct Shape {
  const char* computation;
  std::map<std::string, int64_t> sizes;
  std::string trace;
};

// The unrolled part of a row that leaves the smallest rest.
int64_t part_of(int64_t columns) {
  int64_t best = 32;
  const auto rest = [columns](int64_t part) { return (part - columns % part) % part; };
  for (int64_t part = 20; part <= 40; part += 2) {
    if (rest(part) < rest(best)) best = part;
  }
  return std::min(best, columns);
}

// One unit of 16 threads, each with a run of rows. The vector is fetched once, rows as wholes.
std::vector<Shape> mtv(int64_t rows, int64_t columns) {
  std::vector<Shape> shapes;
  for (const int64_t tile : {1, 2}) {
    for (const int64_t part : {part_of(columns), std::min<int64_t>(columns, 32)}) {
      const int64_t tiles = (rows + 16 * tile - 1) / (16 * tile);
      shapes.push_back(
          {"mtv",
           {{"i", rows}, {"k", columns}},
           cat("i.0, i.1, i.2 = split(i, ", tiles, ", ", tile, "); k.0, k.1 = split(k, ", part,
               "); bind(i.0, tasklet); cache_read(A, wram, at=i.1);"
               "cache_read(B, wram); cache_write(wram, at=i.1); unroll(k.1, 0)")});
    }
  }
  return shapes;
}

// 32 units of 16 threads.
std::vector<Shape> va(int64_t elements) {
  std::vector<Shape> shapes;
  // Even shares of a thread's elements, in tiles that the link can start at.
  const int64_t share = (elements + 511) / 512;
  const int64_t fewest = (share + 255) / 256;
  for (const int64_t tiles : {fewest + 4, fewest + 2, fewest + 1, fewest}) {
    const int64_t tile = ((share + tiles - 1) / tiles + 1) / 2 * 2;
    shapes.push_back({"va",
                      {{"i", elements}},
                      cat("i.0, i.1, i.2, i.3 = split(i, 16, ", tiles, ", ", tile,
                          "); bind(i.0, dpu); bind(i.1, tasklet); cache_read(A, wram, at=i.2);"
                          "cache_read(B, wram, at=i.2); cache_write(wram, at=i.2);"
                          "unroll(i.3, 32)")});
  }
  return shapes;
}

[[noreturn]] void stop(const Error& e) {
  std::fprintf(stderr, "%s\n", e.message().c_str());
  std::exit(1);
}
template <typename T>
T take(Result<T> result) {
  if (!result) stop(result.error());
  return std::move(*result);
}

const OpenTarget& machine() {
  static const OpenTarget target = take(
      open_target("sim", discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, ""))));
  return target;
}

Figures measure(const Shape& shape, const std::vector<std::string>& without) {
  const OpenTarget& target = machine();
  NotationOptions options{.sizes = shape.sizes};
  options.ranges = {{"A", {0, 49}}, {"B", {0, 49}}};
  auto workload = std::make_shared<const Workload>(take(make_workload(shape.computation, options)));
  const Trace trace = take(parse_trace(shape.trace, *workload, *target.description));
  const auto schedule = replay(*workload, *target.description, trace);
  if (!schedule) stop(render(schedule.error(), *workload, *target.description, nullptr, &trace));
  LowerOptions lowering;
  lowering.disabled = without;
  auto module = std::make_shared<const LoweredModule>(
      take(lower(workload, target.description, *schedule, lowering)));
  const ModuleRunner runner = take(make_runner(target, module));
  const auto inputs = timing_inputs(*workload, 1);
  const RunAnswer answer = take(call(runner, inputs, {.counters = true}));
  Figures f;
  for (const PluginCounter& c : answer.report.counters) {
    if (c.name == "cycles") f.cycles = c.value;
    if (c.name == "instructions") f.instructions = c.value;
  }
  return f;
}

const Shape& best_of(const std::vector<Shape>& shapes) {
  const Shape* best = &shapes[0];
  double least = measure(*best, {}).cycles;
  for (const Shape& shape : shapes) {
    const double cycles = measure(shape, {}).cycles;
    if (cycles < least) best = &shape, least = cycles;
  }
  return *best;
}

// Slots of one more iteration in whole tiles, the same tiles in both sizes.
double marginal(const Shape& large, const Shape& small, double iterations) {
  return (measure(large, {}).instructions - measure(small, {}).instructions) / iterations;
}

// Bytes per cycle of a copy on the device.
double bytes_per_cycle() {
  const TargetDesc& t = *machine().description;
  for (const Link& link : t.links) {
    if (link.from != kHost && link.to != kHost) return 1e3 / (link.cost.ns_per_byte * t.clock_mhz);
  }
  return 1;
}

struct Row {
  std::string name;
  double bound = 0;
  std::vector<double> cycles;  // per level
};

void print(const std::string& title, const std::vector<Row>& rows) {
  std::printf("\n%s\n%-12s %10s", title.c_str(), "size", "bound");
  for (const Levels& level : levels()) std::printf(" %10s", level.name);
  std::printf(" %9s\n", "of bound");
  for (const Row& row : rows) {
    std::printf("%-12s %10.0f", row.name.c_str(), row.bound);
    for (double c : row.cycles) std::printf(" %10.0f", c);
    std::printf(" %9.3f\n", row.cycles.back() / row.bound);
  }
}

double geomean(const std::vector<Row>& rows, size_t above, size_t below) {
  double sum = 0;
  for (const Row& row : rows) sum += std::log(row.cycles[above] / row.cycles[below]);
  return std::exp(sum / static_cast<double>(rows.size()));
}

Row measured(const std::string& name, const std::vector<Shape>& shapes, double slots,
             double bytes) {
  Row row{name, std::max(slots, bytes / bytes_per_cycle()), {}};
  const Shape& shape = best_of(shapes);
  for (const Levels& level : levels()) row.cycles.push_back(measure(shape, level.without).cycles);
  return row;
}

void report(benchmark::State& state, const std::string& title, const std::string& published,
            const std::vector<Row>& rows) {
  print(title, rows);
  double worst = 0, log_sum = 0;
  for (const Row& row : rows) {
    const double ratio = row.cycles.back() / row.bound;
    worst = std::max(worst, ratio);
    log_sum += std::log(ratio);
  }
  std::printf(
      "speedup of each pass, geometric mean: convert %.2f, tighten %.2f, hoist %.2f, peel "
      "%.2f\npublished ablation: %s\n",
      geomean(rows, 0, 1), geomean(rows, 1, 2), geomean(rows, 2, 3), geomean(rows, 3, 4),
      published.c_str());
  state.counters["of_bound"] = std::exp(log_sum / static_cast<double>(rows.size()));
  state.counters["worst"] = worst;
}

enum class Ragged { columns, rows, both };

void mtv_rows(benchmark::State& state, Ragged ragged) {
  static std::map<Ragged, std::vector<Row>> kept;
  std::vector<Row>& rows = kept[ragged];
  for (auto _ : state) {
    if (!rows.empty()) continue;
    const double slots = marginal(mtv(256, 256).back(), mtv(256, 128).back(), 256.0 * 128);
    for (int64_t l = 64; l <= 256; l += 7) {
      const int64_t i = ragged == Ragged::columns ? 256 : l;
      const int64_t k = ragged == Ragged::rows ? 256 : l;
      const auto macs = static_cast<double>(i * k);
      const auto bytes = static_cast<double>(4 * (i * k + i + k));
      rows.push_back(measured(cat(i, "x", k), mtv(i, k), macs * slots, bytes));
    }
  }
  const char* titles[] = {"mtv 256 x L, 1 unit, 16 threads", "mtv L x 256", "mtv L x L"};
  const char* published[] = {"convert 3.1 to 3.4, tighten 1.17, hoist 1.00",
                             "convert 3.1 to 3.4, tighten 1.00, hoist 1.24",
                             "convert 3.1 to 3.4, tighten 1.08, hoist 1.15"};
  const auto n = static_cast<size_t>(ragged);
  report(state, titles[n], published[n], rows);
}
BENCHMARK_CAPTURE(mtv_rows, columns, Ragged::columns)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(mtv_rows, rows, Ragged::rows)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(mtv_rows, both, Ragged::both)->Iterations(1)->Unit(benchmark::kSecond);

void va_rows(benchmark::State& state) {
  static std::vector<Row> rows;
  for (auto _ : state) {
    if (!rows.empty()) continue;
    const double slots =
        marginal(va(8 * 512 * 256).back(), va(4 * 512 * 256).back(), 4.0 * 512 * 256) / 32;
    for (int64_t l = 1; l <= 8; ++l) {
      const int64_t n = l * 100000;
      const auto elements = static_cast<double>(n);
      rows.push_back(measured(cat(n), va(n), elements * slots, elements * 12 / 32));
    }
  }
  report(state, "va L x 100000, 32 units, 16 threads", "convert 9.1, tighten 1.51, hoist 1.00",
         rows);
}
BENCHMARK(va_rows)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace pimjit
