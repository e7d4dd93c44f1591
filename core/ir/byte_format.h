#ifndef PIMJIT_CORE_IR_BYTE_FORMAT_H_
#define PIMJIT_CORE_IR_BYTE_FORMAT_H_

#include <cstddef>
#include <cstdint>

namespace pimjit {

// Constants shared by the writer and the reader of serialised kernels; docs/ir.md, "Layout".
inline constexpr uint32_t kKernelMagic = 0x4e4b4a50;  // "PJKN"
inline constexpr size_t kSizeOffset = 8;              // of the field `size`
inline constexpr uint8_t kStmtTag = 64;               // added to the codes of statements
inline constexpr uint8_t kFlagWritten = 1, kFlagRange = 2;

// FNV-1a, 64 bits (Fowler, Noll, Vo; constants of the FNV specification).
inline uint64_t fnv1a(const uint8_t* bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_BYTE_FORMAT_H_
