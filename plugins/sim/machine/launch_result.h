#ifndef PIMJIT_PLUGINS_SIM_MACHINE_LAUNCH_RESULT_H_
#define PIMJIT_PLUGINS_SIM_MACHINE_LAUNCH_RESULT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/plugin_kit/plugin_helpers.h"
#include "pimjit/plugins/sim/machine/code_map.h"
#include "pimjit/plugins/sim/timing/timed_run.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::sim {

// How one DPU fared.
struct DpuRun {
  TimedRun timed;
  upmem::Counters counters;
};

struct LaunchResult {
  bool ok = true;
  std::int32_t code = PJ_OK;  // pj_code of a failed launch
  std::string what;           // one sentence
  std::vector<DpuRun> runs;   // by DPU of the launch; those behind a failed one may be empty
  std::vector<CodeMap::StatementSum> issued_by_statement;  // over all DPUs

  std::uint64_t cycles() const;  // of the slowest DPU
  // What the counters slot answers: sums over all DPUs, and per class of DPUs that did the same.
  std::vector<kit::Figure> figures() const;
};

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_MACHINE_LAUNCH_RESULT_H_
