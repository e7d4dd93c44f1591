#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_GAPS_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_GAPS_H_

#include <cstdint>
#include <vector>

#include "pimjit/plugins/upmem/compiler/allocate.h"

namespace pimjit::upmem {

// Registers by virtual register, -1 where one does not occur; empty when some got none. Virtual
// registers share a register where the segments of one lie in the gaps of the other. They are
// placed one after the other and never moved, in several orders until one does it. `hints`: by
// virtual register, another one whose register is liked, -1.
std::vector<int> fit_into_gaps(const Code& code, const std::vector<Interval>& intervals,
                               const std::vector<int>& hints, std::uint32_t reserved);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_GAPS_H_
