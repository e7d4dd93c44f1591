#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_ALLOCATE_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_ALLOCATE_H_

#include <cstdint>
#include <vector>

#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// Where a virtual register lives, in positions of the code: item i reads at 2 i and writes at
// 2 i + 1. One interval without holes.
struct Interval {
  int vreg = -1;
  int start = -1, end = -1;
  double weight = 0;            // reads and writes, each counted 8 times per loop around it
  std::uint32_t forbidden = 0;  // registers that something overwrites meanwhile, one bit each
};

// The intervals of all virtual registers that occur, by start.
std::vector<Interval> live_intervals(const Code& code);

struct Allocation {
  std::vector<int> registers;  // by virtual register: r0..r23, the even one of a pair; -1 unused
  int spilled = 0;             // virtual registers that did not get one
};

// Gives every virtual register a register that no routine overwrites while it is live. Those that
// get none are computed again at each use, where one instruction does it from what does not change;
// others are moved to WRAM words, which `code` then loads and stores: slot n of a thread is at
// first_slot + 8 * (24 n + id). Linear scan over intervals, repeated after each such change.
// Registers in the mask `reserved` are not used.
Allocation allocate_registers(Code& code, std::int64_t first_slot, std::uint32_t reserved = 0);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_ALLOCATE_H_
