#ifndef PIMJIT_CORE_RUN_UNIT_CLASSES_H_
#define PIMJIT_CORE_RUN_UNIT_CLASSES_H_

#include <vector>

#include "pimjit/core/lower/lowered_module.h"

namespace pimjit {

// Units that find the same number of iterations inside the computation: of each axis the same part
// of what the unit may run over lies inside its extent. They take the same way through the kernel.
struct UnitClass {
  int64_t first = 0;  // the unit with the smallest number
  int64_t units = 0;
  int64_t iterations =
      0;  // of the innermost statement, inside all extents; where loops were fused: at most
};

// The classes of a kernel that the lowering made, most iterations first, then by first unit. Pure.
std::vector<UnitClass> unit_classes(const LoweredModule& module, int kernel);

// What one unit works on: of each axis `count` neighbouring values from `low` on, inside its
// extent. Not dense: some of the values between belong to other units.
struct UnitRange {
  std::vector<int64_t> low, count;
  bool dense = true;
};
UnitRange unit_range(const LoweredModule& module, int kernel, int64_t unit);

// One unit of each class, at most `at_most` of them, those with most iterations; ascending.
std::vector<int64_t> representatives(const std::vector<UnitClass>& classes, size_t at_most);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_UNIT_CLASSES_H_
