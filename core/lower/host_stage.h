#ifndef PIMJIT_CORE_LOWER_HOST_STAGE_H_
#define PIMJIT_CORE_LOWER_HOST_STAGE_H_

#include "pimjit/core/lower/lowered_module.h"

namespace pimjit {

// A stage without loops bound to the device as a kernel over the tensors themselves: first every
// result takes the reducer's identity, then the nest accumulates. Internal to lowering.
// `host_buffers` as HostBuilder numbers tensors.
HostKernel host_stage(const Workload& w, const StageSchedule& schedule, int stage);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_HOST_STAGE_H_
