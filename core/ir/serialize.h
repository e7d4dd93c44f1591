#ifndef PIMJIT_CORE_IR_SERIALIZE_H_
#define PIMJIT_CORE_IR_SERIALIZE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// The form in which kernels cross to plugins and are kept (docs/ir.md, "Serialised kernels").
inline constexpr int kKernelFormatVersion = 1;

// The bytes of a kernel, readable by every reader of version `reader_version` or higher.
// Errors: target, kernel_version: the kernel needs a higher version than that; internal,
// kernel_malformed: a missing node, an index that refers to nothing, or a limit exceeded.
Result<std::vector<uint8_t>> serialize(const Kernel& kernel,
                                       int reader_version = kKernelFormatVersion);

// Reads bytes of any origin. Everything that the format page promises is checked before a kernel
// comes out; memory use is bounded by a constant times the number of bytes. Errors (target):
// kernel_bytes, with byte offset and field in `where`; kernel_version when the bytes are of a
// version that is not known here.
Result<Kernel> deserialize(std::span<const uint8_t> bytes);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_SERIALIZE_H_
