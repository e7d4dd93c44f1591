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

// The start-up that C programs get: release every atomic bit, boot the chain, take stack size and
// pointer from a table with an entry per thread, leave inactive threads, call main with a frame,
// end.
TEST(Runtime, CStartUpGivesEveryActiveThreadItsStack) {
  for (int active : {1, 5, 24}) {
    std::string table;
    for (int t = 0; t < 24; ++t)
      table += "        .word " + std::string(t < active ? "256" : "0") + ", stacks + " +
               std::to_string(t < active ? 256 * t : 0) + "\n";
    Executor dpu = load(R"(
.text
start:  jneq    id, 0, chain
        move    r0, 255
clear:  release r0, 0, nz, . + 1
        add     r0, r0, -1, pl, clear
chain:  jeq     id, 23, stack
        boot    id, 1
stack:  ld      d22, id8, table
        jz      r23, end
        call    r23, main
end:    stop    true, end
main:   sd      r22, 24, d22
        add     r22, r22, 32
        move    r0, id
        call    r23, square
        sw      id4, results, r0
        ld      d22, r22, -8
        jump    r23
square: sw      r22, 0, r0
        lbu     r1, r22, 0
        mul_ul_ul r0, r0, r1
        jump    r23
.host
results: .space 96, 0xff
.data
        .align 8
table:
)" + table + R"(
.bss
stacks: .space 6144
)");
    RunOptions options;
    options.quantum = 3;
    const RunReport report = dpu.run(options);
    ASSERT_EQ(report.outcome, Outcome::finished) << report.what;
    for (int t = 0; t < 24; ++t)
      EXPECT_EQ(word(dpu, "results", 4 * t),
                t < active ? static_cast<std::uint32_t>(t * t) : 0xffffffffu);
    EXPECT_EQ(dpu.counters().by_kind[static_cast<int>(StepKind::release)], 256u);
    EXPECT_EQ(dpu.counters().by_kind[static_cast<int>(StepKind::boot)], 23u);
  }
}

// A message with a wrapping write pointer in MRAM, as printf keeps one: unaligned writes go through
// an 8-byte cache of the thread.
TEST(Runtime, BytesReachMramThroughAThreadCache) {
  Executor dpu = load(bootstrap(24) + R"(
main:   add     r0, id, log
        move    r5, id
        and     r1, r0, -8
        and     r2, r0, 7
        acquire zero, log_lock, nz, .
        add     r3, id8, caches
        ldma    r3, r1, 0
        add     r4, r3, r2
        add     r5, r5, 65
        sb      r4, 0, r5
        sdma    r3, r1, 0
        release zero, log_lock, nz, . + 1
        jump    end
.atomic log_lock
.data
        .align 8
caches: .space 192
.mram
log:    .space 24
)");
  RunOptions options;
  options.quantum = 1;
  const RunReport report = dpu.run(options);
  ASSERT_EQ(report.outcome, Outcome::finished) << report.what;
  std::uint8_t text[24];
  ASSERT_TRUE(dpu.read_symbol("log", 0, text));
  EXPECT_EQ(std::string(text, text + 24), "ABCDEFGHIJKLMNOPQRSTUVWX");
}

// A sequential reader: the pointer moves through a buffer of two pages aligned to the page, and the
// carry into the page bit says when to fetch.
TEST(Runtime, PageCrossingIsSeenByTheCarryCondition) {
  Executor dpu = load(bootstrap(1) + R"(
main:   move    r0, 1024 + 8
        move    r3, 0
        move    r4, 0
next:   add     r0, r0, 12, nc6, same
        add     r3, r3, 1
same:   add     r4, r4, 1
        jltu    r4, 100, next
        sw      zero, crossings, r3
        jump    end
.host
crossings: .word 0
)");
  ASSERT_EQ(dpu.run().outcome, Outcome::finished);
  // An independent count: the carry into bit 6 of each addition.
  std::uint32_t pointer = 1024 + 8, expected = 0;
  for (int i = 0; i < 100; ++i) {
    if (pointer % 64 + 12 >= 64) ++expected;
    pointer += 12;
  }
  EXPECT_EQ(word(dpu, "crossings"), expected);
  EXPECT_GT(expected, 15u);
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
