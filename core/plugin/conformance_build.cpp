#include <algorithm>
#include <cstring>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/plugin/conformance_kernels.h"
#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

using KernelBytes = std::vector<uint8_t>;

std::optional<KernelBytes> good_kernel(const Bench& bench) {
  for (const auto& [dtype, operations] : bench.target().numerics) {
    const auto maker = KernelMaker::create(bench.target(), dtype);
    if (!maker) continue;
    auto bytes =
        serialize(maker->copy_through(), static_cast<int>(bench.plugin().kernel_version()));
    if (bytes) return *bytes;
  }
  return std::nullopt;
}

Result<Image> build(const Bench& bench, const KernelBytes& bytes) {
  return bench.plugin().build_kernel(std::as_bytes(std::span(bytes)));
}

// Makes changed bytes whole again: the last 8 are FNV-1a, 64 bits, of all before (docs/ir.md,
// "Layout").
void repair_hash(KernelBytes& bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i + 8 < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  for (size_t i = 0; i < 8; ++i)
    bytes[bytes.size() - 8 + i] = static_cast<uint8_t>(hash >> (8 * i));
}

Verdict accepted(const Bench& bench, const KernelBytes& bytes) {
  for (int i = 0; i < 2; ++i) {
    auto image = build(bench, bytes);
    if (!image) return failed(image.error());
    if (!image->accepted())
      return failed(cat(image->reasons[0].code, ": ", image->reasons[0].message));
  }
  return pass();
}

Verdict check_and_estimate(const Bench& bench, const KernelBytes& bytes) {
  const auto kernel = std::as_bytes(std::span(bytes));
  const pj_plugin_api& api = bench.plugin().table();
  if (api.check == nullptr && api.estimate == nullptr) return skipped("the plugin has neither");
  if (api.check != nullptr) {
    auto reasons = bench.plugin().check(kernel);
    if (!reasons) return failed(reasons.error());
    if (!reasons->empty())
      return failed(cat("check: ", (*reasons)[0].code, ": ", (*reasons)[0].message));
  }
  if (api.estimate != nullptr) {
    auto figures = bench.plugin().estimate(kernel);
    if (!figures) return failed(figures.error());
  }
  return pass();
}

Verdict truncated(const Bench& bench, const KernelBytes& bytes) {
  for (size_t size :
       {size_t{0}, size_t{1}, size_t{4}, size_t{11}, bytes.size() / 2, bytes.size() - 1}) {
    const KernelBytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const Verdict verdict = refused(build(bench, part), "bad_kernel");
    if (verdict.outcome != CheckOutcome::pass)
      return failed(cat("the first ", size, " bytes: ", verdict.text));
  }
  return pass();
}

Verdict damaged(const Bench& bench, const KernelBytes& bytes) {
  for (size_t at = 0; at < bytes.size(); at += std::max<size_t>(1, bytes.size() / 64)) {
    KernelBytes changed = bytes;
    changed[at] ^= 0x10;
    const Verdict verdict = refused(build(bench, changed), "bad_kernel");
    if (verdict.outcome != CheckOutcome::pass)
      return failed(cat("byte ", at, " changed: ", verdict.text));
  }
  return pass();
}

Verdict too_new(const Bench& bench, const KernelBytes& bytes) {
  KernelBytes changed = bytes;
  const uint32_t version = bench.plugin().kernel_version() + 1;
  changed[4] = static_cast<uint8_t>(version);
  changed[5] = static_cast<uint8_t>(version >> 8);
  repair_hash(changed);
  return refused(build(bench, changed), "bad_kernel");
}

// Bytes with a right hash and anything inside: any answer will do, as long as there is one.
Verdict arbitrary(const Bench& bench, const KernelBytes& bytes) {
  constexpr int kTries = 300;
  RandomStream random(1, "arbitrary kernels");
  int built = 0;
  for (int i = 0; i < kTries; ++i) {
    KernelBytes changed = bytes;
    for (int64_t k = random.between(1, 3); k > 0; --k) {
      const int64_t last = static_cast<int64_t>(bytes.size()) - 9;
      changed[static_cast<size_t>(random.between(12, last))] = static_cast<uint8_t>(random.next());
    }
    repair_hash(changed);
    auto image = build(bench, changed);
    if (image) {
      built += image->accepted() ? 1 : 0;
    } else if (image.error().code != "bad_kernel") {
      return failed(cat("refused with ", image.error().code, " (", image.error().what,
                        "), expected bad_kernel"));
    }
  }
  return pass(cat(built, " of ", kTries, " were built"));
}

}  // namespace

void check_building(Bench& bench) {
  const auto bytes = good_kernel(bench);
  if (!bytes) {
    bench.run("build", "all",
              [] { return skipped("no scope that kernels can compute in has room"); });
    return;
  }
  bench.run("build", "accepted", [&] { return accepted(bench, *bytes); });
  bench.run("build", "check_and_estimate", [&] { return check_and_estimate(bench, *bytes); });
  bench.run("build", "truncated", [&] { return truncated(bench, *bytes); });
  bench.run("build", "damaged", [&] { return damaged(bench, *bytes); });
  bench.run("build", "too_new", [&] { return too_new(bench, *bytes); });
  bench.run("build", "arbitrary", [&] { return arbitrary(bench, *bytes); });
}

}  // namespace pimjit::conformance
