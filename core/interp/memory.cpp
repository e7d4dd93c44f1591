#include "pimjit/core/interp/memory.h"

#include <cstring>

namespace pimjit {
namespace {

// What uninitialised bytes hold, so that a value computed from them looks wrong to people too.
constexpr auto kGarbage = static_cast<std::byte>(0xA5);
constexpr auto kUninitialised = static_cast<uint8_t>(Poison::uninitialised);

}  // namespace

const char* to_string(Poison poison) {
  switch (poison) {
    case Poison::none:
      return "defined";
    case Poison::uninitialised:
      return "uninitialised";
    case Poison::padding:
      return "padding";
    case Poison::derived:
      return "computed from undefined values";
  }
  return "?";
}

ShadowMemory::ShadowMemory(int64_t instances, int64_t bytes)
    : instances_(instances),
      bytes_(bytes),
      data_(static_cast<size_t>(instances * bytes), kGarbage),
      shadow_(static_cast<size_t>(instances * bytes), kUninitialised) {}

void ShadowMemory::grow(int64_t instances) {
  if (instances <= instances_) return;
  instances_ = instances;
  data_.resize(static_cast<size_t>(instances * bytes_), kGarbage);
  shadow_.resize(static_cast<size_t>(instances * bytes_), kUninitialised);
}

void copy_shadowed(std::byte* to, uint8_t* to_shadow, const std::byte* from,
                   const uint8_t* from_shadow, int64_t bytes) {
  if (bytes <= 0) return;
  std::memmove(to, from, static_cast<size_t>(bytes));
  std::memmove(to_shadow, from_shadow, static_cast<size_t>(bytes));
}

Poison poison_of(const uint8_t* shadow, int bytes) {
  for (int b = 0; b < bytes; ++b) {
    if (shadow[b] != 0) return static_cast<Poison>(shadow[b]);
  }
  return Poison::none;
}

MemoryDifference first_difference(const ShadowMemory& a, const ShadowMemory& b) {
  const int64_t n = a.instances() * a.bytes();
  if (n == 0) return {};
  const auto at = [&](int64_t i) { return MemoryDifference{true, i / a.bytes(), i % a.bytes()}; };
  const std::byte *x = a.data(0), *y = b.data(0);
  const uint8_t *p = a.shadow(0), *q = b.shadow(0);
  for (int64_t i = 0; i < n; ++i) {
    const bool defined = p[i] == 0;
    if (defined != (q[i] == 0) || (defined && x[i] != y[i])) return at(i);
  }
  return {};
}

}  // namespace pimjit
