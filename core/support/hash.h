#ifndef PIMJIT_CORE_SUPPORT_HASH_H_
#define PIMJIT_CORE_SUPPORT_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pimjit {

// Version of every hash that is written to disk; part of each printed key. Raise it when the
// algorithm or the bytes fed to it change.
inline constexpr int kHashVersion = 1;

// XXH3 64 bits (xxHash specification 0.2) of `size` bytes.
uint64_t hash_bytes(const void* data, size_t size, uint64_t seed = 0);
inline uint64_t hash_text(std::string_view text, uint64_t seed = 0) {
  return hash_bytes(text.data(), text.size(), seed);
}

// 16 lower-case hexadecimal digits.
std::string hex64(uint64_t value);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_HASH_H_
