#include <cstring>
#include <utility>

#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

constexpr uint64_t kPieces = 16;  // of the memory that the checks use, in every unit

// A memory full of known bytes in every unit.
struct Filled {
  DeviceMemory memory;
  UnitBytes want;
};

Result<Filled> fill(const Bench& bench) {
  const uint64_t bytes = kPieces * bench.piece();
  auto memory = bench.alloc(bytes);
  if (!memory) return fail(memory.error());
  Filled filled{*memory, bench.pattern("background", bench.units(), bytes)};
  if (auto status = bench.put(filled.memory, filled.want); !status) return fail(status.error());
  return filled;
}

Verdict compare(const Bench& bench, const Filled& filled) {
  auto got = bench.get(filled.memory, filled.want[0].size(), bench.units());
  if (!got) return failed(got.error());
  const std::string wrong = difference(*got, filled.want);
  return wrong.empty() ? pass() : failed(wrong);
}

void overlay(UnitBytes& want, const UnitBytes& data, uint64_t offset, uint64_t first) {
  for (size_t i = 0; i < data.size(); ++i) {
    std::memcpy(want[first + i].data() + offset, data[i].data(), data[i].size());
  }
}

Verdict round_trip(const Bench& bench) {
  auto filled = fill(bench);
  return filled ? compare(bench, *filled) : failed(filled.error());
}

// Writes `pieces` pieces at an offset into some units, and expects everything else as it was.
Verdict partial(const Bench& bench, uint64_t at, uint64_t pieces, uint64_t first, uint64_t count) {
  auto filled = fill(bench);
  if (!filled) return failed(filled.error());
  const UnitBytes data = bench.pattern("partial", count, pieces * bench.piece());
  if (auto status = bench.put(filled->memory, data, at * bench.piece(), first); !status)
    return failed(status.error());
  overlay(filled->want, data, at * bench.piece(), first);
  const Verdict verdict = compare(bench, *filled);
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  auto got = bench.get(filled->memory, data[0].size(), count, at * bench.piece(), first);
  if (!got) return failed(got.error());
  const std::string wrong = difference(*got, data, first);
  return wrong.empty() ? pass() : failed(cat("read back in part: ", wrong));
}

Verdict ragged(const Bench& bench) {
  for (uint64_t pieces : {1, 3, 7, 15}) {
    const Verdict verdict = partial(bench, 1, pieces, 0, bench.units());
    if (verdict.outcome != CheckOutcome::pass) return verdict;
  }
  return pass();
}

Verdict sub_range(const Bench& bench) {
  if (bench.units() < 3) return skipped("the machine has fewer than three units");
  const uint64_t middle = bench.units() / 3;
  for (const auto& [first, count] : {std::pair<uint64_t, uint64_t>{0, 1},
                                     {middle, bench.units() - 2 * middle},
                                     {bench.units() - 1, 1}}) {
    const Verdict verdict = partial(bench, 0, kPieces, first, count);
    if (verdict.outcome != CheckOutcome::pass) return verdict;
  }
  return pass();
}

CopyRequest request_of(const Filled& filled, CopyDirection direction, uint64_t bytes,
                       const std::vector<void*>& pointers) {
  CopyRequest request;
  request.direction = direction;
  request.memory = filled.memory;
  request.bytes = bytes;
  request.unit_count = pointers.size();
  request.pointers = pointers;
  return request;
}

Verdict finish(const Result<Event>& event) {
  if (!event) return failed(event.error());
  auto status = event->wait();
  return status ? pass() : failed(status.error());
}

// Null entries skip their units, to the device and from it.
Verdict null_entries(const Bench& bench) {
  auto filled = fill(bench);
  if (!filled) return failed(filled.error());
  const uint64_t bytes = kPieces * bench.piece();
  UnitBytes data = bench.pattern("null entries", bench.units(), bytes);
  std::vector<void*> pointers(bench.units(), nullptr);
  for (uint64_t u = 0; u < bench.units(); u += 2) {
    pointers[u] = data[u].data();
    filled->want[u] = data[u];
  }
  Verdict verdict =
      finish(bench.device.copy(request_of(*filled, CopyDirection::to_device, bytes, pointers)));
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  verdict = compare(bench, *filled);
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  UnitBytes got = bench.pattern("untouched", bench.units(), bytes);
  UnitBytes want = got;
  for (uint64_t u = 0; u < bench.units(); ++u) {
    pointers[u] = u % 2 == 1 ? got[u].data() : nullptr;
    if (u % 2 == 1) want[u] = filled->want[u];
  }
  verdict =
      finish(bench.device.copy(request_of(*filled, CopyDirection::from_device, bytes, pointers)));
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  const std::string wrong = difference(got, want);
  return wrong.empty() ? pass() : failed(cat("from the device, ", wrong));
}

Verdict equal_entries(const Bench& bench) {
  auto filled = fill(bench);
  if (!filled) return failed(filled.error());
  UnitBytes source = bench.pattern("equal entries", 1, kPieces * bench.piece());
  filled->want.assign(bench.units(), source[0]);
  const std::vector<void*> pointers(bench.units(), source[0].data());
  const Verdict verdict = finish(
      bench.device.copy(request_of(*filled, CopyDirection::to_device, source[0].size(), pointers)));
  return verdict.outcome == CheckOutcome::pass ? compare(bench, *filled) : verdict;
}

Verdict broadcast(const Bench& bench) {
  if (bench.to_device() == nullptr || !bench.to_device()->broadcast)
    return skipped("its link has no broadcast");
  auto filled = fill(bench);
  if (!filled) return failed(filled.error());
  const UnitBytes source = bench.pattern("broadcast", 1, 2 * bench.piece());
  CopyRequest request = request_of(*filled, CopyDirection::to_device, source[0].size(), {});
  request.offset = bench.piece();
  request.unit_count = bench.units();
  request.broadcast = source[0].data();
  const Verdict verdict = finish(bench.device.copy(request));
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  overlay(filled->want, UnitBytes(bench.units(), source[0]), bench.piece(), 0);
  return compare(bench, *filled);
}

// Zero bytes, or zero units, change nothing and finish.
Verdict nothing(const Bench& bench, bool no_units) {
  auto filled = fill(bench);
  if (!filled) return failed(filled.error());
  UnitBytes data = bench.pattern("nothing", bench.units(), bench.piece());
  std::vector<void*> pointers;
  for (Bytes& unit : data) pointers.push_back(unit.data());
  if (no_units) pointers.clear();
  for (CopyDirection direction : {CopyDirection::to_device, CopyDirection::from_device}) {
    const Verdict verdict = finish(
        bench.device.copy(request_of(*filled, direction, no_units ? bench.piece() : 0, pointers)));
    if (verdict.outcome != CheckOutcome::pass) return verdict;
  }
  return compare(bench, *filled);
}

// Scopes that the host can only write, all instances at once.
Verdict broadcast_scopes(const Bench& bench) {
  bool any = false;
  for (size_t s = 0; s < bench.target().scopes.size(); ++s) {
    const Scope& scope = bench.target().scopes[s];
    if (scope.host != HostAccess::broadcast) continue;
    any = true;
    const auto step = static_cast<uint64_t>(std::max(scope.granule, scope.alignment));
    auto memory = bench.device.alloc(static_cast<int>(s), 2 * step, step);
    if (!memory) return failed(memory.error());
    UnitBytes data = bench.pattern("broadcast scope", 1, 2 * step);
    CopyRequest request = request_of({*memory, {}}, CopyDirection::to_device, 2 * step, {});
    request.unit_count = static_cast<uint64_t>(bench.target().instances(scope.level));
    request.broadcast = data[0].data();
    Verdict verdict = finish(bench.device.copy(request));
    if (verdict.outcome != CheckOutcome::pass) return verdict;
    std::vector<void*> pointers(request.unit_count, data[0].data());
    request = request_of({*memory, {}}, CopyDirection::from_device, 2 * step, pointers);
    verdict = refused(bench.device.copy(request), "unsupported");
    if (verdict.outcome != CheckOutcome::pass) return verdict;
  }
  return any ? pass() : skipped("there is no such scope");
}

}  // namespace

void check_copies(Bench& bench) {
  bench.run("copy", "round_trip", [&] { return round_trip(bench); });
  bench.run("copy", "ragged_sizes", [&] { return ragged(bench); });
  if (bench.direct()) {
    bench.run("copy", "others",
              [] { return skipped("the host works on the home scope in place"); });
    return;
  }
  bench.run("copy", "offset", [&] { return partial(bench, kPieces - 3, 3, 0, bench.units()); });
  bench.run("copy", "unit_sub_range", [&] { return sub_range(bench); });
  bench.run("copy", "null_entries", [&] { return null_entries(bench); });
  bench.run("copy", "equal_entries", [&] { return equal_entries(bench); });
  bench.run("copy", "broadcast", [&] { return broadcast(bench); });
  bench.run("copy", "broadcast_scope", [&] { return broadcast_scopes(bench); });
  bench.run("copy", "zero_bytes", [&] { return nothing(bench, false); });
  bench.run("copy", "zero_units", [&] { return nothing(bench, true); });
}

}  // namespace pimjit::conformance
