#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_ALLOCATE_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_ALLOCATE_H_

#include <cstdint>
#include <vector>

#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// Positions of the code: item i reads at 2 i and writes at 2 i + 1. Both ends belong to it.
struct LiveRange {
  int start, end;
};

// Where a virtual register lives: from the first to the last of its segments, between which its
// value is not needed.
struct Interval {
  int vreg = -1;
  int start = -1, end = -1;
  std::vector<LiveRange> live = {};  // ascending, apart from each other
  double weight = 0;                 // reads and writes, each counted 8 times per loop around it
  std::uint32_t forbidden = 0;       // registers that something overwrites meanwhile, one bit each
};

// The intervals of all virtual registers that occur, by start.
std::vector<Interval> live_intervals(const Code& code);

struct Allocation {
  std::vector<int> registers;  // by virtual register: r0..r23, the even one of a pair; -1 unused
  int spilled = 0;             // virtual registers that did not get one
  bool complete = true;        // false: some would have to be spilled, but must not
};

// Gives every virtual register a register that no routine overwrites while it is live. Those that
// get none are computed again at each use, where one instruction does it from what does not change;
// others are moved to WRAM words, which `code` then loads and stores: slot n of a thread is at
// first_slot + 8 * (24 n + id). Linear scan over intervals; where these do not fit, intervals with
// their gaps (gaps.h); where that does not do either, the scan's spills, one at a time, and both
// again. Registers in the mask `reserved` are not used. Without `may_spill` it gives up instead of
// moving one to WRAM.
Allocation allocate_registers(Code& code, std::int64_t first_slot, std::uint32_t reserved = 0,
                              bool may_spill = true);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_ALLOCATE_H_
