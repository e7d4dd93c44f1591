#ifndef PIMJIT_CORE_SCHEDULE_LONGEST_SUMS_H_
#define PIMJIT_CORE_SCHEDULE_LONGEST_SUMS_H_

#include <vector>

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// For each stage, at most how many additions lie between a term and the result, whatever the order
// inside a loop: the iterations of the reduction loops that are not factored, and one for each
// partial result of those that are. GateOptions::longest_sums.
std::vector<double> longest_sums(const Schedule& schedule);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_LONGEST_SUMS_H_
