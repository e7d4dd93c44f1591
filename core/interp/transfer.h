#ifndef PIMJIT_CORE_INTERP_TRANSFER_H_
#define PIMJIT_CORE_INTERP_TRANSFER_H_

#include <functional>
#include <string>
#include <vector>

#include "pimjit/core/interp/memory.h"
#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// Moving elements between tensors and staging by the letter of TransferMap, one position after
// another. Tensors and staging are memories of one instance.

// One end of a transfer, for messages.
struct TransferSides {
  const Tensor* tensor;
  ShadowMemory* tensor_memory;
  ShadowMemory* staging;
};

// Writes every position of the map; the others, and padding unless the map fills it, are poison.
// Errors, internal: map_out_of_staging.
Status interpret_pack(const TransferMap& map, const TransferSides& sides, const std::string& where);

// For every combination of the digits that do not reduce: the contributions of the reducing digits
// in ascending order, outer digits first, are folded by `reducer` beginning with the first one that
// is no padding; where there is one, the element is written. Errors, internal: map_out_of_staging,
// poison_in_tensor, unpack_conflict (two combinations disagree about an element).
Status interpret_unpack(const TransferMap& map, Reducer reducer, const TransferSides& sides,
                        const std::string& where);

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_TRANSFER_H_
