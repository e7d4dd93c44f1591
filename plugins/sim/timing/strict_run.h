#ifndef PIMJIT_PLUGINS_SIM_TIMING_STRICT_RUN_H_
#define PIMJIT_PLUGINS_SIM_TIMING_STRICT_RUN_H_

#include <cstdint>
#include <vector>

#include "pimjit/plugins/sim/timing/timed_run.h"

namespace pimjit::sim {

// Where the cycles of one instruction of the program went, over all threads.
struct InstructionTimes {
  std::uint64_t issued = 0;
  std::uint64_t retries = 0;
  // Cycles of the DPU without an issue, spent on what the thread that issued next waited for: this
  // instruction's way through the pipeline (or that of the boot or resume that woke the thread), or
  // its transfer. Summed over all instructions, issued + idle_reissue + idle_dma + banks are the
  // cycles of the run.
  std::uint64_t idle_reissue = 0, idle_dma = 0, banks = 0;
  // Summed over threads: able to issue this instruction while other threads issued; waiting for its
  // transfer, and of that for the engine to take it.
  std::uint64_t slot_wait = 0, transfer_wait = 0, engine_wait = 0;
};

// By index of the instruction.
using InstructionProfile = std::vector<InstructionTimes>;

// The definition of the clock: what every thread and the engine do, cycle by cycle. Some hundred
// times slower than executing; right for programs with races, too. `profile`, when given, is
// overwritten.
TimedRun run_strict(upmem::Executor& dpu, const TimingParameters& parameters,
                    std::uint64_t max_cycles, InstructionProfile* profile = nullptr);

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_TIMING_STRICT_RUN_H_
