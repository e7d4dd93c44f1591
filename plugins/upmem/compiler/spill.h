#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_SPILL_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_SPILL_H_

#include <cstdint>
#include <vector>

#include "pimjit/plugins/upmem/compiler/allocate.h"
#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// What becomes of virtual registers that get no register. Both give every use a short-lived virtual
// register of its own, marked as reload.

// Computes `vreg` again before each use, where its only definition is one instruction on constants,
// words that the host wrote, and registers that are live at all uses (`intervals`, by start) and
// never change. False: it is not of that kind, nothing has been done.
bool rematerialise(Code& code, const std::vector<Interval>& intervals, int vreg);

// Loads `vreg` from its slot at address + id8 before each item that reads it, and stores it after
// each that writes.
void spill(Code& code, int vreg, std::int64_t address);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_SPILL_H_
