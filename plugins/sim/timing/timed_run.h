#ifndef PIMJIT_PLUGINS_SIM_TIMING_TIMED_RUN_H_
#define PIMJIT_PLUGINS_SIM_TIMING_TIMED_RUN_H_

#include <array>
#include <cstdint>

#include "pimjit/plugins/sim/timing/parameters.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::sim {

// Where the cycles of one thread went. From when it could first issue until its last instruction
// has left the pipeline they are reissue * issued + slot_wait + transfer_wait + asleep, with
// register_banks besides what the instructions took longer.
struct ThreadTimes {
  std::uint64_t issued = 0;
  std::uint64_t retries = 0;        // of the issued ones: acquire and resume that changed nothing
  std::uint64_t slot_wait = 0;      // able to issue while other threads did
  std::uint64_t transfer_wait = 0;  // for transfers of its own, the engine's queue included
  std::uint64_t engine_wait = 0;    // of that, until the engine took the transfer
  std::uint64_t asleep = 0;         // between a stop and the resume or boot after it

  bool operator==(const ThreadTimes&) const = default;
};

struct TimedRun {
  upmem::RunReport report;
  // Until the pipeline and the engine are empty: issued + idle_dma + idle_reissue + banks.
  std::uint64_t cycles = 0;
  // Cycles without an issue, by what the DPU waited for.
  std::uint64_t idle_dma =
      0;  // the pipeline is empty: every thread that lives waits for a transfer
  std::uint64_t idle_reissue = 0;   // instructions are in the pipeline, no other thread can issue
  std::uint64_t banks = 0;          // further cycles of instructions, with register_banks
  std::uint64_t thread_cycles = 0;  // threads able to issue or in the pipeline, summed over cycles
  std::uint64_t dma_wait = 0;       // threads waiting for transfers, summed over cycles
  std::uint64_t engine_busy = 0;
  std::uint64_t transfers = 0;
  std::array<ThreadTimes, upmem::kThreads> threads{};
};

// Boots thread 0 and runs until no thread is left, under the clock that docs/simulator.md defines.
// Cycles, times and the outcome are those of run_strict for programs without races: whose threads
// meet through transfers, acquire, release, boot, resume and stop only. The first fault in the
// order of cycles ends the run; the budget counts cycles: no instruction issues at `max_cycles` or
// later. After a fault or a spent budget, memories and the executor's counters may be ahead of that
// cycle. Other outcomes are those of Executor::run.
TimedRun run_timed(upmem::Executor& dpu, const TimingParameters& parameters,
                   std::uint64_t max_cycles);

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_TIMING_TIMED_RUN_H_
