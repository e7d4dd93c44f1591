#include <algorithm>

#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

uint64_t usable(const Bench& bench) {
  const Scope& scope = bench.target().scopes[static_cast<size_t>(bench.home())];
  return static_cast<uint64_t>(scope.capacity - scope.reserved);
}

Verdict distinct(const Bench& bench) {
  std::vector<DeviceMemory> memories;
  for (int i = 0; i < 4; ++i) {
    auto memory = bench.alloc(bench.piece() * static_cast<uint64_t>(i + 1));
    if (!memory) return failed(memory.error());
    for (const DeviceMemory& other : memories) {
      if (memory->base() < other.base() + other.bytes() &&
          other.base() < memory->base() + memory->bytes()) {
        return failed(cat("memories at ", memory->base(), " and ", other.base(), " overlap"));
      }
    }
    memories.push_back(*memory);
  }
  return pass();
}

Verdict keeps_apart(const Bench& bench) {
  const uint64_t bytes = 4 * bench.piece();
  auto a = bench.alloc(bytes);
  auto b = bench.alloc(bytes);
  if (!a || !b) return failed(a ? b.error() : a.error());
  const UnitBytes of_a = bench.pattern("a", bench.units(), bytes);
  const UnitBytes of_b = bench.pattern("b", bench.units(), bytes);
  for (const auto& [memory, data] : {std::pair{&*a, &of_a}, std::pair{&*b, &of_b}}) {
    if (auto status = bench.put(*memory, *data); !status) return failed(status.error());
  }
  auto got = bench.get(*a, bytes, bench.units());
  if (!got) return failed(got.error());
  const std::string wrong = difference(*got, of_a);
  return wrong.empty() ? pass() : failed(cat("after writing another memory, ", wrong));
}

Verdict alignments(const Bench& bench) {
  const uint64_t largest = std::min<uint64_t>(4096, usable(bench) / 4);
  for (uint64_t alignment = 1; alignment <= largest; alignment *= 2) {
    auto memory =
        bench.device.alloc(bench.home(), bench.piece(), alignment);  // which checks the base
    if (!memory) return failed(memory.error());
  }
  return pass();
}

Verdict exhaustion(const Bench& bench) {
  if (bench.direct()) return skipped("the scope is host memory");
  Verdict verdict = refused(bench.alloc(2 * usable(bench)), "out_of_memory");
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  verdict = refused(bench.alloc(UINT64_MAX - bench.piece() + 1), "out_of_memory");
  if (verdict.outcome != CheckOutcome::pass) return verdict;
  auto after = bench.alloc(bench.piece());
  return after ? pass() : failed(cat("after a refusal, ", after.error().what));
}

// Half of the scope, three times: what is freed can be had again.
Verdict reuse(const Bench& bench) {
  const uint64_t half = usable(bench) / 2 / bench.piece() * bench.piece();
  for (int i = 0; i < 3; ++i) {
    auto memory = bench.alloc(std::min<uint64_t>(half, uint64_t{1} << 30));
    if (!memory) return failed(memory.error());
    if (auto status = memory->release(); !status) return failed(status.error());
  }
  return pass();
}

Verdict double_free(const Bench& bench) {
  auto memory = bench.alloc(bench.piece());
  if (!memory) return failed(memory.error());
  const pj_memory abi = *memory->abi();
  if (auto status = memory->release(); !status) return failed(status.error());
  pj_error* error = bench.plugin().table().free_memory(bench.device.handle(), &abi);
  if (error == nullptr) return failed("accepted; expected a refusal with invalid_argument");
  const int32_t code = error->code;
  if (error->release == nullptr) return failed("the error cannot be released");
  error->release(error);
  return code == PJ_INVALID_ARGUMENT ? pass()
                                     : failed(cat("refused with code ", code, ", expected ", 1));
}

Verdict unreachable(const Bench& bench) {
  for (size_t s = 0; s < bench.target().scopes.size(); ++s) {
    if (bench.target().scopes[s].host != HostAccess::none) continue;
    return refused(bench.device.alloc(static_cast<int>(s), bench.piece(), 1), "unsupported");
  }
  return skipped("the host reaches every scope");
}

}  // namespace

void check_memory(Bench& bench) {
  bench.run("memory", "distinct", [&] { return distinct(bench); });
  bench.run("memory", "keeps_apart", [&] { return keeps_apart(bench); });
  bench.run("memory", "alignment", [&] { return alignments(bench); });
  bench.run("memory", "zero_bytes", [&] {
    auto memory = bench.alloc(0);
    return memory ? pass() : failed(memory.error());
  });
  bench.run("memory", "bad_alignment", [&] {
    return refused(bench.device.alloc(bench.home(), bench.piece(), 3), "invalid_argument");
  });
  bench.run("memory", "no_such_scope", [&] {
    const int scopes = static_cast<int>(bench.target().scopes.size());
    return refused(bench.device.alloc(scopes + 7, bench.piece(), 1), "out_of_range");
  });
  bench.run("memory", "unreachable_scope", [&] { return unreachable(bench); });
  bench.run("memory", "exhaustion", [&] { return exhaustion(bench); });
  bench.run("memory", "reuse", [&] { return reuse(bench); });
  bench.run("memory", "double_free", [&] { return double_free(bench); });
}

}  // namespace pimjit::conformance
