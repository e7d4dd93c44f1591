#include "pimjit/plugins/cpu/machine.h"

#include <gtest/gtest.h>

#include "pimjit/core/target/target_desc.h"
#include "pimjit/tests/support/built_target.h"

namespace pimjit::cpu {
namespace {

constexpr const char* kDescription = R"(# a comment
schema = 1
[[level]]
name = "core"
count = 64
source = "s"
confidence = "spec"
[[level]]
name = "lane"
count = 4
source = "s"
confidence = "spec"
[[scope]]
name = "near"
capacity = 262_144
source = "s"
confidence = "spec"
[[scope]]
name = "registers"
capacity = 256
source = "s"
confidence = "spec"
[host]
threads = 2
)";

TEST(CpuMachine, FiguresOfTheMachineReplaceThoseOfTheDescription) {
  EXPECT_EQ(adapt_description(kDescription, {64, 32, 1 << 19, 24}), R"(# a comment
schema = 1
[[level]]
name = "core"
count = 64
source = "s"
confidence = "spec"
[[level]]
name = "lane"
count = 16
source = "read from this machine"
confidence = "measured"
[[scope]]
name = "near"
capacity = 262144
source = "read from this machine"
confidence = "measured"
[[scope]]
name = "registers"
capacity = 2048
source = "read from this machine"
confidence = "measured"
[host]
threads = 24
)");
}

TEST(CpuMachine, WhatTheMachineDoesNotSayStaysAsItIs) {
  EXPECT_EQ(adapt_description(kDescription, {}), kDescription);
}

TEST(CpuMachine, LocalBuffersStayWithinTheStacksOfSmallThreads) {
  EXPECT_NE(
      adapt_description(kDescription, {0, 0, int64_t{64} << 20, 0}).find("capacity = 524288\n"),
      std::string::npos);
}

TEST(CpuMachine, DescriptionsNeedNotHaveWhatIsReplaced) {
  EXPECT_EQ(adapt_description("schema = 1\n", {64, 32, 1 << 19, 24}), "schema = 1\n");
}

TEST(CpuMachine, TheTargetHasThisMachinesFigures) {
  const Machine machine = this_machine();
  ASSERT_GE(machine.vector_bytes, 16);
  ASSERT_GE(machine.threads, 1);
  const OpenTarget cpu = test::built_target("cpu");
  const TargetDesc& described = *cpu.description;
  EXPECT_EQ(described.levels[static_cast<size_t>(described.find_level("lane"))].count,
            machine.vector_bytes / 4);
  EXPECT_EQ(described.scopes[static_cast<size_t>(described.find_scope("registers"))].capacity,
            machine.vector_registers * machine.vector_bytes);
  EXPECT_EQ(described.host.threads, machine.threads);
  EXPECT_EQ(test::built_target("cpu:threads=1").description->host.threads, 1);
  // Options of the user's come last.
  const OpenTarget narrow = test::built_target("cpu:lane=4");
  EXPECT_EQ(narrow.description->levels.back().count, 4);
}

}  // namespace
}  // namespace pimjit::cpu
