// Whatever a program does, its counters are parts of wholes: kinds and threads of instructions,
// cycles, waits of threads, bytes and time of the engine.
#include <numeric>

#include <gtest/gtest.h>

#include "pimjit/plugins/sim/timing/strict_run.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/tests/sim/timing/random_kernel.h"

namespace pimjit::sim {
namespace {

template <typename Range>
std::uint64_t sum(const Range& range) {
  return std::accumulate(range.begin(), range.end(), std::uint64_t{0});
}

void expect_parts_of_wholes(const TimedRun& run, const upmem::Counters& counters,
                            const TimingParameters& parameters) {
  EXPECT_EQ(counters.issued, run.report.issued);
  EXPECT_EQ(sum(counters.by_kind), counters.issued);
  EXPECT_EQ(sum(counters.by_thread), counters.issued);
  EXPECT_EQ(run.cycles, run.report.issued + run.idle_dma + run.idle_reissue + run.banks);
  ThreadTimes all;
  for (std::size_t t = 0; t < run.threads.size(); ++t) {
    const ThreadTimes& thread = run.threads[t];
    EXPECT_EQ(thread.issued, counters.by_thread[t]);
    EXPECT_LE(thread.engine_wait, thread.transfer_wait);
    EXPECT_LE(static_cast<std::uint64_t>(parameters.reissue) * thread.issued + thread.slot_wait +
                  thread.transfer_wait + thread.asleep,
              run.cycles + run.banks);
    all.issued += thread.issued;
    all.retries += thread.retries;
    all.slot_wait += thread.slot_wait;
    all.transfer_wait += thread.transfer_wait;
  }
  EXPECT_EQ(all.retries, counters.retries);
  EXPECT_EQ(run.dma_wait, all.transfer_wait);
  EXPECT_EQ(run.thread_cycles, static_cast<std::uint64_t>(parameters.reissue) * all.issued +
                                   all.slot_wait + run.banks);
  using upmem::StepKind;
  const auto kind = [&](StepKind k) { return counters.by_kind[static_cast<std::size_t>(k)]; };
  EXPECT_EQ(run.transfers, kind(StepKind::dma_read) + kind(StepKind::dma_write));
  const double bytes = static_cast<double>(counters.dma_read_bytes + counters.dma_write_bytes);
  const double transfers = static_cast<double>(run.transfers);
  EXPECT_NEAR(static_cast<double>(run.engine_busy),
              transfers * parameters.engine_start + bytes * parameters.per_byte, transfers);
  EXPECT_LE(run.engine_busy, run.cycles);
}

TEST(Counters, OfRandomKernelsAddUp) {
  std::uint64_t transfers = 0, retries = 0;
  for (const int tasklets : {1, 2, 10, 11, 12, 16, 24}) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      SCOPED_TRACE("tasklets " + std::to_string(tasklets) + ", seed " + std::to_string(seed));
      const auto elf =
          upmem::assemble_elf(testing::random_kernel(seed, {.tasklets = tasklets}), "k.s");
      ASSERT_TRUE(elf) << elf.error().message();
      TimingParameters parameters;
      parameters.register_banks = static_cast<double>(seed % 2);
      for (const bool strict : {false, true}) {
        auto dpu = upmem::Executor::from_elf(*elf);
        ASSERT_TRUE(dpu) << dpu.error().message();
        InstructionProfile profile;
        const TimedRun run = strict ? run_strict(*dpu, parameters, 50'000'000, &profile)
                                    : run_timed(*dpu, parameters, 50'000'000);
        ASSERT_EQ(run.report.outcome, upmem::Outcome::finished) << run.report.what;
        expect_parts_of_wholes(run, dpu->counters(), parameters);
        if (HasFailure()) return;
        transfers += run.transfers;
        retries += dpu->counters().retries;
        if (!strict) continue;
        std::uint64_t cycles = 0, issued = 0;
        for (const InstructionTimes& t : profile) {
          cycles += t.issued + t.idle_reissue + t.idle_dma + t.banks;
          issued += t.issued;
        }
        EXPECT_EQ(cycles, run.cycles);
        EXPECT_EQ(issued, run.report.issued);
      }
    }
  }
  EXPECT_GT(transfers, 1000u);
  EXPECT_GT(retries, 100u);
}

}  // namespace
}  // namespace pimjit::sim
