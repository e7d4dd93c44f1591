#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_PLACING_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_PLACING_H_

#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// Computes arguments of called routines where the routines take them, and uses results where they
// leave them, so that calls need no moves: for values that are used once, nearby.
void place_arguments(Code& code);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_PLACING_H_
