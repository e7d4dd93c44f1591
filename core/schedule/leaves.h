#ifndef PIMJIT_CORE_SCHEDULE_LEAVES_H_
#define PIMJIT_CORE_SCHEDULE_LEAVES_H_

#include <array>
#include <vector>

#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// Which loops of the nest each loop of the arena depends on, for the whole arena at once.
std::vector<LoopMask> all_leaves(const StageSchedule& s);

// The same for the index of an access (kOutputAccess: the output), from the masks of all_leaves.
LoopMask access_leaves(const Stage& stage, const std::vector<LoopMask>& masks, int access);

// How far one step of each loop of the nest moves in the accessed tensor, in elements. Inside a
// fusion this is only the right order of magnitude: it decides the order of digits, never where an
// element is.
std::array<double, kMaxLoops> steps_in_tensor(const Workload& w, const Stage& stage,
                                              const StageSchedule& s, int access);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_LEAVES_H_
