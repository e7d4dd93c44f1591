#include "pimjit/plugins/sim/timing/outcome.h"

#include <string>

namespace pimjit::sim {
namespace {

using upmem::Outcome;

std::string threads_in(std::uint32_t mask) {
  std::string text;
  for (int t = 0; t < upmem::kThreads; ++t)
    if (mask >> t & 1) text += (text.empty() ? "" : " ") + std::to_string(t);
  return text;
}

void describe(upmem::RunReport& report, std::uint64_t cycles, bool deadlocked) {
  if (report.fault) {
    report.outcome = Outcome::fault;
    report.what = "thread " + std::to_string(report.fault.thread) + " at instruction " +
                  std::to_string(report.fault.pc) + ": " + report.fault.what;
  } else if (deadlocked) {
    report.outcome = Outcome::deadlock;
    report.what = "threads " + threads_in(report.running) +
                  " retry an acquire or a resume that can never succeed";
    if (report.asleep != 0) report.what += "; threads " + threads_in(report.asleep) + " sleep";
  } else if (report.running != 0) {
    report.outcome = Outcome::budget;
    report.what = "threads " + threads_in(report.running) + " still ran after " +
                  std::to_string(cycles) + " cycles";
  } else if (report.asleep != 0) {
    report.outcome = Outcome::asleep;
    report.what = "threads " + threads_in(report.asleep) +
                  " ended in a `stop` without a target, where a resume would let them go on";
  }
}

}  // namespace

void conclude(TimedRun& run, const upmem::Executor& dpu, std::uint64_t reissue, bool deadlocked) {
  upmem::RunReport& report = run.report;
  report.fault = dpu.fault();
  report.asleep = dpu.asleep_threads();
  report.running = dpu.running_threads();
  report.issued = 0;
  run.thread_cycles = run.banks;  // which an instruction spends in the pipeline
  for (const ThreadTimes& thread : run.threads) {
    report.issued += thread.issued;
    run.thread_cycles += reissue * thread.issued + thread.slot_wait;
    run.dma_wait += thread.transfer_wait;
  }
  describe(report, run.cycles, deadlocked);
}

}  // namespace pimjit::sim
