// What edges cost on the simulated machine: kernel cycles of ragged sizes against a bound, with the
// boundary passes added one after the other, under the compiler's own code and under plain code as
// a general compiler would write it. Values 0..49. Cycles are the simulator's, so that repetitions
// agree to the digit.
//
// The bound is the larger of
// - the issue slots needed: for each iteration of the innermost statement and for each result what
//   one more of them takes in whole tiles (differences between sizes that divide), and
// - what the links between device scopes are busy when each element moves once in the fewest
//   copies that the link and 16 threads' share of the scratch memory allow.
// The passes are added to the best of a few schedules in tiles, the same ones for whole and ragged
// sizes; "best" has others among them too: whole rows, which have no edge along the columns, rows
// in parts, and for va 24 threads.
//
// Ragged sizes are also held against the next aligned ones (16 rows, 32 columns): the share of the
// work, or what the longest thread has to issue, whichever is more, times the aligned cycles.
#include <algorithm>
#include <array>
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
std::vector<Shape> mtv(int64_t rows, int64_t columns, const std::vector<int64_t>& parts) {
  std::vector<Shape> shapes;
  for (const int64_t tile : {1, 2}) {
    for (const int64_t part : parts) {
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
std::vector<Shape> tiled_mtv(int64_t rows, int64_t columns) {
  return mtv(rows, columns, {part_of(columns), std::min<int64_t>(columns, 32)});
}
std::vector<Shape> whole_mtv(int64_t rows, int64_t columns) {
  return mtv(rows, columns, {columns});
}

// Rows in parts, so that threads start on the first ones sooner, and all of a thread's results in
// one copy.
std::vector<Shape> mtv_in_parts(int64_t rows, int64_t columns) {
  std::vector<Shape> shapes;
  for (const int64_t part : {part_of(columns), int64_t{32}, int64_t{64}, int64_t{128}, columns}) {
    if (part > columns) continue;
    shapes.push_back({"mtv",
                      {{"i", rows}, {"k", columns}},
                      cat("i.0, i.1 = split(i, ", (rows + 15) / 16, "); k.0, k.1 = split(k, ", part,
                          "); bind(i.0, tasklet); cache_read(A, wram, at=k.0);"
                          "cache_read(B, wram); cache_write(wram, at=i.0); unroll(k.1, 0)")});
  }
  return shapes;
}
std::vector<Shape> other_mtv(int64_t rows, int64_t columns) {
  std::vector<Shape> shapes = whole_mtv(rows, columns);
  for (Shape& shape : mtv_in_parts(rows, columns)) shapes.push_back(std::move(shape));
  return shapes;
}

// Bytes of an element's three tiles, and what a thread's share of the scratch memory holds.
constexpr int64_t kVaTile = 12;
constexpr int64_t kVaRoom = (65536 - 1024) / 16;

// 32 units of some threads.
std::vector<Shape> va(int64_t elements, int64_t threads) {
  std::vector<Shape> shapes;
  // Even shares of a thread's elements, in tiles that the link can start at.
  const int64_t share = (elements + 32 * threads - 1) / (32 * threads);
  const int64_t room = kVaRoom * 16 / threads;
  const int64_t fewest = (share * kVaTile + room - 1) / room;
  // The fewest copies, and tiles of a few unrolled parts, which keep the link and the threads busy.
  const int64_t small = (share + 65) / 66, medium = (share + 131) / 132;
  for (const int64_t tiles :
       {4 * fewest, 2 * fewest, small, medium, fewest + 2, fewest + 1, fewest}) {
    const int64_t tile = ((share + tiles - 1) / tiles + 1) / 2 * 2;
    shapes.push_back({"va",
                      {{"i", elements}},
                      cat("i.0, i.1, i.2, i.3 = split(i, ", threads, ", ", tiles, ", ", tile,
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

enum class Code { own, plain };
const char* name_of(Code code) {
  return code == Code::own ? "sim" : "sim:code=plain";
}
const OpenTarget& machine(Code code) {
  static const Discovery plugins =
      discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, ""));
  static const OpenTarget own = take(open_target(name_of(Code::own), plugins));
  static const OpenTarget plain = take(open_target(name_of(Code::plain), plugins));
  return code == Code::own ? own : plain;
}

Figures measure(Code code, const Shape& shape, const std::vector<std::string>& without) {
  const OpenTarget& target = machine(code);
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

const Shape& best_of(Code code, const std::vector<Shape>& shapes) {
  const Shape* best = &shapes[0];
  double least = measure(code, *best, {}).cycles;
  for (const Shape& shape : shapes) {
    const double cycles = measure(code, shape, {}).cycles;
    if (cycles < least) best = &shape, least = cycles;
  }
  return *best;
}

// Cycles for which the copies of the device occupy the engine, each of at most `most` bytes.
double copying(Code code, double bytes, double most) {
  const auto& clock = machine(code).description->plugin;
  const auto number = [&clock](const char* key) { return std::stod(clock.at(key)); };
  return bytes * number("clock.per_byte") + std::ceil(bytes / most) * number("clock.engine_start");
}

struct Row {
  std::string name;
  double bound = 0;
  std::vector<double> cycles;  // per level, tiles
  double best = 0;
  double of_aligned = 0;  // of what the aligned size and load balance allow; 0: not compared
};

void print(const std::string& title, const std::vector<Row>& rows) {
  std::printf("\n%s\n%-12s %10s", title.c_str(), "size", "bound");
  for (const Levels& level : levels()) std::printf(" %10s", level.name);
  std::printf(" %10s %9s %10s\n", "best", "of bound", "of aligned");
  for (const Row& row : rows) {
    std::printf("%-12s %10.0f", row.name.c_str(), row.bound);
    for (double c : row.cycles) std::printf(" %10.0f", c);
    std::printf(" %10.0f %9.3f", row.best, row.best / row.bound);
    std::printf(row.of_aligned > 0 ? " %10.3f\n" : "\n", row.of_aligned);
  }
}

double geomean(const std::vector<Row>& rows, size_t above, size_t below) {
  double sum = 0;
  for (const Row& row : rows) sum += std::log(row.cycles[above] / row.cycles[below]);
  return std::exp(sum / static_cast<double>(rows.size()));
}

Row measured(Code code, const std::string& name, const std::vector<Shape>& tiled,
             const std::vector<Shape>& others, double bound) {
  Row row{name, bound, {}};
  const Shape& shape = best_of(code, tiled);
  for (const Levels& level : levels())
    row.cycles.push_back(measure(code, shape, level.without).cycles);
  row.best = row.cycles.back();
  for (const Shape& other : others) row.best = std::min(row.best, measure(code, other, {}).cycles);
  return row;
}

void report(benchmark::State& state, const std::string& title, const std::string& published,
            const std::vector<Row>& rows) {
  print(title, rows);
  double worst = 0, log_sum = 0, worst_of_aligned = 0;
  int within = 0;
  for (const Row& row : rows) {
    const double ratio = row.best / row.bound;
    worst = std::max(worst, ratio);
    within += ratio <= 1.1 ? 1 : 0;
    log_sum += std::log(ratio);
    worst_of_aligned = std::max(worst_of_aligned, row.of_aligned);
  }
  std::printf(
      "%d of %zu within 10 %% of the bound\n"
      "speedup of each pass, geometric mean: convert %.2f, tighten %.2f, hoist %.2f, peel "
      "%.2f\npublished ablation: %s\n",
      within, rows.size(), geomean(rows, 0, 1), geomean(rows, 1, 2), geomean(rows, 2, 3),
      geomean(rows, 3, 4), published.c_str());
  state.counters["of_bound"] = std::exp(log_sum / static_cast<double>(rows.size()));
  state.counters["worst"] = worst;
  state.counters["within_10_percent"] = within;
  if (worst_of_aligned > 0) state.counters["of_aligned"] = worst_of_aligned;
}

enum class Ragged { columns, rows, both };

// Slots of an iteration and, above those, of a row, from whole sizes.
struct Slots {
  double iteration, row;
};
Slots slots_of_mtv(Code code) {
  const auto issued = [code](int64_t rows, int64_t columns) {
    double least = measure(code, whole_mtv(rows, columns)[0], {}).instructions;
    return std::min(least, measure(code, tiled_mtv(rows, columns)[1], {}).instructions);
  };
  const double full = issued(256, 256);
  const double iteration = (full - issued(256, 128)) / (256.0 * 128);
  return {iteration, (full - issued(128, 256)) / 128 - 256 * iteration};
}

double of_aligned(Code code, int64_t i, int64_t k, double cycles) {
  static std::map<std::array<int64_t, 3>, double> kept;
  const int64_t per_thread = (i + 15) / 16;
  const int64_t rows = per_thread * 16, columns = (k + 31) / 32 * 32;
  double& aligned = kept[{static_cast<int64_t>(code), rows, columns}];
  if (aligned == 0) {
    std::vector<Shape> shapes = tiled_mtv(rows, columns);
    for (Shape& shape : other_mtv(rows, columns)) shapes.push_back(std::move(shape));
    aligned = measure(code, best_of(code, shapes), {}).cycles;
  }
  // A thread issues once in 11 cycles.
  const auto issued = static_cast<double>(std::max(i, 11 * per_thread));
  const double share =
      issued / static_cast<double>(rows) * static_cast<double>(k) / static_cast<double>(columns);
  return cycles / (aligned * share);
}

void mtv_rows(benchmark::State& state, Ragged ragged, Code code) {
  static std::map<std::pair<Ragged, Code>, std::vector<Row>> kept;
  std::vector<Row>& rows = kept[{ragged, code}];
  for (auto _ : state) {
    if (!rows.empty()) continue;
    const Slots slots = slots_of_mtv(code);
    for (int64_t l = 64; l <= 256; l += 7) {
      const int64_t i = ragged == Ragged::columns ? 256 : l;
      const int64_t k = ragged == Ragged::rows ? 256 : l;
      const double issued =
          static_cast<double>(i) * (static_cast<double>(k) * slots.iteration + slots.row);
      const auto bytes = static_cast<double>(4 * (i * k + i + k));
      const double bound = std::max(issued, copying(code, bytes, 2048));
      rows.push_back(measured(code, cat(i, "x", k), tiled_mtv(i, k), other_mtv(i, k), bound));
      rows.back().of_aligned = of_aligned(code, i, k, rows.back().best);
    }
  }
  const char* titles[] = {"mtv 256 x L, 1 unit, 16 threads", "mtv L x 256", "mtv L x L"};
  const char* published[] = {"convert 3.1 to 3.4, tighten 1.17, hoist 1.00",
                             "convert 3.1 to 3.4, tighten 1.00, hoist 1.24",
                             "convert 3.1 to 3.4, tighten 1.08, hoist 1.15"};
  const auto n = static_cast<size_t>(ragged);
  report(state, cat(titles[n], ", ", name_of(code)), published[n], rows);
}

void va_rows(benchmark::State& state, Code code) {
  static std::map<Code, std::vector<Row>> kept;
  std::vector<Row>& rows = kept[code];
  for (auto _ : state) {
    if (!rows.empty()) continue;
    constexpr int64_t kWhole = 512 * 256;
    const double slots = (measure(code, va(8 * kWhole, 16).back(), {}).instructions -
                          measure(code, va(4 * kWhole, 16).back(), {}).instructions) /
                         (4.0 * kWhole) / 32;
    for (int64_t l = 1; l <= 8; ++l) {
      const int64_t n = l * 100000;
      const auto elements = static_cast<double>(n);
      const double bound = std::max(
          elements * slots, copying(code, elements * kVaTile / 32, kVaRoom / (kVaTile / 4.0)));
      rows.push_back(measured(code, cat(n), va(n, 16), va(n, 24), bound));
    }
  }
  report(state, cat("va L x 100000, 32 units, 16 or 24 threads, ", name_of(code)),
         "convert 9.1, tighten 1.51, hoist 1.00", rows);
}

#define PIMJIT_BOUNDARY_BENCH(name, ...) \
  BENCHMARK_CAPTURE(name, __VA_ARGS__)->Iterations(1)->Unit(benchmark::kSecond)
PIMJIT_BOUNDARY_BENCH(mtv_rows, columns, Ragged::columns, Code::own);
PIMJIT_BOUNDARY_BENCH(mtv_rows, rows, Ragged::rows, Code::own);
PIMJIT_BOUNDARY_BENCH(mtv_rows, both, Ragged::both, Code::own);
PIMJIT_BOUNDARY_BENCH(va_rows, own, Code::own);
PIMJIT_BOUNDARY_BENCH(mtv_rows, columns_plain, Ragged::columns, Code::plain);
PIMJIT_BOUNDARY_BENCH(mtv_rows, rows_plain, Ragged::rows, Code::plain);
PIMJIT_BOUNDARY_BENCH(mtv_rows, both_plain, Ragged::both, Code::plain);
PIMJIT_BOUNDARY_BENCH(va_rows, plain, Code::plain);
#undef PIMJIT_BOUNDARY_BENCH

}  // namespace
}  // namespace pimjit
