#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_PAIRS_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_PAIRS_H_

#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// Turns two loads or stores of neighbouring words, the first at a multiple of 8, into one of 64
// bits. Their registers become the words of a pair.
void join_accesses(Code& code);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_PAIRS_H_
