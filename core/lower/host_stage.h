#ifndef PIMJIT_CORE_LOWER_HOST_STAGE_H_
#define PIMJIT_CORE_LOWER_HOST_STAGE_H_

#include "pimjit/core/lower/lowered_module.h"

namespace pimjit {

// A stage without loops bound to the device as a kernel over the tensors themselves: first every
// result takes the reducer's identity, then the nest accumulates. Internal to lowering.
// `host_buffers` as HostBuilder numbers tensors.
HostKernel host_stage(const Workload& w, const StageSchedule& schedule, int stage);

// A stage without reduction and of at least one dimension, for a piece of a row of its output: the
// launch arguments behind the tensors are the coordinates of the row, the first element in it and
// the number of elements.
HostKernel host_stage_row(const Workload& w, int stage);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_HOST_STAGE_H_
