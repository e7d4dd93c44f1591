#include <algorithm>
#include <utility>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/plugin/conformance_kernels.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

Result<Module> load(const Bench& bench, const Kernel& kernel) {
  auto bytes = serialize(kernel, static_cast<int>(bench.plugin().kernel_version()));
  if (!bytes) return fail(bytes.error());
  auto image = bench.plugin().build_kernel(std::as_bytes(std::span(*bytes)));
  if (!image) return fail(image.error());
  if (!image->accepted()) {
    const PluginReason& reason = image->reasons[0];
    return fail(target_error(
        reason.code, cat("it does not build kernel '", kernel.name, "': ", reason.message)));
  }
  return bench.device.load(image->bytes);
}

// A kernel with its inputs on the device, ready to be launched.
struct Trial {
  const Bench& bench;
  const KernelMaker& maker;
  DeviceMemory a, b;
  UnitBytes input, output;  // what A and B hold
  Module module;

  Trial(const Bench& on, const KernelMaker& with) : bench(on), maker(with) {}

  Status prepare(const Kernel& kernel) {
    auto loaded = load(bench, kernel);
    if (!loaded) return fail(loaded.error());
    module = *loaded;
    const auto bytes = static_cast<uint64_t>(maker.unit_elements() * bytes_of(maker.dtype()));
    auto first = bench.alloc(bytes);
    auto second = bench.alloc(bytes);
    if (!first || !second) return fail(first ? second.error() : first.error());
    a = *first;
    b = *second;
    input.assign(bench.units(), Bytes(bytes));
    for (size_t u = 0; u < input.size(); ++u) {
      for (int64_t i = 0; i < maker.unit_elements(); ++i) set(input, u, i, value_at(u, i));
    }
    output = bench.pattern("output", bench.units(), bytes);
    if (auto status = bench.put(a, input); !status) return status;
    return bench.put(b, output);
  }

  // Small, both signs, exact in every type.
  static int64_t value_at(size_t unit, int64_t i) {
    return static_cast<int64_t>(unit * 7 + static_cast<size_t>(i) * 5) % 41 - 20;
  }

  void set(UnitBytes& data, size_t unit, int64_t i, int64_t value) const {
    std::byte* at = data[unit].data() + i * bytes_of(maker.dtype());
    if (maker.dtype() == DType::f32) {
      store_real(at, static_cast<double>(value));
    } else {
      store_integer(at, maker.dtype(), value);
    }
  }

  Result<Event> launch(std::vector<int64_t> extra = {}, uint64_t first = 0,
                       uint64_t count = UINT64_MAX, std::vector<Event> after = {}) const {
    std::vector<int64_t> arguments = {static_cast<int64_t>(a.base()),
                                      static_cast<int64_t>(b.base())};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    LaunchRequest request;
    request.module = module;
    request.first_unit = first;
    request.unit_count = count == UINT64_MAX ? bench.units() : count;
    request.arguments = arguments;
    request.after = after;
    return bench.device.launch(request);
  }

  // Whether B holds what `output` says.
  Verdict compare() const {
    auto got = bench.get(b, output[0].size(), bench.units());
    if (!got) return failed(got.error());
    const std::string wrong = difference(*got, output);
    return wrong.empty() ? pass() : failed(cat("in the result, ", wrong));
  }

  Verdict finish(const Result<Event>& event) const {
    if (!event) return failed(event.error());
    if (auto status = event->wait(); !status) return failed(status.error());
    auto info = event->query();
    if (!info) return failed(info.error());
    if (!info->finished) return failed("a launch that was waited for has not finished");
    if (info->origin != bench.target().origin)
      return failed("its time has another origin than the description says");
    return compare();
  }

  // Sets element i of every unit in [first, first + count) to value(unit, i).
  template <typename Value>
  void expect(Value value, uint64_t first = 0, uint64_t count = UINT64_MAX) {
    const uint64_t end = count == UINT64_MAX ? bench.units() : first + count;
    for (uint64_t u = first; u < end; ++u) {
      for (int64_t i = 0; i < maker.unit_elements(); ++i) set(output, u, i, value(u, i));
    }
  }
};

Verdict copy_through(const Bench& bench, const KernelMaker& maker) {
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.copy_through()); !status) return failed(status.error());
  trial.expect(Trial::value_at);
  return trial.finish(trial.launch());
}

Verdict arithmetic(const Bench& bench, DType dtype) {
  const auto maker = KernelMaker::create(bench.target(), dtype);
  if (!maker) return skipped("no scope that kernels can compute in has room");
  if (bench.target().numeric(dtype, NumericOp::add).support == Support::absent)
    return skipped("it does not add");
  const bool multiply = bench.target().numeric(dtype, NumericOp::mul).support != Support::absent;
  Trial trial(bench, *maker);
  if (auto status = trial.prepare(maker->arithmetic(multiply)); !status)
    return failed(status.error());
  trial.expect([&](size_t u, int64_t i) { return (multiply ? 4 : 2) * Trial::value_at(u, i); });
  return trial.finish(trial.launch());
}

bool whole_machine_only(const Bench& bench) {
  const int unit = bench.target().unit_level();
  return unit < 0 || bench.target().levels[static_cast<size_t>(unit)].select == Selection::all;
}

// Units know their own position, and units that were not named do nothing.
Verdict positions(const Bench& bench, const KernelMaker& maker, bool part) {
  if (part && (whole_machine_only(bench) || bench.units() < 3))
    return skipped("a launch names all units");
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.who_am_i()); !status) return failed(status.error());
  const uint64_t first = part ? bench.units() / 3 : 0;
  const uint64_t count = part ? bench.units() / 3 : bench.units();
  const auto who = [&](size_t u, int64_t i) {
    return static_cast<int64_t>(u) * 100 + i / maker.tile_elements();
  };
  trial.expect(who, first, count);
  return trial.finish(trial.launch({}, first, count));
}

Verdict bounds(const Bench& bench, const KernelMaker& maker) {
  if (!bench.target().limits.control_flow)
    return skipped("the machine has no run-time trip counts");
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.run_time_bound()); !status) return failed(status.error());
  for (int64_t n : {int64_t{0}, int64_t{1}, maker.tile_elements() - 1, maker.tile_elements()}) {
    for (size_t u = 0; u < bench.units(); ++u) {
      for (int64_t i = 0; i < maker.unit_elements(); ++i) {
        if (i % maker.tile_elements() < n) trial.set(trial.output, u, i, Trial::value_at(u, i));
      }
    }
    const Verdict verdict = trial.finish(trial.launch({n}));
    if (verdict.outcome != CheckOutcome::pass)
      return failed(cat("with bound ", n, ": ", verdict.text));
  }
  return pass();
}

// Instances of the innermost level only, for which the expected values are easily stated.
Verdict meeting(const Bench& bench, const KernelMaker& maker, int level, bool combine) {
  const auto kernel = combine ? maker.sum(level) : maker.exchange(level);
  if (!kernel) return skipped("no memory that its instances share");
  const int64_t count = kernel->levels[static_cast<size_t>(level)].count;
  int64_t inside = 1;
  for (size_t l = static_cast<size_t>(level) + 1; l < kernel->levels.size(); ++l)
    inside *= kernel->levels[l].count;
  Trial trial(bench, maker);
  if (auto status = trial.prepare(*kernel); !status) return failed(status.error());
  trial.expect([&](size_t u, int64_t i) {
    const int64_t instance = i / maker.tile_elements();
    const int64_t digit = instance / inside % count;
    const auto of = [&](int64_t d) {
      return Trial::value_at(u, (instance + (d - digit) * inside) * maker.tile_elements());
    };
    if (!combine) return of((digit + 1) % count);
    int64_t sum = 0;
    for (int64_t d = 0; d < count; ++d) sum += of(d);
    return sum;
  });
  return trial.finish(trial.launch());
}

Verdict arguments(const Bench& bench, const KernelMaker& maker, int64_t change) {
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.copy_through()); !status) return failed(status.error());
  const std::vector<int64_t> three = {static_cast<int64_t>(trial.a.base()),
                                      static_cast<int64_t>(trial.b.base()), 0};
  LaunchRequest request;
  request.module = trial.module;
  request.unit_count = bench.units();
  request.arguments = std::span(three).first(static_cast<size_t>(2 + change));
  const Verdict verdict = refused(bench.device.launch(request), "invalid_argument");
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  const Verdict after = trial.compare();
  return after.outcome == CheckOutcome::pass ? verdict : after;
}

Verdict beyond_units(const Bench& bench, const KernelMaker& maker) {
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.copy_through()); !status) return failed(status.error());
  return refused(trial.launch({}, 1, bench.units()), "out_of_range");
}

Verdict zero_units(const Bench& bench, const KernelMaker& maker) {
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.copy_through()); !status) return failed(status.error());
  return trial.finish(trial.launch({}, 0, 0));
}

// Copy, launch twice, and copy back, each after the one before, waiting for the last only.
Verdict chain(const Bench& bench, const KernelMaker& maker) {
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.copy_through()); !status) return failed(status.error());
  trial.expect(Trial::value_at);
  auto first = trial.launch();
  if (!first) return failed(first.error());
  return trial.finish(trial.launch({}, 0, UINT64_MAX, {*first}));
}

Verdict counters(const Bench& bench, const KernelMaker& maker) {
  if (bench.plugin().table().counters == nullptr) return skipped("the plugin has no counters()");
  Trial trial(bench, maker);
  if (auto status = trial.prepare(maker.copy_through()); !status) return failed(status.error());
  auto event = trial.launch();
  if (!event) return failed(event.error());
  if (auto status = event->wait(); !status) return failed(status.error());
  auto figures = bench.device.counters(*event);
  return figures ? pass(cat(figures->size(), " figures")) : failed(figures.error());
}

Verdict bad_image(const Bench& bench) {
  const Bytes image(100, std::byte{0x5A});
  return refused(bench.device.load(image), "bad_kernel");
}

}  // namespace

void check_launches(Bench& bench) {
  bench.run("launch", "bad_image", [&] { return bad_image(bench); });
  for (const auto& [dtype, operations] : bench.target().numerics) {
    bench.run("launch", cat("arithmetic_", to_string(dtype)),
              [&, type = dtype] { return arithmetic(bench, type); });
  }
  const auto maker = KernelMaker::create(bench.target(), DType::i32);
  if (!maker || bench.target().numeric(DType::i32, NumericOp::load).support == Support::absent) {
    bench.run("launch", "others", [] { return skipped("kernels cannot compute on i32"); });
    return;
  }
  bench.run("launch", "copy_through", [&] { return copy_through(bench, *maker); });
  bench.run("launch", "positions", [&] { return positions(bench, *maker, false); });
  bench.run("launch", "unit_sub_range", [&] { return positions(bench, *maker, true); });
  bench.run("launch", "run_time_bounds", [&] { return bounds(bench, *maker); });
  for (int l = bench.target().unit_level() + 1; l < static_cast<int>(bench.target().levels.size());
       ++l) {
    const Level& level = bench.target().levels[static_cast<size_t>(l)];
    if (level.barrier) {
      bench.run("launch", cat("barrier_", level.name),
                [&] { return meeting(bench, *maker, l, false); });
    }
    if ((level.combine >> static_cast<int>(CombineOp::sum) & 1) != 0) {
      bench.run("launch", cat("combine_", level.name),
                [&] { return meeting(bench, *maker, l, true); });
    }
  }
  bench.run("launch", "too_few_arguments", [&] { return arguments(bench, *maker, -1); });
  bench.run("launch", "too_many_arguments", [&] { return arguments(bench, *maker, 1); });
  bench.run("launch", "beyond_units", [&] { return beyond_units(bench, *maker); });
  bench.run("launch", "zero_units", [&] { return zero_units(bench, *maker); });
  bench.run("launch", "chain", [&] { return chain(bench, *maker); });
  bench.run("launch", "counters", [&] { return counters(bench, *maker); });
}

}  // namespace pimjit::conformance
