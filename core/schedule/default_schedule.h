#ifndef PIMJIT_CORE_SCHEDULE_DEFAULT_SCHEDULE_H_
#define PIMJIT_CORE_SCHEDULE_DEFAULT_SCHEDULE_H_

#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// A legal schedule for any computation on any target, good enough to start from: rows over units
// and their inner instances, reductions over what is left idle, tiles as large as the scratch
// memory allows. Found by trying a short list of plans from ambitious to modest with replay, then
// some numbers of units with rough_time; no search, no clock, the same answer every time. When no
// plan is legal: the rejection of the most modest one, which names the limit that binds.
Legal<Trace> default_schedule(const Workload& workload, const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_DEFAULT_SCHEDULE_H_
