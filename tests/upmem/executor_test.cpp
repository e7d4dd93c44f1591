// Memory, DMA, run bits, atomic bits, the counter, faults and the interface for clocks.
#include "pimjit/plugins/upmem/executor/executor.h"

#include <cstring>
#include <stdexcept>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace pimjit::upmem {
namespace {

Executor load(const std::string& source) {
  const auto elf = assemble_elf(".text\n" + source, "test.s");
  if (!elf) throw std::runtime_error(elf.error().message());
  return *Executor::from_elf(*elf);
}

RunReport run(const std::string& source) {
  return load(source + "\n stop true, 0\n").run();
}

std::string fault_of(const std::string& source) {
  const RunReport report = run(source);
  EXPECT_EQ(report.outcome, Outcome::fault) << source;
  return std::string(to_string(report.fault.cause)) + ": " + report.what;
}

TEST(Executor, FaultsNameCauseThreadInstructionAndNumbers) {
  EXPECT_EQ(fault_of(" nop\n bkp"),
            "breakpoint: thread 0 at instruction 1: the program stopped itself with fault 0 (bkp)");
  EXPECT_EQ(
      fault_of(" lw r0, zero, 65536"),
      "memory: thread 0 at instruction 0: access at address 0x10000 is outside the 64 KB of WRAM "
      "(lw r0, zero, 0x10000)");
  EXPECT_EQ(fault_of(" sw zero, 6, 1"),
            "memory: thread 0 at instruction 0: access at address 0x6 is not naturally aligned (sw "
            "zero, 6, 1)");
  EXPECT_EQ(
      fault_of(" lhu r0, one, 0"),
      "memory: thread 0 at instruction 0: access at address 0x1 is not naturally aligned (lhu r0, "
      "one, 0)");
  EXPECT_EQ(
      fault_of(" move r0, 65536 - 8\n move r1, 0\n ldma r0, r1, 1"),
      "dma: thread 0 at instruction 2: a transfer of 16 bytes at 0xfff8 leaves WRAM, which ends at "
      "0x10000 (ldma r0, r1, 1)");
  EXPECT_EQ(
      fault_of(" move r0, 8\n move r1, 0x3fffff8\n sdma r0, r1, 1"),
      "dma: thread 0 at instruction 2: a transfer of 16 bytes at 0x3fffff8 leaves MRAM, which ends "
      "at 0x4000000 (sdma r0, r1, 1)");
  EXPECT_EQ(fault_of(" jump 100"),
            "undefined: thread 0 at instruction 100: the executable has no instruction here");
  EXPECT_EQ(fault_of(" jump 5000"),
            "undefined: thread 0 at instruction 4096: the thread ran beyond the last instruction "
            "of IRAM");
}

TEST(Executor, InstructionsOfUnknownEffectAreRefusedByName) {
  EXPECT_EQ(fault_of(" hash r0, r1, r2"),
            "refused: thread 0 at instruction 0: `hash`: its function is not known");
  EXPECT_EQ(fault_of(" sats r0, r1"),
            "refused: thread 0 at instruction 0: `sats`: what it saturates to is not known");
  EXPECT_EQ(fault_of(" lsl1x r0, r1, 3"),
            "refused: thread 0 at instruction 0: `lsl1x`: what it shifts in is not known");
  EXPECT_EQ(fault_of(" lws r0, r1, 0"),
            "refused: thread 0 at instruction 0: `lws`: the stack check of the safe variants is "
            "not known");
  EXPECT_EQ(fault_of(" ldmai r0, r1, 0"),
            "refused: thread 0 at instruction 0: `ldmai`: the unit of its address and length is "
            "not known");
  EXPECT_EQ(fault_of(" mul_sl_sl r0, r1, r2, small, 0"),
            "refused: thread 0 at instruction 0: `mul_sl_sl` with condition small: its predicate "
            "is known "
            "for mul_ul_ul only");
  EXPECT_EQ(
      fault_of(" move r1, 0x10000\n move r2, 1\n mul_ul_ul r0, r1, r2, small, 0"),
      "refused: thread 0 at instruction 2: `mul_ul_ul` with condition small on operands beyond 16 "
      "bits: its predicate is not known there");
  EXPECT_EQ(fault_of(" sub zero, one, 1\n addc r0, one, 0"),
            "refused: thread 0 at instruction 1: `addc` consumes a carry left by the other kind of "
            "operation: the polarity of a borrow is not known");
  EXPECT_EQ(
      fault_of(" mul_step d0, r2, d4, 0"),
      "refused: thread 0 at instruction 0: `mul_step` with different source and destination pairs: "
      "which accumulator it keeps is not known");
  EXPECT_EQ(fault_of(" release zero, 200, nz, 0"),
            "refused: thread 0 at instruction 0: `release` that targets another than the next "
            "instruction: when it branches is not known");
  EXPECT_EQ(
      fault_of(" stop z, 0"),
      "refused: thread 0 at instruction 0: `stop` with condition z: what it tests is not known");
  EXPECT_EQ(fault_of(" boot id, 64"),
            "refused: thread 0 at instruction 0: run bit 64 does not exist, there are 64");
}

TEST(Executor, EveryRefusedFormSaysWhy) {
  for (const Form& form : forms())
    if (form.refused) {
      EXPECT_GT(std::strlen(form.refused), 10u) << to_string(form.op);
    }
}

TEST(Executor, AnUndecodableWordIsUndefined) {
  Image image;
  image.segments.push_back({kIramBase, 8, 5, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0}});
  Executor dpu(*Program::from_image(image));
  EXPECT_EQ(dpu.run().what, "thread 0 at instruction 0: word ffffffffffff is no instruction");
}

TEST(Executor, TransfersCopyAndIgnoreTheLowAddressBits) {
  Executor dpu = load(R"(
        move    r0, buffer + 5
        move    r1, 0x08000000 + 16 + 3
        ldma    r0, r1, 0
        move    r2, 2
        lsl_add r0, r0, r2, 24
        move    r1, 1024
        sdma    r0, r1, 1
        stop    true, 0
.bss
buffer: .space 64
)");
  std::uint8_t in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[40];
  ASSERT_TRUE(dpu.write(Space::mram, 16, in));
  EXPECT_EQ(dpu.run().outcome, Outcome::finished);
  std::memset(out, 0xee, sizeof out);
  ASSERT_TRUE(dpu.read(Space::mram, 1024, out));
  EXPECT_EQ(std::memcmp(out, in, 8), 0);
  EXPECT_EQ(out[8], 0);
  EXPECT_EQ(dpu.counters().dma_read_bytes, 8u);
  EXPECT_EQ(dpu.counters().dma_write_bytes, 8u * (1 + 1 + 2));
}

// (imm + ra[31:24]) wraps at 256, so 255 + 1 transfers 8 bytes.
TEST(Executor, TransferLengthWraps) {
  Executor dpu = load(" move r0, 0x01000008\n move r1, 0\n ldma r0, r1, 255\n stop true, 0\n");
  EXPECT_EQ(dpu.run().outcome, Outcome::finished);
  EXPECT_EQ(dpu.counters().dma_read_bytes, 8u);
}

TEST(Executor, AtomicIndicesFoldModulo256) {
  Executor dpu = load(R"(
        move    r1, -56
        acquire r1, 0, nz, failed
        acquire zero, 200, nz, held
failed: fault   9
held:   release r1, 0, nz, . + 1
        acquire zero, 200, z, free
        fault   10
free:   stop    true, 0
)");
  const RunReport report = dpu.run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  EXPECT_TRUE(dpu.atomic_bit(200));
}

TEST(Executor, RunBitsReportTheirPreviousValue) {
  Executor dpu = load(R"(
        jnz     id, other
        resume  zero, 40, nz, bad
        resume  zero, 40, z, bad
        read_run zero, 40, z, bad
        clr_run zero, 40, z, bad
        read_run zero, 40, nz, bad
        boot    zero, 0, z, bad
        boot    zero, 1, nz, bad
        resume  one, 0, nz, .
        stop    true, end
bad:    fault   1
other:  stop
        jump    end
end:    stop    true, end
)");
  const RunReport report = dpu.run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  EXPECT_GT(dpu.counters().retries, 0u);
}

TEST(Executor, TheCounterShowsSixteenths) {
  Executor dpu = load(R"(
        move    r2, 5
        time_cfg r3, r2
        move    r1, 100
loop:   add     r1, r1, -1, nz, loop
        time    r0
        move    r2, 6
        time_cfg r4, r2
        time    r5
        stop    true, 0
)");
  EXPECT_EQ(dpu.run().outcome, Outcome::finished);
  EXPECT_EQ(dpu.register_value(0, 0), 102u / 16);
  EXPECT_EQ(dpu.register_value(0, 4), 104u / 16);
}

TEST(Executor, CallsLinkAndWrapAt16Bits) {
  Executor dpu = load(R"(
        call    r23, routine
        move    r4, 2
        call    r22, r4, -3 + routine - 1
        stop    true, 0
        nop
routine: add    r5, one, 1
        jump    r23
)");
  dpu.boot();
  dpu.step(0);
  EXPECT_EQ(dpu.register_value(0, 23), 1u);
  EXPECT_EQ(dpu.pc(0), 5);
}

TEST(Executor, AClockDrivesThreadsToTheirInteractions) {
  Executor dpu = load(R"(
        boot    id, 1
        move    r0, 4096
        move    r1, 64
        ldma    r0, r1, 3
        acquire zero, 201, nz, .
        stop    true, 5
)");
  dpu.boot();
  StepEvent event = dpu.step(0);
  EXPECT_EQ(event.kind, StepKind::boot);
  EXPECT_TRUE(event.success);
  EXPECT_EQ(event.bit, 1);
  EXPECT_EQ(dpu.running_threads(), 3u);
  EXPECT_EQ(dpu.next_kind(0), StepKind::alu);
  EXPECT_EQ(dpu.run_ahead(0, 100), 2u);
  EXPECT_EQ(dpu.next_kind(0), StepKind::dma_read);
  EXPECT_EQ(dpu.run_ahead(0, 100), 0u);
  event = dpu.step(0);
  EXPECT_EQ(event.kind, StepKind::dma_read);
  EXPECT_EQ(event.bytes, 32);
  EXPECT_EQ(event.wram, 4096u);
  EXPECT_EQ(event.mram, 64u);
  EXPECT_EQ(event.pc, 3);
  event = dpu.step(0);
  EXPECT_EQ(event.kind, StepKind::acquire);
  EXPECT_TRUE(event.success);
  EXPECT_EQ(event.bit, 201);
  dpu.step(1);
  EXPECT_EQ(dpu.run_ahead(1, 1), 1u);
  EXPECT_EQ(dpu.run_ahead(1, 5), 1u);
  dpu.step(1);
  event = dpu.step(1);
  EXPECT_EQ(event.kind, StepKind::acquire);
  EXPECT_FALSE(event.success);
  EXPECT_TRUE(event.retry);
  EXPECT_EQ(dpu.step(0).kind, StepKind::stop);
  EXPECT_FALSE(dpu.running(0));
  EXPECT_EQ(dpu.step(0).bytes, 0);
}

TEST(Executor, SymbolAccessIsBounded) {
  Executor dpu = load(" stop true, 0\n.host\nvalue: .word 1, 2\n");
  std::uint8_t bytes[12] = {};
  EXPECT_TRUE(dpu.read_symbol("value", 4, {bytes, 4}));
  EXPECT_EQ(bytes[0], 2);
  EXPECT_EQ(dpu.read_symbol("value", 0, bytes).error().message(),
            "bytes 0..12 of `value`, which has 8");
  EXPECT_EQ(dpu.read_symbol("other", 0, bytes).error().message(),
            "the executable has no symbol `other` in WRAM or MRAM");
  EXPECT_EQ(dpu.write(Space::wram, 65530, bytes).error().message(),
            "bytes 65530..65542 lie outside WRAM of 65536");
  EXPECT_TRUE(dpu.write_symbol("__sys_used_mram_end", 1024, bytes));
}

TEST(Executor, MramIsSparse) {
  Executor dpu = load(" stop true, 0\n");
  EXPECT_EQ(dpu.mram().resident_bytes(), 0u);
  std::uint8_t byte[1] = {7};
  ASSERT_TRUE(dpu.write(Space::mram, kMramBytes - 1, byte));
  EXPECT_EQ(dpu.mram().resident_bytes(), 65536u);
}

TEST(Executor, ZeroFilledMramTakesNoMemoryAndIsCleared) {
  Image image;
  image.segments.push_back({kIramBase, 8, 5, {0x00, 0x00, 0x00, 0x21, 0xf3, 0x7e, 0, 0}});
  image.segments.push_back({kMramBase, 1 << 20, 6, {1, 2, 3, 4}});
  Executor dpu(*Program::from_image(image));
  EXPECT_EQ(dpu.mram().resident_bytes(), 65536u);
  std::uint8_t bytes[8] = {9, 9, 9, 9, 9, 9, 9, 9};
  ASSERT_TRUE(dpu.write(Space::mram, 70000, bytes));
  ASSERT_TRUE(dpu.write(Space::mram, 0, bytes));
  dpu.load();
  ASSERT_TRUE(dpu.read(Space::mram, 70000, bytes));
  EXPECT_EQ(bytes[0], 0);
  ASSERT_TRUE(dpu.read(Space::mram, 0, bytes));
  EXPECT_EQ(bytes[3], 4);
  EXPECT_EQ(bytes[4], 0);
}

TEST(Executor, QuantaAndStepsReachTheSameState) {
  const std::string source = R"(
        jeq     id, 7, main
        boot    id, 1
main:   move    r0, 1
        move    r1, 50
again:  lsl_add r0, r0, id, 1
        xor     r0, r0, r1
        add     r1, r1, -1, nz, again
        sw      id4, results, r0
        stop    true, 0
.host
results: .space 32
)";
  std::uint8_t first[32] = {};
  for (std::uint32_t quantum : {1u, 3u, 4096u}) {
    Executor dpu = load(source);
    RunOptions options;
    options.quantum = quantum;
    EXPECT_EQ(dpu.run(options).issued, 8u * (1 + 2 + 150 + 2) + 7);
    std::uint8_t results[32];
    ASSERT_TRUE(dpu.read_symbol("results", 0, results));
    if (quantum == 1) std::memcpy(first, results, 32);
    EXPECT_EQ(std::memcmp(first, results, 32), 0);
  }
}

}  // namespace
}  // namespace pimjit::upmem
