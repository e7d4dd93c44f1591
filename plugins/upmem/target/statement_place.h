#ifndef PIMJIT_PLUGINS_UPMEM_TARGET_STATEMENT_PLACE_H_
#define PIMJIT_PLUGINS_UPMEM_TARGET_STATEMENT_PLACE_H_

#include <string>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit::upmem {

// Per statement of the kernel, by index, what it is and which loops it stands in, outer to inner:
// "`copy load A.wram <- A` in loops l5, l6". For messages; only names, no expressions.
std::vector<std::string> statement_places(const kit::Kernel& kernel);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_TARGET_STATEMENT_PLACE_H_
