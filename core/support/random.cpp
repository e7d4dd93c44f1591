#include "pimjit/core/support/random.h"

#include "pimjit/core/support/hash.h"

namespace pimjit {

RandomStream::RandomStream(uint64_t seed, std::string_view name)
    : state_(hash_bytes(name.data(), name.size(), seed)) {}

uint64_t RandomStream::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

int64_t RandomStream::between(int64_t low, int64_t high) {
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  if (span == 0) return static_cast<int64_t>(next());
  // Rejection keeps the draw uniform for spans that do not divide 2^64.
  const uint64_t limit = UINT64_MAX - (UINT64_MAX % span + 1) % span;
  uint64_t draw = next();
  while (draw > limit) draw = next();
  return static_cast<int64_t>(static_cast<uint64_t>(low) + draw % span);
}

double RandomStream::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

}  // namespace pimjit
