#ifndef PIMJIT_TESTS_SUPPORT_RANDOM_TRACE_H_
#define PIMJIT_TESTS_SUPPORT_RANDOM_TRACE_H_

#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/support/random.h"

namespace pimjit {

// A trace that replays without a rejection, drawn from `random`: every primitive, factors that
// often do not divide, reductions factored over every level and in the kernel, caches of any scope
// at any loop, padding where the machine cannot guard. Draws until one is legal; a stage for which
// none of many draws is stays on the host. Equal streams give equal traces.
Trace random_trace(const Workload& workload, const TargetDesc& target, RandomStream& random);

}  // namespace pimjit

#endif  // PIMJIT_TESTS_SUPPORT_RANDOM_TRACE_H_
