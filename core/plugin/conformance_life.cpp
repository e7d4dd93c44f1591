#include <thread>

#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 10;

Verdict round_trip(const Bench& bench, const std::string& name) {
  const uint64_t bytes = 4 * bench.piece();
  auto memory = bench.alloc(bytes);
  if (!memory) return failed(memory.error());
  const UnitBytes want = bench.pattern(name.c_str(), bench.units(), bytes);
  if (auto status = bench.put(*memory, want); !status) return failed(status.error());
  auto got = bench.get(*memory, bytes, bench.units());
  if (!got) return failed(got.error());
  const std::string wrong = difference(*got, want);
  return wrong.empty() ? pass() : failed(wrong);
}

Verdict threads(const Bench& bench) {
  std::vector<Verdict> verdicts(kThreads);
  std::vector<std::thread> workers;
  for (int t = 0; t < kThreads; ++t) {
    workers.emplace_back([&bench, &verdict = verdicts[static_cast<size_t>(t)], t] {
      for (int i = 0; i < kRounds && verdict.outcome == CheckOutcome::pass; ++i) {
        verdict = round_trip(bench, cat("thread ", t, " round ", i));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (Verdict& verdict : verdicts) {
    if (verdict.outcome != CheckOutcome::pass) return verdict;
  }
  return pass();
}

Verdict two_devices(const Bench& bench) {
  auto second = bench.plugin().open();
  if (!second) {
    return second.error().code == "unavailable" ? skipped(second.error().what)
                                                : failed(second.error());
  }
  Bench other = bench;
  other.device = *second;
  const uint64_t bytes = 4 * bench.piece();
  auto here = bench.alloc(bytes);
  auto there = other.alloc(bytes);
  if (!here || !there) return failed(here ? there.error() : here.error());
  const UnitBytes mine = bench.pattern("here", bench.units(), bytes);
  if (auto status = bench.put(*here, mine); !status) return failed(status.error());
  if (auto status = other.put(*there, other.pattern("there", bench.units(), bytes)); !status) {
    return failed(status.error());
  }
  auto got = bench.get(*here, bytes, bench.units());
  if (!got) return failed(got.error());
  const std::string wrong = difference(*got, mine);
  return wrong.empty() ? pass() : failed(cat("after writing to another device, ", wrong));
}

// Optional functions taken away: the rest goes on working.
Verdict without_optional(const Bench& bench) {
  pj_plugin_api api = bench.plugin().table();
  api.describe = nullptr;
  api.check = nullptr;
  api.estimate = nullptr;
  api.import_host = nullptr;
  api.cancel = nullptr;
  api.counters = nullptr;
  auto plugin = make_plugin(&api, bench.target().plugin);
  if (!plugin) return failed(plugin.error());
  const Bench before = bench;
  auto device = plugin->open();
  if (!device && device.error().code == "unavailable") return skipped(device.error().what);
  if (!device) return failed(device.error());
  Bench other = before;
  other.device = *device;
  return round_trip(other, "without optional functions");
}

}  // namespace

void check_life(Bench& bench) {
  bench.run("life", "threads", [&] { return threads(bench); });
  bench.run("life", "two_devices", [&] { return two_devices(bench); });
  bench.run("life", "without_optional_functions", [&] { return without_optional(bench); });
  bench.device = Device();
  bench.run("life", "reopen", [&] {
    for (int i = 0; i < 3; ++i) {
      auto device = bench.plugin().open();
      if (!device) return failed(device.error());
      bench.device = *device;
      const Verdict verdict = round_trip(bench, cat("reopened ", i));
      if (verdict.outcome != CheckOutcome::pass) return verdict;
      bench.device = Device();
    }
    return pass();
  });
}

}  // namespace pimjit::conformance
