#ifndef PIMJIT_PLUGINS_SIM_TIMING_TIMED_RUN_H_
#define PIMJIT_PLUGINS_SIM_TIMING_TIMED_RUN_H_

#include <array>
#include <cstdint>

#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::sim {

// Of a v1A DPU, in cycles. Sources: docs/simulator.md, "The clock".
struct TimingParameters {
  double reissue = 11;       // between two instructions of one thread
  double read_latency = 77;  // of a transfer of 0 bytes, its own instruction included
  double write_latency = 61;
  double per_byte = 0.5;     // both of latency and of the engine's occupancy
  double engine_start = 30;  // occupancy of a transfer of 0 bytes
};

struct TimedRun {
  upmem::RunReport report;
  std::uint64_t cycles = 0;
  // Cycles without an issue, by what the DPU waited for.
  std::uint64_t idle_dma = 0;      // every thread that lives waits for a transfer
  std::uint64_t idle_reissue = 0;  // fewer threads can issue than cycles between re-issues
  double thread_cycles = 0;        // threads able to issue, summed over cycles
  double dma_wait = 0;             // threads waiting for transfers, summed over cycles
  double engine_busy = 0;
  std::uint64_t transfers = 0;
};

// Boots thread 0 and runs until no thread is left, under a clock that goes from one meeting of
// threads to the next: between them, R threads that can issue each issue one instruction per
// max(reissue, R) cycles. Transfers block their thread and queue for one engine. The order of
// meetings within R cycles is not that of the machine. Outcomes are those of Executor::run; the
// budget counts cycles.
TimedRun run_timed(upmem::Executor& dpu, const TimingParameters& parameters,
                   std::uint64_t max_cycles);

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_TIMING_TIMED_RUN_H_
