#ifndef PIMJIT_PLUGINS_UPMEM_TARGET_KERNEL_COST_H_
#define PIMJIT_PLUGINS_UPMEM_TARGET_KERNEL_COST_H_

#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/core/plugin_kit/plugin_helpers.h"

namespace pimjit::upmem {

// What a kernel costs, read off its statements without compiling it: every loop runs as often as it
// can, of two branches the dearer one is taken, every operation takes the issue slots that the
// compiler's code takes for it on typical data. Names: build_group.h.
std::vector<kit::Figure> cost_features(const kit::Kernel& kernel);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_TARGET_KERNEL_COST_H_
