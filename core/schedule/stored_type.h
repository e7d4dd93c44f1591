#ifndef PIMJIT_CORE_SCHEDULE_STORED_TYPE_H_
#define PIMJIT_CORE_SCHEDULE_STORED_TYPE_H_

#include <optional>

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// The narrowest integer type that holds the declared range of an input, or all values that the
// output of a computation element by element may have (value_range); none where that is its own,
// or nothing is known, or the elements are no integers. Pure.
std::optional<DType> narrow_type(const Workload& w, int tensor);

// The type a tensor's elements have on the device: that of its declaration, or the narrow one where
// its placement says so. Pure.
DType stored_type(const Workload& w, const Schedule& s, int tensor);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_STORED_TYPE_H_
