#ifndef PIMJIT_JIT_KERNEL_CODE_KERNEL_CODE_H_
#define PIMJIT_JIT_KERNEL_CODE_KERNEL_CODE_H_

#include <cstdint>
#include <span>
#include <string>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/core/support/error.h"
#include "pimjit/jit/llvm/ir_module.h"

namespace pimjit {

// One innermost instance of a kernel as machine code of the host. `scopes[s]` is byte 0 of the
// instance of scope s that it sees (not looked at where no device buffer lies in s), `arguments`
// are the launch arguments, `position[l]` is its index at level l.
using KernelEntry = void(unsigned char* const* scopes, const int64_t* arguments,
                         const int64_t* position);

// Local buffers lie on the stack of the instance; together they may take this many bytes.
inline constexpr int64_t kMaxLocalBytes = 256 * 1024;

struct KernelCodeOptions {
  // A product of f32 and the sum or difference it goes into may round once (docs/targets.md).
  bool fused = false;
};

// The kernel (docs/ir.md) as LLVM IR with the one function `entry`, a KernelEntry. Nothing is
// checked when it runs. `kernel` comes from kit::read_kernel. Errors, target: unsupported_kernel
// (barriers and combines, local buffers beyond kMaxLocalBytes). Any thread.
Result<IrModule> emit_kernel(const kit::Kernel& kernel, const std::string& entry,
                             const KernelCodeOptions& options = {});

// The same of serialised bytes. Error, internal: kernel_malformed.
Result<IrModule> emit_kernel(std::span<const uint8_t> bytes, const std::string& entry);

}  // namespace pimjit

#endif  // PIMJIT_JIT_KERNEL_CODE_KERNEL_CODE_H_
