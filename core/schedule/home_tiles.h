#ifndef PIMJIT_CORE_SCHEDULE_HOME_TILES_H_
#define PIMJIT_CORE_SCHEDULE_HOME_TILES_H_

#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// Lays the tiles of a home out: adds its outer digits, says whether they are `as_tensor`, and
// returns the number of elements, before any padding of the whole. The tile of the home is laid out
// already. `partial`: the loops, of a result, each value of which keeps partial results of its own;
// `pads_are_guards`: as of the layout (guards.h). Pure. docs/schedule.md, "Layout".
int64_t place_home_tiles(const Workload& w, const TargetDesc& target, int stage,
                         const StageSchedule& s, LoopMask partial, bool pads_are_guards,
                         OperandLayout& operand);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_HOME_TILES_H_
