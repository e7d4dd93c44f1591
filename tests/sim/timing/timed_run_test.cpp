#include "pimjit/plugins/sim/timing/timed_run.h"

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace pimjit::sim {
namespace {

TimedRun run(const std::string& text, const TimingParameters& parameters = {},
             std::uint64_t budget = 10'000'000) {
  auto elf = upmem::assemble_elf(text, "test.s");
  EXPECT_TRUE(elf) << elf.error().message();
  auto dpu = upmem::Executor::from_elf(*elf);
  EXPECT_TRUE(dpu) << dpu.error().message();
  return run_timed(*dpu, parameters, budget);
}

// `threads` threads run `body`; booting costs each but the last two instructions.
std::string on_threads(int threads, const std::string& body) {
  return ".equ last, " + std::to_string(threads - 1) +
         "\n.text\nmain: jeq id, last, work\n boot id, 1\nwork:\n" + body +
         "end: stop true, end\n.data\nspace: .space 4096\n";
}

std::string spin(int slots) {
  return " move r0, " + std::to_string(slots - 1) + "\nloop: sub r0, r0, 1, nz, loop\n";
}

TEST(TimedRun, OneThreadIssuesEveryElevenCycles) {
  const TimedRun timed = run(on_threads(1, spin(1000)));
  EXPECT_EQ(timed.report.outcome, upmem::Outcome::finished);
  EXPECT_EQ(timed.cycles, 11 * timed.report.issued);
}

TEST(TimedRun, ElevenThreadsFillThePipelineAndMoreShareIt) {
  for (const int threads : {11, 16, 24}) {
    const TimedRun timed = run(on_threads(threads, spin(10'000)));
    // What is left over is booting one thread after another.
    EXPECT_GE(timed.cycles, timed.report.issued);
    EXPECT_LE(timed.cycles, timed.report.issued + 600) << threads;
  }
}

TEST(TimedRun, ReadsAndWritesTakeWhatTheSourceSays) {
  const TimedRun nothing = run(on_threads(1, " move r0, space\n move r1, 0\n"));
  const auto extra = [&](const std::string& transfer) {
    return run(on_threads(1, " move r0, space\n move r1, 0\n" + transfer)).cycles - nothing.cycles;
  };
  // A count of n moves 8 (n + 1) bytes.
  EXPECT_EQ(extra(" ldma r0, r1, 0\n"), 77u + 4);
  EXPECT_EQ(extra(" ldma r0, r1, 127\n"), 77u + 512);
  EXPECT_EQ(extra(" sdma r0, r1, 127\n"), 61u + 512);
}

TEST(TimedRun, TransfersOfManyThreadsQueueForOneEngine) {
  const TimingParameters p;
  std::string body = " move r0, space\n move r1, 0\n move r2, 99\n";
  body += "again: ldma r0, r1, 127\n sub r2, r2, 1, pl, again\n";
  const TimedRun timed = run(on_threads(16, body));
  const double engine = 16 * 100 * (p.engine_start + 512);
  EXPECT_EQ(timed.transfers, 1600u);
  EXPECT_EQ(timed.engine_busy, engine);
  EXPECT_GE(static_cast<double>(timed.cycles), engine);
  EXPECT_LE(static_cast<double>(timed.cycles), engine + 2000);
  EXPECT_GT(timed.idle_dma, timed.cycles / 2);
}

TEST(TimedRun, SaysWhyAProgramDoesNotEnd) {
  const TimedRun endless = run(on_threads(2, "again: jump again\n"), {}, 5000);
  EXPECT_EQ(endless.report.outcome, upmem::Outcome::budget);
  EXPECT_TRUE(endless.report.what.starts_with("threads 0 1 still ran after "))
      << endless.report.what;
  const TimedRun locked = run(".atomic lock\n" + on_threads(3, " acquire zero, lock, nz, .\n"));
  EXPECT_EQ(locked.report.outcome, upmem::Outcome::deadlock);
  EXPECT_NE(locked.report.what.find("that can never succeed"), std::string::npos);
}

TEST(TimedRun, StopsAtAFault) {
  const TimedRun timed = run(on_threads(1, " move r0, 0x10000\n lw r1, r0, 0\n"));
  EXPECT_EQ(timed.report.outcome, upmem::Outcome::fault);
  EXPECT_NE(timed.report.what.find("outside the 64 KB of WRAM"), std::string::npos)
      << timed.report.what;
}

}  // namespace
}  // namespace pimjit::sim
