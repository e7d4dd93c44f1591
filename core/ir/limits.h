#ifndef PIMJIT_CORE_IR_LIMITS_H_
#define PIMJIT_CORE_IR_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace pimjit {

// Limits of kernels in text and bytes (docs/ir.md, "Limits"). They bound what a reader allocates
// and how deep anything that walks a tree recurses.
inline constexpr size_t kMaxKernelBytes = size_t{64} << 20;
inline constexpr size_t kMaxStrings = 65536;
inline constexpr size_t kMaxStringBytes = 4096;
inline constexpr size_t kMaxLevels = 64;
inline constexpr size_t kMaxScopes = 256;
inline constexpr size_t kMaxLinks = 4096;
inline constexpr size_t kMaxParams = 4096;
inline constexpr size_t kMaxBuffers = 65536;
inline constexpr size_t kMaxVars = size_t{1} << 20;
inline constexpr size_t kMaxNodes = size_t{1} << 22;
inline constexpr int kMaxTreeDepth = 512;  // of expressions, and of statements
inline constexpr int64_t kMaxBufferBytes = int64_t{1} << 60;
inline constexpr int64_t kMaxAlignment = int64_t{1} << 30;
inline constexpr int kMaxUnroll = 1 << 20;

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_LIMITS_H_
