#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_COMPILER_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_COMPILER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// A kernel as a DPU executable. The host writes two symbols before a launch: `unit`, the index of
// the DPU at the kernel's outermost level (4 bytes), and `args`, the launch arguments in order, 8
// bytes each, sign-extended.
struct CompiledKernel {
  std::vector<std::uint8_t> elf;
  int tasklets = 1;
  std::uint32_t instructions = 0;
  std::uint32_t wram_bytes = 0;
  int spills = 0;  // virtual registers that live in WRAM
};

// Thread-safe: no state. Errors: user/bad_kernel for bytes that are no kernel; user/kernel_refused
// for what this compiler or the machine does not do, with names and numbers;
// target/program_too_long beyond 4096 instructions.
Expected<CompiledKernel> compile_kernel(std::span<const std::uint8_t> serialised);
Expected<CompiledKernel> compile_kernel(const kit::Kernel& kernel);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_COMPILER_H_
