#ifndef PIMJIT_CORE_LOWER_IN_PLACE_H_
#define PIMJIT_CORE_LOWER_IN_PLACE_H_

#include "pimjit/core/lower/lowered_module.h"

namespace pimjit {

// Whether the slices of a map are contiguous pieces of the tensor, and which of them are not quite.
// Linear in the number of slices. Pure.

// Packing. What a slice holds past an edge may be anything, unless the map fills its padding: such
// a map is not possible in place, nor is one with a guard, nor a narrow one.
InPlace in_place_to_device(const TransferMap& map, const Tensor& tensor);
// Plain unpacking. The device writes whole slices, so every position must be an element; maps that
// add up, and narrow ones, are not possible in place.
InPlace in_place_from_device(const TransferMap& map, const Tensor& tensor);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_IN_PLACE_H_
