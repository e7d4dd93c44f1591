#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_EMIT_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_EMIT_H_

#include <vector>

#include "pimjit/plugins/upmem/assembler/builder.h"
#include "pimjit/plugins/upmem/compiler/code.h"
#include "pimjit/plugins/upmem/compiler/line_map.h"

namespace pimjit::upmem {

// Emits code whose virtual registers have registers (see Allocation), groups expanded. Mistakes
// show up in builder.finish(). Returns what the instructions were compiled from.
LineMap emit_code(Builder& builder, const Code& code, const std::vector<int>& registers);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_EMIT_H_
