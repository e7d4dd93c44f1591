#ifndef PIMJIT_PLUGINS_SIM_TIMING_OUTCOME_H_
#define PIMJIT_PLUGINS_SIM_TIMING_OUTCOME_H_

#include "pimjit/plugins/sim/timing/timed_run.h"

namespace pimjit::sim {

// Fills in the report of a run that ended with `dpu` in this state, and the sums over threads.
void conclude(TimedRun& run, const upmem::Executor& dpu, std::uint64_t reissue, bool deadlocked);

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_TIMING_OUTCOME_H_
