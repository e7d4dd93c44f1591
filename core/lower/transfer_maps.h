#ifndef PIMJIT_CORE_LOWER_TRANSFER_MAPS_H_
#define PIMJIT_CORE_LOWER_TRANSFER_MAPS_H_

#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// How one operand's tensor and its homes in all units correspond: the map between tensor and
// staging, and the slice of staging each instance of the home's scope gets. Slices differ only in
// what the operand depends on, so equal tiles are packed once. Internal to lowering.
struct OperandTransfer {
  TransferMap map;
  std::vector<UnitDigit> unit_digits;
  int64_t instances = 1;  // of the home's scope that take part
};

OperandTransfer transfer_of(const TargetDesc& target, const StageSchedule& s, const Stage& stage,
                            const StageLayout& layout, const OperandLayout& operand);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_TRANSFER_MAPS_H_
