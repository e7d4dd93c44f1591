#ifndef PIMJIT_CORE_SCHEDULE_ROUGH_TIME_H_
#define PIMJIT_CORE_SCHEDULE_ROUGH_TIME_H_

#include "pimjit/core/schedule/host_side_time.h"
#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// What a schedule takes by the numbers of the target description alone: operations at their costs,
// copies at those of their links, everything whole. Good enough to tell a sensible schedule from a
// bad one before anything is lowered; no substitute for a model or a measurement. ns.
struct RoughTime : HostSideTime {
  std::vector<double> kernels;  // per stage; 0 for those on the host
  double total() const;
};

// Rejections: those of layout_stage. Pure.
Legal<RoughTime> rough_time(const Workload& w, const TargetDesc& target, const Schedule& s);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_ROUGH_TIME_H_
