// The event-driven clock against the one that goes cycle by cycle, on random kernels without races.
#include <cstdlib>

#include <gtest/gtest.h>

#include "pimjit/core/support/random.h"
#include "pimjit/plugins/sim/timing/strict_run.h"
#include "pimjit/plugins/sim/timing/timed_run.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/tests/sim/timing/random_kernel.h"

namespace pimjit::sim {
namespace {

using upmem::Executor;
using upmem::Outcome;

constexpr int kTasklets[] = {1, 2, 10, 11, 12, 16, 24};

// PIMJIT_CLOCK_KERNELS sets how many kernels each test tries.
int kernels() {
  const char* wanted = std::getenv("PIMJIT_CLOCK_KERNELS");
  return wanted != nullptr ? std::atoi(wanted) : 350;
}

Executor machine(const std::shared_ptr<const upmem::Program>& program, std::uint64_t seed) {
  Executor dpu(program);
  RandomStream random(seed, "mram");
  for (std::uint32_t at = 0; at < 24u << 16; at += 4096) {
    const std::uint64_t word = random.next();
    (void)dpu.write(upmem::Space::mram, at,
                    {reinterpret_cast<const std::uint8_t*>(&word), sizeof word});
  }
  return dpu;
}

TimingParameters random_parameters(RandomStream& random) {
  TimingParameters p;
  if (random.chance(0.5)) return p;
  constexpr double kReissue[] = {1, 2, 5, 11, 12, 13, 24, 30};
  p.reissue = kReissue[random.between(0, 7)];
  p.read_latency = static_cast<double>(random.between(0, 120));
  p.write_latency = static_cast<double>(random.between(0, 120));
  p.per_byte = 0.05 * static_cast<double>(random.between(0, 20));
  p.engine_start = static_cast<double>(random.between(0, 200));
  return p;
}

struct Run {
  TimedRun timed;
  Executor dpu;
};

void expect_equal_times(const TimedRun& fast, const TimedRun& strict) {
  EXPECT_EQ(fast.cycles, strict.cycles);
  EXPECT_EQ(fast.report.what, strict.report.what);
  EXPECT_EQ(fast.report.outcome, strict.report.outcome);
  EXPECT_EQ(fast.report.issued, strict.report.issued);
  EXPECT_EQ(fast.idle_dma, strict.idle_dma);
  EXPECT_EQ(fast.idle_reissue, strict.idle_reissue);
  EXPECT_EQ(fast.thread_cycles, strict.thread_cycles);
  EXPECT_EQ(fast.dma_wait, strict.dma_wait);
  EXPECT_EQ(fast.engine_busy, strict.engine_busy);
  EXPECT_EQ(fast.transfers, strict.transfers);
  for (int t = 0; t < upmem::kThreads; ++t)
    EXPECT_TRUE(fast.threads[t] == strict.threads[t]) << "times of thread " << t;
}

void expect_equal_memories(const Executor& fast, const Executor& strict) {
  EXPECT_TRUE(std::equal(fast.wram().begin(), fast.wram().end(), strict.wram().begin()));
  std::vector<std::uint8_t> a(1 << 13), b(1 << 13);
  for (std::uint32_t at = 0; at < 24u << 16; at += 1 << 16) {
    ASSERT_TRUE(fast.read(upmem::Space::mram, at, a) && strict.read(upmem::Space::mram, at, b));
    EXPECT_EQ(a, b) << "MRAM at " << at;
  }
  EXPECT_TRUE(
      std::equal(fast.issued_at().begin(), fast.issued_at().end(), strict.issued_at().begin()));
}

void compare(std::uint64_t seed, bool faults, double cut) {
  RandomStream random(seed, "machine");
  const testing::KernelShape shape{kTasklets[random.between(0, 6)], faults};
  const std::string text = testing::random_kernel(seed, shape);
  const auto elf = upmem::assemble_elf(text, "random.s");
  ASSERT_TRUE(elf) << elf.error().message() << text;
  const auto program = upmem::Program::from_elf(*elf);
  ASSERT_TRUE(program);
  const TimingParameters parameters = random_parameters(random);
  const auto run = [&](const auto& clock, std::uint64_t budget) {
    Run result{{}, machine(*program, seed)};
    result.timed = clock(result.dpu, parameters, budget);
    return result;
  };
  const auto strict_clock = [](Executor& dpu, const TimingParameters& p, std::uint64_t budget) {
    return run_strict(dpu, p, budget);
  };
  std::uint64_t budget = 50'000'000;
  Run fast = run(run_timed, budget);
  if (random.chance(cut) && fast.timed.cycles > 0) {
    budget =
        static_cast<std::uint64_t>(random.between(0, static_cast<std::int64_t>(fast.timed.cycles)));
    fast = run(run_timed, budget);
  }
  const Run strict = run(strict_clock, budget);
  expect_equal_times(fast.timed, strict.timed);
  const Outcome outcome = strict.timed.report.outcome;
  if (!faults && cut == 0) {
    EXPECT_EQ(outcome, Outcome::finished) << strict.timed.report.what;
  }
  if (outcome == Outcome::finished) expect_equal_memories(fast.dpu, strict.dpu);
  if (::testing::Test::HasFailure()) {
    std::printf("seed %llu, %d tasklets, budget %llu\n", static_cast<unsigned long long>(seed),
                shape.tasklets, static_cast<unsigned long long>(budget));
    if (std::getenv("PIMJIT_CLOCK_SHOW") != nullptr) std::printf("%s\n", text.c_str());
  }
}

TEST(Clock, IsTheSameEventByEventAsCycleByCycle) {
  for (int seed = 0; seed < kernels() && !HasFailure(); ++seed)
    compare(static_cast<std::uint64_t>(seed), false, 0);
}

TEST(Clock, EndsAtTheSameFault) {
  for (int seed = 0; seed < kernels() / 2 && !HasFailure(); ++seed)
    compare(static_cast<std::uint64_t>(seed) + 1'000'000, true, 0);
}

TEST(Clock, EndsInTheSameCycleWhenTheBudgetIsSpent) {
  for (int seed = 0; seed < kernels() / 2 && !HasFailure(); ++seed)
    compare(static_cast<std::uint64_t>(seed) + 2'000'000, seed % 2 == 0, 1);
}

}  // namespace
}  // namespace pimjit::sim
