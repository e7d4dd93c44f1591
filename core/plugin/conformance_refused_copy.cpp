#include <algorithm>

#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

constexpr uint64_t kPieces = 4;

// A copy that is fine until somebody changes it.
class Attempt {
 public:
  Attempt(const Bench& bench, CopyDirection direction)
      : bench_(bench), memory_(bench.alloc(kPieces * bench.piece())) {
    if (!memory_) return;
    background_ = bench.pattern("background", bench.units(), kPieces * bench.piece());
    put_ = bench.put(*memory_, background_);
    host_ = UnitBytes(bench.units() + 1, Bytes(2 * kPieces * bench.piece()));
    for (Bytes& unit : host_) pointers_.push_back(unit.data());
    pointers_.resize(bench.units());
    request.direction = direction;
    request.memory = *memory_;
    request.bytes = bench.piece();
    request.unit_count = bench.units();
    request.pointers = pointers_;
  }

  // The plugin refuses it with `code` and moves nothing.
  Verdict expect(const std::string& code) {
    if (!memory_) return failed(memory_.error());
    if (!put_) return failed(put_.error());
    const Verdict verdict = refused(bench_.device.copy(request), code);
    if (verdict.outcome != CheckOutcome::pass) return verdict;
    auto got = bench_.get(*memory_, background_[0].size(), bench_.units());
    if (!got) return failed(got.error());
    const std::string wrong = difference(*got, background_);
    return wrong.empty() ? verdict : failed(cat("refused, but afterwards ", wrong));
  }

  CopyRequest request;

 private:
  const Bench& bench_;
  Result<DeviceMemory> memory_;
  Status put_;
  UnitBytes background_, host_;
  std::vector<void*> pointers_;
};

// Both directions, each with `change` made to an otherwise good copy.
template <typename Change>
Verdict both(const Bench& bench, const std::string& code, Change change) {
  Verdict verdict;
  for (CopyDirection direction : {CopyDirection::to_device, CopyDirection::from_device}) {
    Attempt attempt(bench, direction);
    change(attempt.request);
    verdict = attempt.expect(code);
    if (verdict.outcome != CheckOutcome::pass) return verdict;
  }
  return verdict;
}

Verdict bad_size(const Bench& bench) {
  const int64_t multiple = std::min(bench.to_device()->multiple, bench.from_device()->multiple);
  if (multiple == 1) return skipped("sizes may be anything");
  return both(bench, "misaligned",
              [&](CopyRequest& r) { r.bytes += static_cast<uint64_t>(multiple) / 2; });
}

Verdict bad_offset(const Bench& bench) {
  const int64_t alignment = std::min(bench.to_device()->alignment, bench.from_device()->alignment);
  if (alignment == 1) return skipped("addresses may be anything");
  return both(bench, "misaligned",
              [&](CopyRequest& r) { r.offset += static_cast<uint64_t>(alignment) / 2; });
}

// What the host's own wrapper does not let through, said to the table directly.
Verdict raw(const Bench& bench, int32_t code, void (*change)(pj_copy&)) {
  auto memory = bench.alloc(bench.piece());
  if (!memory) return failed(memory.error());
  Bytes host(bench.piece());
  const std::vector<void*> pointers(bench.units(), host.data());
  pj_copy copy = {};
  copy.struct_size = sizeof copy;
  copy.direction = PJ_TO_DEVICE;
  copy.memory = *memory->abi();
  copy.bytes = bench.piece();
  copy.units = {sizeof(pj_units), 0, 0, bench.units()};
  copy.pointers = pointers.data();
  copy.after.struct_size = sizeof copy.after;
  change(copy);
  pj_event* event = nullptr;
  const pj_plugin_api& api = bench.plugin().table();
  pj_error* error = api.copy(bench.device.handle(), &copy, &event);
  if (error == nullptr) {
    if (event != nullptr && api.release_event != nullptr) api.release_event(event);
    return failed(cat("accepted; expected a refusal with code ", code));
  }
  const int32_t got = error->code;
  const bool text = error->message.data != nullptr && error->message.size > 0;
  if (error->release == nullptr) return failed("the error cannot be released");
  error->release(error);
  if (!text) return failed("refused without a message");
  return got == code ? pass() : failed(cat("refused with code ", got, ", expected ", code));
}

}  // namespace

void check_refused_copies(Bench& bench) {
  if (bench.direct() || bench.to_device() == nullptr || bench.from_device() == nullptr) return;
  const uint64_t bytes = kPieces * bench.piece();
  const auto check = [&](const char* name, auto body) { bench.run("refused", name, body); };
  check("size", [&] { return bad_size(bench); });
  check("offset", [&] { return bad_offset(bench); });
  check("beyond_memory",
        [&] { return both(bench, "out_of_range", [&](CopyRequest& r) { r.offset = bytes; }); });
  check("too_long", [&] {
    return both(bench, "out_of_range", [&](CopyRequest& r) { r.bytes = bytes + bench.piece(); });
  });
  check("offset_overflow", [&] {
    return both(bench, "out_of_range",
                [&](CopyRequest& r) { r.offset = UINT64_MAX - bench.piece() + 1; });
  });
  check("beyond_units",
        [&] { return both(bench, "out_of_range", [&](CopyRequest& r) { r.first_unit = 1; }); });
  check("unit_overflow", [&] {
    return both(bench, "out_of_range",
                [&](CopyRequest& r) { r.first_unit = UINT64_MAX - bench.units() + 1; });
  });
  check("direction",
        [&] { return raw(bench, PJ_INVALID_ARGUMENT, [](pj_copy& c) { c.direction = 7; }); });
  check("no_address",
        [&] { return raw(bench, PJ_INVALID_ARGUMENT, [](pj_copy& c) { c.pointers = nullptr; }); });
  check("two_sources", [&] {
    return raw(bench, PJ_INVALID_ARGUMENT, [](pj_copy& c) { c.broadcast = c.pointers[0]; });
  });
  check("broadcast_from_device", [&] {
    return raw(bench, PJ_INVALID_ARGUMENT, [](pj_copy& c) {
      c.broadcast = c.pointers[0];
      c.pointers = nullptr;
      c.direction = PJ_FROM_DEVICE;
    });
  });
}

}  // namespace pimjit::conformance
