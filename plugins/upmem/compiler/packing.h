#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_PACKING_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_PACKING_H_

#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// Turns four accumulated products of neighbouring bytes, each loaded by itself, into two loads of
// words and one dot product of their bytes.
void pack_bytes(Code& code);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_PACKING_H_
