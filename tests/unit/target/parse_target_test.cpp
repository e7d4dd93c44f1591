#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/target/toml_value.h"

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

// The machine of simple.toml with `more` behind it.
Result<TargetDesc> with(const std::string& more) {
  Result<std::string> text =
      read_text_file(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml", Origin::user);
  return parse_target(*text + more, "m.toml");
}

TEST(ParseTarget, PluginTableBecomesTexts) {
  const Result<TargetDesc> target = with(R"(
[plugin]
source = "manual"
confidence = "spec"
depth = 14
rate = 0.5
label = "x y"
on = true
sizes = [1, 2, 3]
[plugin.nested]
deep = 3
own = { value = 7, source = "paper", confidence = "measured" }
)");
  ASSERT_TRUE(target.has_value()) << target.error().message();
  const std::map<std::string, std::string> expected = {
      {"depth", "14"},    {"rate", "0.5"},      {"label", "x y"},   {"on", "true"},
      {"sizes", "1,2,3"}, {"nested.deep", "3"}, {"nested.own", "7"}};
  EXPECT_EQ(target->plugin, expected);
  ASSERT_TRUE(target->number_sources.contains("plugin.nested.own"));
  EXPECT_EQ(target->number_sources.at("plugin.nested.own").source, "paper");
  EXPECT_EQ(target->number_sources.at("plugin.nested.own").confidence, Confidence::measured);
}

TEST(ParseTarget, PluginTableWithoutNumbersNeedsNoSource) {
  const Result<TargetDesc> target = with("[plugin]\nlabel = \"x\"\n");
  EXPECT_TRUE(target.has_value()) << target.error().message();
}

TEST(ParseTarget, SingleNumbersWithASourceOfTheirOwn) {
  Result<std::string> text =
      read_text_file(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml", Origin::user);
  const std::string from = "capacity = 4096";
  const std::string to =
      "capacity = { value = 8192, source = \"sheet 3\", confidence = \"measured\" }";
  text->replace(text->find(from), from.size(), to);
  const Result<TargetDesc> target = parse_target(*text, "m.toml");
  ASSERT_TRUE(target.has_value()) << target.error().message();
  EXPECT_EQ(target->scopes[1].capacity, 8192);
  EXPECT_EQ(target->scopes[1].provenance.source, "invented for tests");
  EXPECT_EQ(target->number_sources.at("scope.scratch.capacity").source, "sheet 3");
}

TEST(ParseTarget, ModesAndIntrinsics) {
  const Result<TargetDesc> target = with(R"(
[[intrinsic]]
name = "mac"
level = "unit"
body = "a += b[k] * c[k]"
cost = 3.5
axes = { k = { max = 1024, multiple = 16 } }
source = "manual"
confidence = "spec"
[[mode]]
name = "fast"
enter_ns = 32
leave_ns = 16
needed_by = ["mac", "push"]
source = "manual"
confidence = "fitted"
)");
  ASSERT_TRUE(target.has_value()) << target.error().message();
  ASSERT_EQ(target->intrinsics.size(), 1u);
  EXPECT_EQ(target->intrinsics[0].level, 0);
  EXPECT_EQ(target->intrinsics[0].cost, 3.5);
  ASSERT_EQ(target->intrinsics[0].axes.size(), 1u);
  EXPECT_EQ(target->intrinsics[0].axes[0].max, 1024);
  EXPECT_EQ(target->intrinsics[0].axes[0].multiple, 16);
  ASSERT_EQ(target->modes.size(), 1u);
  EXPECT_EQ(target->modes[0].leave_ns, 16);
  EXPECT_EQ(target->modes[0].needed_by, (std::vector<std::string>{"mac", "push"}));
  EXPECT_EQ(target->modes[0].provenance.confidence, Confidence::fitted);
}

}  // namespace
}  // namespace pimjit
