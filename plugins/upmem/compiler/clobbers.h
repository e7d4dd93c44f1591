#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_CLOBBERS_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_CLOBBERS_H_

#include <cstdint>
#include <vector>

#include "pimjit/plugins/upmem/compiler/allocate.h"
#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// Arithmetic routines work in fixed registers (Workspace). Masks have one bit per register.

// What a routine overwrites besides its result, inlined or called. Source: arithmetic/costs.h.
std::uint32_t overwritten_by(Routine routine);
// The whole workspace and its link where the code has routines, else nothing.
std::uint32_t registers_of_routines(const Code& code);
// Sets Interval::forbidden: what the routines inside an interval overwrite; of their operands and
// results the whole workspace.
void forbid_overwritten(const Code& code, std::vector<Interval>& intervals);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_CLOBBERS_H_
