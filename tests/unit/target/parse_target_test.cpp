#include <gtest/gtest.h>

#include "pimjit/core/target/target_desc.h"

namespace pimjit {
namespace {

TargetDesc sample(const std::string& name) {
  Result<TargetDesc> target = load_target(PIMJIT_SOURCE_DIR "/tests/targets/" + name + ".toml");
  EXPECT_TRUE(target.has_value()) << (target ? "" : target.error().message());
  return target ? *target : TargetDesc{};
}

TEST(ParseTarget, UnitsAndThreads) {
  const TargetDesc target = sample("simple");
  ASSERT_EQ(target.levels.size(), 2u);
  EXPECT_EQ(target.id, "simple");
  EXPECT_EQ(target.clock_mhz, 400);
  EXPECT_EQ(target.levels[0].count, 64);
  EXPECT_TRUE(target.levels[1].barrier);
  EXPECT_EQ(target.levels[1].kind, LevelKind::independent);
  EXPECT_EQ(target.home_scope(), target.find_scope("bank"));
  EXPECT_EQ(target.unit_level(), 0);
  EXPECT_EQ(target.issue_level(), 1);
  EXPECT_EQ(target.instances(1), 512);
  EXPECT_EQ(target.instances(-1), 1);
  const int load = target.find_link(target.find_scope("bank"), target.find_scope("scratch"));
  ASSERT_GE(load, 0);
  EXPECT_EQ(target.links[load].max_bytes, 2048);
  EXPECT_EQ(target.links[load].multiple, 8);
  EXPECT_EQ(target.links[load].cost.ns_per_byte, 1.5);
  EXPECT_EQ(target.links[load].resource, "load");
  const Link& push = target.links[target.find_link(kHost, target.home_scope())];
  EXPECT_TRUE(push.broadcast);
  EXPECT_EQ(push.resource, "bus");
  EXPECT_EQ(target.reduction_stages, (std::vector<int>{1, kHost}));
  EXPECT_EQ(target.numeric(DType::i32, NumericOp::mul).support, Support::emulated);
  EXPECT_EQ(target.numeric(DType::i32, NumericOp::mul).cost, 32);
  EXPECT_EQ(target.numeric(DType::f32, NumericOp::mod).support, Support::absent);
  EXPECT_EQ(target.numeric(DType::b1, NumericOp::add).support, Support::absent);
  EXPECT_EQ(target.limits.params, 16);
  EXPECT_EQ(target.limits.program_bytes, INT64_MAX);
  EXPECT_EQ(target.host.launch_per_unit_ns, 20);
  EXPECT_EQ(target.levels[0].provenance.source, "invented for tests");
  EXPECT_EQ(target.links[load].provenance.confidence, Confidence::guess);
}

TEST(ParseTarget, Lockstep) {
  const TargetDesc target = sample("lockstep");
  ASSERT_EQ(target.levels.size(), 1u);
  EXPECT_EQ(target.levels[0].kind, LevelKind::lockstep);
  EXPECT_EQ(target.levels[0].select, Selection::all);
  EXPECT_FALSE(target.limits.control_flow);
  EXPECT_EQ(target.home_scope(), target.find_scope("cell"));
  EXPECT_EQ(target.unit_level(), 0);
  EXPECT_EQ(target.issue_level(), -1);
  const Scope& buffer = target.scopes[target.find_scope("gb")];
  EXPECT_EQ(buffer.level, -1);
  EXPECT_TRUE(buffer.element_access);
  EXPECT_FALSE(buffer.element_writes);
  EXPECT_EQ(buffer.host, HostAccess::broadcast);
}

TEST(ParseTarget, DirectMemoryIsOneUnit) {
  const TargetDesc target = sample("direct");
  EXPECT_EQ(target.home_scope(), target.find_scope("memory"));
  EXPECT_EQ(target.unit_level(), -1);
  EXPECT_EQ(target.levels[1].combine, CombineSet{1u << 1 | 1u << 3 | 1u << 4});
  EXPECT_EQ(target.reduction_stages, (std::vector<int>{1, 0, kHost}));
  EXPECT_EQ(target.numeric_rules.at(DType::f32).order, SumOrder::tree);
  EXPECT_TRUE(target.numeric_rules.at(DType::f32).fused);
}

}  // namespace
}  // namespace pimjit
