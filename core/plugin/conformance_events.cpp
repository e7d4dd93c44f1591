#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

// A copy with its host memory.
struct Transfer {
  UnitBytes host;
  std::vector<void*> pointers;
  Event event;

  Status start(const Bench& bench, const DeviceMemory& memory, CopyDirection direction,
               std::vector<Event> after = {}) {
    pointers.clear();
    for (Bytes& unit : host) pointers.push_back(unit.data());
    CopyRequest request;
    request.direction = direction;
    request.memory = memory;
    request.bytes = host[0].size();
    request.unit_count = host.size();
    request.pointers = pointers;
    request.after = after;
    auto started = bench.device.copy(request);
    if (!started) return fail(started.error());
    event = *started;
    return {};
  }
};

Verdict same_twice(const Bench& bench, const Event& event) {
  for (int i = 0; i < 2; ++i) {
    if (auto status = event.wait(); !status) return failed(status.error());
  }
  auto first = event.query();
  auto second = event.query();
  if (!first || !second) return failed(first ? second.error() : first.error());
  if (!first->finished) return failed("an event that was waited for has not finished");
  if (first->origin != bench.target().origin) {
    return failed(cat("its time is ", to_string(first->origin), ", the description says ",
                      to_string(bench.target().origin)));
  }
  if (first->duration_ns != second->duration_ns || first->start_ns != second->start_ns) {
    return failed("a finished event changes its time");
  }
  return pass();
}

Verdict wait_and_query(const Bench& bench) {
  auto memory = bench.alloc(bench.piece());
  if (!memory) return failed(memory.error());
  Transfer transfer{bench.pattern("events", bench.units(), bench.piece()), {}, {}};
  if (auto status = transfer.start(bench, *memory, CopyDirection::to_device); !status)
    return failed(status.error());
  if (auto early = transfer.event.query(); !early) return failed(early.error());
  return same_twice(bench, transfer.event);
}

// Write, overwrite, read, each after the one before, and only the last is waited for.
Verdict dependencies(const Bench& bench) {
  const uint64_t bytes = 4 * bench.piece();
  auto memory = bench.alloc(bytes);
  if (!memory) return failed(memory.error());
  Transfer first{bench.pattern("first", bench.units(), bytes), {}, {}};
  Transfer second{bench.pattern("second", bench.units(), bytes), {}, {}};
  Transfer third{UnitBytes(bench.units(), Bytes(bytes)), {}, {}};
  auto status = first.start(bench, *memory, CopyDirection::to_device);
  if (status) status = second.start(bench, *memory, CopyDirection::to_device, {first.event});
  if (status)
    status = third.start(bench, *memory, CopyDirection::from_device,
                         {Event(), second.event, first.event});
  if (status) status = third.event.wait();
  if (!status) return failed(status.error());
  for (const Event& event : {first.event, second.event}) {
    auto info = event.query();
    if (!info) return failed(info.error());
    if (!info->finished) return failed("an event finished before one that it depends on");
  }
  const std::string wrong = difference(third.host, second.host);
  return wrong.empty() ? pass() : failed(cat("the copies did not run in order: ", wrong));
}

Verdict many(const Bench& bench) {
  constexpr int kMany = 100;
  auto memory = bench.alloc(bench.piece());
  if (!memory) return failed(memory.error());
  std::vector<Transfer> transfers(kMany);
  std::vector<Event> after;
  for (int i = 0; i < kMany; ++i) {
    Transfer& transfer = transfers[static_cast<size_t>(i)];
    transfer.host = UnitBytes(bench.units(), Bytes(bench.piece(), static_cast<std::byte>(i)));
    auto status = transfer.start(bench, *memory, CopyDirection::to_device, after);
    if (!status) return failed(status.error());
    after = {transfer.event};
  }
  if (auto status = after[0].wait(); !status) return failed(status.error());
  auto got = bench.get(*memory, bench.piece(), bench.units());
  if (!got) return failed(got.error());
  const std::string wrong = difference(*got, transfers.back().host);
  return wrong.empty() ? pass() : failed(wrong);
}

// Handles that are dropped at once do not stop the operation.
Verdict dropped(const Bench& bench) {
  auto memory = bench.alloc(bench.piece());
  if (!memory) return failed(memory.error());
  Transfer first{bench.pattern("dropped", bench.units(), bench.piece()), {}, {}};
  if (auto status = first.start(bench, *memory, CopyDirection::to_device); !status)
    return failed(status.error());
  Transfer second{UnitBytes(bench.units(), Bytes(bench.piece())), {}, {}};
  auto status = second.start(bench, *memory, CopyDirection::from_device,
                             {std::exchange(first.event, Event())});
  if (status) status = second.event.wait();
  if (!status) return failed(status.error());
  const std::string wrong = difference(second.host, first.host);
  return wrong.empty() ? pass() : failed(wrong);
}

Verdict cancel(const Bench& bench) {
  if (bench.plugin().table().cancel == nullptr) return skipped("the plugin has no cancel()");
  auto memory = bench.alloc(bench.piece());
  if (!memory) return failed(memory.error());
  Transfer transfer{bench.pattern("cancel", bench.units(), bench.piece()), {}, {}};
  if (auto status = transfer.start(bench, *memory, CopyDirection::to_device); !status)
    return failed(status.error());
  if (auto status = transfer.event.cancel(); !status) return failed(status.error());
  auto status = transfer.event.wait();
  if (!status && status.error().code != "cancelled") return failed(status.error());
  return pass(status ? "it had finished" : "it was cancelled");
}

}  // namespace

void check_events(Bench& bench) {
  if (bench.direct()) {
    bench.run("events", "copies",
              [] { return skipped("the host works on the home scope in place"); });
    return;
  }
  bench.run("events", "wait_and_query_twice", [&] { return wait_and_query(bench); });
  bench.run("events", "dependencies", [&] { return dependencies(bench); });
  bench.run("events", "many_in_flight", [&] { return many(bench); });
  bench.run("events", "dropped_handles", [&] { return dropped(bench); });
  bench.run("events", "cancel", [&] { return cancel(bench); });
}

}  // namespace pimjit::conformance
