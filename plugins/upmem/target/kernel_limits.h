#ifndef PIMJIT_PLUGINS_UPMEM_TARGET_KERNEL_LIMITS_H_
#define PIMJIT_PLUGINS_UPMEM_TARGET_KERNEL_LIMITS_H_

#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/core/plugin_kit/plugin_helpers.h"

namespace pimjit::upmem {

// Why a kernel cannot run on any machine of DPUs, without compiling it: `wrong_machine`,
// `too_many_dpus`, `too_many_tasklets`, `wram_exceeded`, `mram_exceeded`. Empty: nothing found.
std::vector<kit::Reason> reasons_against(const kit::Kernel& kernel);

inline constexpr std::int64_t kMaxDpus = 2560;

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_TARGET_KERNEL_LIMITS_H_
