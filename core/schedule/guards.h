#ifndef PIMJIT_CORE_SCHEDULE_GUARDS_H_
#define PIMJIT_CORE_SCHEDULE_GUARDS_H_

#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// What happens at the edges of a stage (docs/schedule.md, "Edges"). Pure; any thread.

// Whether the data of some operand is the tensor itself, so that there is nowhere to put padding
// and `pad` acts as `guard`: always on the host, on the device with a native home.
bool pads_are_guards(const StageLayout& layout);

// The loops of the arena whose value is tested against their extent around the innermost statement.
LoopMask guarded_loops(const StageSchedule& s, bool pads_are_guards);

// Bit a: axis a runs past its extent into padding, untested.
LoopMask padded_axes(const Stage& stage, const StageSchedule& s, bool pads_are_guards);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_GUARDS_H_
