#include "pimjit/plugins/upmem/assembler/builder.h"

#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem {
namespace {

std::uint32_t word_of(const Executor& dpu, const char* symbol, std::uint32_t offset = 0) {
  std::uint32_t value = 0;
  std::uint8_t bytes[4];
  const Status status = dpu.read_symbol(symbol, offset, bytes);
  EXPECT_TRUE(status) << status.error().message();
  std::memcpy(&value, bytes, 4);
  return value;
}

TEST(Builder, SumsAnArrayWithAFusedLoopBranch) {
  Builder b;
  const auto input = b.wram("input", 400, Placement::host);
  const auto output = b.wram("output", 8, Placement::host);
  b.emit("move", {reg(0), input});
  b.emit("move", {reg(1), 0});
  b.emit("move", {reg(2), 100});
  const Label loop = b.here();
  b.emit(Op::lw, {reg(3), reg(0), 0});
  b.emit(Op::add, {reg(1), reg(1), reg(3)});
  b.emit(Op::add, {reg(0), reg(0), 4});
  b.emit(Op::add, {reg(2), reg(2), -1, Condition::nz, loop});
  b.emit("move", {reg(0), output});
  b.emit(Op::sw, {reg(0), 0, reg(1)});
  const Label end = b.here();
  b.emit(Op::stop, {Condition::always, end});
  const auto elf = b.finish(1);
  ASSERT_TRUE(elf) << elf.error().message();

  auto dpu = Executor::from_elf(*elf);
  ASSERT_TRUE(dpu) << dpu.error().message();
  std::uint32_t data[100], sum = 0;
  for (std::uint32_t i = 0; i < 100; ++i) sum += data[i] = i * 2654435761u;
  ASSERT_TRUE(
      dpu->write_symbol("input", 0, {reinterpret_cast<const std::uint8_t*>(data), sizeof data}));
  const RunReport report = dpu->run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  EXPECT_EQ(report.issued, 3u + 400u + 3u);
  EXPECT_EQ(word_of(*dpu, "output"), sum);
  const Counters counters = dpu->counters();
  EXPECT_EQ(counters.by_kind[static_cast<int>(StepKind::load)], 100u);
  EXPECT_EQ(counters.by_kind[static_cast<int>(StepKind::store)], 1u);
  EXPECT_EQ(counters.by_kind[static_cast<int>(StepKind::stop)], 1u);
}

TEST(Builder, ReportsTheFirstMistakeAtTheEnd) {
  Builder b;
  b.emit(Op::add, {reg(0), reg(1), reg(2)});
  b.emit(Op::add, {reg(0), reg(1), 200, Condition::z, b.here()});
  b.emit(Op::lw, {reg(30), reg(0), 0});
  const auto elf = b.finish(1);
  ASSERT_FALSE(elf);
  EXPECT_EQ(
      elf.error().message(),
      "instruction 1: operand 3 of `add`: expected a register r0..r23, or a number -128..127");
}

TEST(Builder, RefusesAnUnboundLabel) {
  Builder b;
  b.emit("jump", {b.label()});
  EXPECT_EQ(b.finish(1).error().message(), "instruction 0: label 0 is never bound");
}

TEST(Builder, RefusesMoreThan4096Instructions) {
  Builder b;
  for (int i = 0; i < 4097; ++i) b.emit("nop", {});
  EXPECT_EQ(b.finish(1).error().message(), "the program has 4097 instructions, IRAM holds 4096");
}

TEST(Builder, RefusesWramOverflowWithTheNumbers) {
  Builder b;
  b.emit("nop", {});
  b.wram("big", 65536, Placement::reserved);
  EXPECT_EQ(b.finish(1).error().message(),
            "instruction 1: variable `big` of 65536 bytes at 8 does not fit, WRAM has 65536 bytes");
}

TEST(Builder, VariablesOfDifferentPlacementDoNotOverlap) {
  Builder b;
  b.emit("stop", {Condition::always, 0});
  const std::uint8_t one[] = {1, 2, 3, 4};
  EXPECT_EQ(b.wram("a", 4, Placement::data, 4, one), 8u);
  EXPECT_EQ(b.wram("b", 4, Placement::data, 4, one), 12u);
  EXPECT_EQ(b.wram("c", 4, Placement::reserved, 4), 16u);
  EXPECT_EQ(b.wram("d", 4, Placement::host, 4, one), 24u);
  EXPECT_EQ(b.mram("m", 12, 8, one), 0u);
  EXPECT_EQ(b.mram("n", 8), 16u);
  const auto elf = b.finish(3);
  ASSERT_TRUE(elf) << elf.error().message();
  const auto dpu = Executor::from_elf(*elf);
  ASSERT_TRUE(dpu);
  EXPECT_EQ(word_of(*dpu, "b"), 0x04030201u);
  EXPECT_EQ(word_of(*dpu, "m"), 0x04030201u);
  const Image& image = dpu->program().image();
  EXPECT_EQ(image.find_for_host("a"), nullptr);
  EXPECT_NE(image.find_for_host("d"), nullptr);
  EXPECT_EQ(image.find("NR_TASKLETS")->value, 3u);
  EXPECT_EQ(image.find_for_host("__sys_used_mram_end")->value, kMramBase + 24);
}

}  // namespace
}  // namespace pimjit::upmem
