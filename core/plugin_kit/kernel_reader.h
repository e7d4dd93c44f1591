#ifndef PIMJIT_CORE_PLUGIN_KIT_KERNEL_READER_H_
#define PIMJIT_CORE_PLUGIN_KIT_KERNEL_READER_H_

#include <cstddef>
#include <string>

#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit::kit {

// The highest version of serialised kernels that read_kernel() understands: for
// pj_plugin_api::kernel_version.
inline constexpr unsigned kKernelVersion = 1;

// Reads a serialised kernel (docs/ir.md, "Serialised kernels") and checks everything that section
// asks a reader to check. Returns "" and fills `kernel`, or says what is wrong and at which byte;
// `kernel` is then unspecified. A kernel that was read has valid indices, codes and types
// everywhere. No exception but std::bad_alloc.
std::string read_kernel(const void* bytes, size_t size, Kernel& kernel);

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_KERNEL_READER_H_
