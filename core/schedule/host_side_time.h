#ifndef PIMJIT_CORE_SCHEDULE_HOST_SIDE_TIME_H_
#define PIMJIT_CORE_SCHEDULE_HOST_SIDE_TIME_H_

#include "pimjit/core/schedule/features.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// What happens outside of the kernels, by the numbers of the target description. Busy times, ns.
struct HostSideTime {
  double h2d = 0, launch = 0, d2h = 0, host = 0;  // host: packing and reduction, all threads
};

// Adds what a stage on the device with these features takes. Pure; any thread.
void add_host_side(const TargetDesc& target, const StageFeatures& features, HostSideTime& sum);

// The ns in which the host adds up `bytes` of partial results on at most `most_threads`; 0: on all
// it has. Pure; any thread.
double reduce_ns(const HostModel& host, double bytes, int64_t most_threads);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_HOST_SIDE_TIME_H_
