#include "pimjit/core/plugin/conformance_bench.h"

#include <algorithm>
#include <cstring>

#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

constexpr uint64_t kSeed = 1;

uint64_t unsigned_of(int64_t n) {
  return static_cast<uint64_t>(std::max<int64_t>(n, 1));
}

}  // namespace

Verdict failed(const Error& error) {
  return failed(cat(error.code, ": ", error.what));
}

Verdict refused(const Status& answer, const std::string& code) {
  if (answer) return failed(cat("accepted; expected a refusal with ", code));
  const Error& error = answer.error();
  if (error.code != code)
    return failed(cat("refused with ", error.code, " (", error.what, "), expected ", code));
  if (error.what.rfind("the plugin failed without a message", 0) == 0)
    return failed("refused without a message");
  return pass(error.what);
}

Bench::Bench(const Plugin& plugin, const TargetDesc& target, ConformanceReport& report)
    : plugin_(plugin), target_(target), report_(report), home_(target.home_scope()) {
  const Scope& scope = target.scopes[static_cast<size_t>(home_)];
  units_ = static_cast<uint64_t>(target.instances(scope.level));
  piece_ = std::max({unsigned_of(scope.granule), unsigned_of(scope.alignment), uint64_t{8}});
  for (const Link& link : target.links) {
    if (link.from != home_ && link.to != home_) continue;
    piece_ = std::max({piece_, unsigned_of(link.multiple), unsigned_of(link.alignment)});
    if (link.from == kHost) to_device_ = &link;
    if (link.to == kHost) from_device_ = &link;
  }
}

bool Bench::direct() const {
  return target_.scopes[static_cast<size_t>(home_)].host == HostAccess::direct;
}

void Bench::run(const char* group, const std::string& name, const std::function<Verdict()>& check) {
  Verdict verdict = check();
  report_.checks.push_back({group, name, verdict.outcome, std::move(verdict.text)});
}

UnitBytes Bench::pattern(const char* name, uint64_t units, uint64_t bytes) const {
  RandomStream random(kSeed, name);
  UnitBytes data(units, Bytes(bytes));
  for (Bytes& unit : data) {
    for (std::byte& byte : unit) byte = static_cast<std::byte>(random.next());
  }
  return data;
}

Result<DeviceMemory> Bench::alloc(uint64_t bytes) const {
  return device.alloc(home_, bytes, piece_);
}

Result<Event> Bench::move(CopyDirection direction, const DeviceMemory& memory,
                          std::vector<void*> pointers, uint64_t bytes, uint64_t offset,
                          uint64_t first) const {
  CopyRequest request;
  request.direction = direction;
  request.memory = memory;
  request.offset = offset;
  request.bytes = bytes;
  request.first_unit = first;
  request.unit_count = pointers.size();
  request.pointers = pointers;
  auto event = device.copy(request);
  if (!event) return event;
  if (auto status = event->wait(); !status) return fail(status.error());
  return event;
}

Status Bench::put(const DeviceMemory& memory, const UnitBytes& data, uint64_t offset,
                  uint64_t first) const {
  if (data.empty()) return {};
  if (direct() && memory.host_address() != nullptr) {
    std::memcpy(static_cast<char*>(memory.host_address()) + offset, data[0].data(), data[0].size());
    return {};
  }
  std::vector<void*> pointers;
  for (const Bytes& unit : data) pointers.push_back(const_cast<std::byte*>(unit.data()));
  auto event =
      move(CopyDirection::to_device, memory, std::move(pointers), data[0].size(), offset, first);
  return event ? Status{} : fail(event.error());
}

Result<UnitBytes> Bench::get(const DeviceMemory& memory, uint64_t bytes, uint64_t count,
                             uint64_t offset, uint64_t first) const {
  UnitBytes data(count, Bytes(bytes));
  if (direct() && memory.host_address() != nullptr) {
    std::memcpy(data[0].data(), static_cast<char*>(memory.host_address()) + offset, bytes);
    return data;
  }
  std::vector<void*> pointers;
  for (Bytes& unit : data) pointers.push_back(unit.data());
  auto event = move(CopyDirection::from_device, memory, std::move(pointers), bytes, offset, first);
  if (!event) return fail(event.error());
  return data;
}

std::string difference(const UnitBytes& got, const UnitBytes& want, uint64_t first_unit) {
  for (size_t u = 0; u < want.size(); ++u) {
    const auto [a, b] = std::mismatch(got[u].begin(), got[u].end(), want[u].begin(), want[u].end());
    if (a == got[u].end() && b == want[u].end()) continue;
    const int have = a == got[u].end() ? -1 : std::to_integer<int>(*a);
    const int need = b == want[u].end() ? -1 : std::to_integer<int>(*b);
    return cat("unit ", first_unit + u, ", byte ", a - got[u].begin(), " is ", have, " instead of ",
               need);
  }
  return {};
}

}  // namespace pimjit::conformance
