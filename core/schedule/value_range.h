#ifndef PIMJIT_CORE_SCHEDULE_VALUE_RANGE_H_
#define PIMJIT_CORE_SCHEDULE_VALUE_RANGE_H_

#include "pimjit/core/ir/interval.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The values that the elements of an integer tensor may have: of an input those it declares, or all
// of its type; of others what follows from these. Sums are as long as their axes; where an
// operation might wrap, and of everything that is computed from f32, all values of the type. Pure.
Interval value_range(const Workload& w, int tensor);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_VALUE_RANGE_H_
