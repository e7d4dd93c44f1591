#ifndef PIMJIT_CORE_RUN_SLICE_MAP_H_
#define PIMJIT_CORE_RUN_SLICE_MAP_H_

#include "pimjit/core/run/map_executor.h"

namespace pimjit {

// The part of a map that belongs to one slice, as a map of one slice whose staging is that slice.
// Pure.
TransferMap slice_of(const TransferMap& map, int64_t slice);

// The slice of a copy that the instance `unit` of the device buffer's scope holds.
int64_t slice_of_unit(const std::vector<UnitDigit>& digits, int64_t unit);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_SLICE_MAP_H_
