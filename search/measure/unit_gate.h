#ifndef PIMJIT_SEARCH_MEASURE_UNIT_GATE_H_
#define PIMJIT_SEARCH_MEASURE_UNIT_GATE_H_

#include <memory>

#include "pimjit/core/run/device_space.h"
#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/problem.h"

namespace pimjit {

inline constexpr size_t kGateUnits = 4;       // at least so many, where there are
inline constexpr int64_t kGateElements = 64;  // over all of them, where there are

// Units to check: the first, the last, one of each kind of edge, and random ones until there are
// kGateUnits with kGateElements of the output.
std::vector<int64_t> gate_units(const LoweredModule& module, uint64_t seed);

// Whether a few units compute what they should on the gate data: each one's part of the output,
// without what other units add to it, is held to a direct evaluation over the part of the
// iteration space that is the unit's. Errors: as UnitTimer, in particular "whole_launches" where
// single units cannot be checked; "wrong_result" (internal) names the unit and the element.
Result<Verification> check_units(const Built& built, const std::shared_ptr<DeviceSpace>& space,
                                 const Problem& problem);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_UNIT_GATE_H_
