// Synchronisation and allocation written in assembly, on 1 to 24 threads and several orders of
// execution.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "runtime_source.h"
#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem {
namespace {

using namespace testing;

constexpr int kTaskletCounts[] = {1, 2, 3, 7, 11, 16, 23, 24};
constexpr std::uint32_t kQuanta[] = {1, 2, 5, 17, 4096};

Executor load(const std::string& source) {
  const auto elf = assemble_elf(source, "test.s");
  if (!elf) throw std::runtime_error(elf.error().message());
  auto dpu = Executor::from_elf(*elf);
  if (!dpu) throw std::runtime_error(dpu.error().message());
  return std::move(*dpu);
}

std::uint32_t word(const Executor& dpu, const char* symbol, std::uint32_t offset = 0) {
  std::uint8_t bytes[4] = {};
  const Status status = dpu.read_symbol(symbol, offset, bytes);
  EXPECT_TRUE(status) << status.error().message();
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, 4);
  return value;
}

template <typename Check>
void on_all(const std::string& body, const Check& check) {
  for (int tasklets : kTaskletCounts) {
    for (std::uint32_t quantum : kQuanta) {
      SCOPED_TRACE(std::to_string(tasklets) + " tasklets, quantum " + std::to_string(quantum));
      Executor dpu = load(bootstrap(tasklets) + body);
      RunOptions options;
      options.quantum = quantum;
      options.max_instructions = 50'000'000;
      const RunReport report = dpu.run(options);
      ASSERT_EQ(report.outcome, Outcome::finished) << report.what;
      check(dpu, tasklets);
    }
  }
}

TEST(Runtime, MutexProtectsACounter) {
  on_all(R"(
main:   move    r1, 100
again:  acquire zero, lock, nz, .
        lw      r0, zero, counter
        add     r0, r0, 1
        sw      zero, counter, r0
        release zero, lock, nz, . + 1
        add     r1, r1, -1, nz, again
        jump    end
.atomic lock
.host
counter: .word 0
)",
         [](const Executor& dpu, int n) {
           EXPECT_EQ(word(dpu, "counter"), 100u * static_cast<std::uint32_t>(n));
           EXPECT_FALSE(dpu.atomic_bit(200));
         });
}

// Without the mutex an interleaved order must lose updates: the executor does not hide races.
TEST(Runtime, WithoutAMutexUpdatesAreLost) {
  Executor dpu = load(bootstrap(8) + R"(
main:   move    r1, 100
again:  lw      r0, zero, counter
        add     r0, r0, 1
        sw      zero, counter, r0
        add     r1, r1, -1, nz, again
        jump    end
.host
counter: .word 0
)");
  RunOptions options;
  options.quantum = 1;
  EXPECT_EQ(dpu.run(options).outcome, Outcome::finished);
  EXPECT_LT(word(dpu, "counter"), 800u);
}

TEST(Runtime, BarrierSeparatesPhases) {
  on_all(std::string(R"(
main:   move    r14, 1
phase:  sw      id4, slots, r14
        move    r0, barrier
        call    r23, barrier_wait
        move    r15, 0
check:  lsl     r16, r15, 2
        lw      r17, r16, slots
        jeq     r17, r14, fine
        acquire zero, error_lock, nz, .
        lw      r17, zero, errors
        add     r17, r17, 1
        sw      zero, errors, r17
        release zero, error_lock, nz, . + 1
fine:   add     r15, r15, 1
        jltu    r15, N, check
        move    r0, barrier
        call    r23, barrier_wait
        add     r14, r14, 1
        jleu    r14, 10, phase
        jump    end
.atomic error_lock
.host
errors: .word 0
slots:  .space 96
)") + kBarrier,
         [](const Executor& dpu, int n) {
           EXPECT_EQ(word(dpu, "errors"), 0u);
           for (int t = 0; t < n; ++t) EXPECT_EQ(word(dpu, "slots", 4 * t), 10u);
         });
}

TEST(Runtime, HandshakesPassATokenInOrder) {
  on_all(std::string(R"(
main:   jz      id, take
        add     r0, id, -1
        call    r23, handshake_wait_for
take:   lw      r10, zero, next
        move    r11, id
        sb      r10, order, r11
        add     r10, r10, 1
        sw      zero, next, r10
        jeq     id, N - 1, end
        call    r23, handshake_notify
        jump    end
.host
next:   .word 0
order:  .space 24, 0xff
)") + kHandshake,
         [](const Executor& dpu, int n) {
           EXPECT_EQ(word(dpu, "next"), static_cast<std::uint32_t>(n));
           std::uint8_t order[24];
           ASSERT_TRUE(dpu.read_symbol("order", 0, order));
           for (int t = 0; t < n; ++t) EXPECT_EQ(order[t], t);
         });
}

TEST(Runtime, SemaphoreBoundsTheThreadsInside) {
  on_all(std::string(R"(
main:   move    r14, 10
enter:  move    r0, semaphore
        call    r23, semaphore_take
        acquire zero, lock, nz, .
        lw      r10, zero, inside
        add     r10, r10, 1
        sw      zero, inside, r10
        lw      r11, zero, most
        jleu    r10, r11, . + 2
        sw      zero, most, r10
        release zero, lock, nz, . + 1
        acquire zero, lock, nz, .
        lw      r10, zero, inside
        add     r10, r10, -1
        sw      zero, inside, r10
        lw      r11, zero, passes
        add     r11, r11, 1
        sw      zero, passes, r11
        release zero, lock, nz, . + 1
        move    r0, semaphore
        call    r23, semaphore_give
        add     r14, r14, -1, nz, enter
        jump    end
.atomic lock
.atomic semaphore_lock
.host
inside: .word 0
most:   .word 0
passes: .word 0
.data
semaphore: .byte 0xff, 3, 3, semaphore_lock
)") + kSemaphore,
         [](const Executor& dpu, int n) {
           EXPECT_EQ(word(dpu, "inside"), 0u);
           EXPECT_GE(word(dpu, "most"), 1u);
           EXPECT_LE(word(dpu, "most"), 3u);
           EXPECT_EQ(word(dpu, "passes"), 10u * static_cast<std::uint32_t>(n));
         });
}

TEST(Runtime, AllocatedBlocksAreDisjointAndAligned) {
  on_all(std::string(R"(
main:   add     r0, id8, 13
        call    r23, mem_alloc
        sw      id4, blocks, r0
        jump    end
.host
blocks: .space 96
)") + kAllocate,
         [](const Executor& dpu, int n) {
           std::vector<std::pair<std::uint32_t, std::uint32_t>> blocks;
           for (int t = 0; t < n; ++t) blocks.emplace_back(word(dpu, "blocks", 4 * t), t * 8 + 13);
           std::sort(blocks.begin(), blocks.end());
           for (std::size_t i = 0; i < blocks.size(); ++i) {
             EXPECT_EQ(blocks[i].first % 8, 0u);
             if (i + 1 == blocks.size()) continue;
             EXPECT_LE(blocks[i].first + blocks[i].second, blocks[i + 1].first);
           }
         });
}

TEST(Runtime, AllocatingTooMuchFaults) {
  Executor dpu = load(bootstrap(1) + R"(
main:   move    r0, 70000
        call    r23, mem_alloc
        jump    end
)" + kAllocate);
  const RunReport report = dpu.run();
  ASSERT_EQ(report.outcome, Outcome::fault);
  EXPECT_EQ(report.fault.cause, FaultCause::memory);
  Executor wrapping = load(bootstrap(1) + R"(
main:   move    r0, -8
        call    r23, mem_alloc
        jump    end
)" + kAllocate);
  const RunReport second = wrapping.run();
  ASSERT_EQ(second.outcome, Outcome::fault);
  EXPECT_EQ(second.fault.cause, FaultCause::breakpoint);
  EXPECT_EQ(second.fault.code, 1u);
}

TEST(Runtime, ALockNeverReleasedIsADeadlock) {
  Executor dpu = load(bootstrap(3) + R"(
main:   acquire zero, lock, nz, .
        jump    end
.atomic lock
)");
  const RunReport report = dpu.run();
  EXPECT_EQ(report.outcome, Outcome::deadlock);
  EXPECT_EQ(report.what, "threads 1 2 retry an acquire or a resume that can never succeed");
}

TEST(Runtime, AMissingPartnerLeavesThreadsAsleep) {
  Executor dpu = load(bootstrap(4) + R"(
main:   jeq     id, 2, end
        move    r0, barrier
        call    r23, barrier_wait
        jump    end
)" + kBarrier);
  const RunReport report = dpu.run();
  EXPECT_EQ(report.outcome, Outcome::asleep);
  EXPECT_EQ(report.asleep, 0b1011u);
}

TEST(Runtime, AnEndlessLoopSpendsItsBudget) {
  Executor dpu = load(".text\n jump 0\n");
  RunOptions options;
  options.max_instructions = 1000;
  const RunReport report = dpu.run(options);
  EXPECT_EQ(report.outcome, Outcome::budget);
  EXPECT_EQ(report.issued, 1000u);
  EXPECT_EQ(report.what, "threads 0 still ran after 1000 instructions");
}

TEST(Runtime, DataStaysBetweenLaunchesUntilLoadedAgain) {
  Executor dpu = load(R"(
.text
        lw      r0, zero, counter
        add     r0, r0, 1
        sw      zero, counter, r0
end:    stop    true, end
.host
counter: .word 5
)");
  dpu.run();
  dpu.run();
  EXPECT_EQ(word(dpu, "counter"), 7u);
  dpu.load();
  dpu.run();
  EXPECT_EQ(word(dpu, "counter"), 6u);
}

}  // namespace
}  // namespace pimjit::upmem
