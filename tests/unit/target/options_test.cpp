#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {
namespace {

TargetDesc sample(const std::map<std::string, std::string>& options) {
  Result<TargetDesc> target = load_target(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml");
  EXPECT_TRUE(target.has_value());
  target->plugin["depth"] = "14";
  const Status status = apply_options(*target, options);
  EXPECT_TRUE(status.has_value()) << status.error().message();
  return *target;
}

TEST(Options, LevelCountsByNameWithAndWithoutS) {
  EXPECT_EQ(sample({{"unit", "7"}}).levels[0].count, 7);
  EXPECT_EQ(sample({{"threads", "3"}}).levels[1].count, 3);
  EXPECT_EQ(sample({{"level.thread.count", "5"}}).levels[1].count, 5);
}

TEST(Options, DottedKeys) {
  const TargetDesc target = sample({{"clock_mhz", "350.5"},
                                    {"scope.bank.capacity", "2048"},
                                    {"link.load.max_bytes", "1024"},
                                    {"link.load.cost.ns_per_byte", "0.25"},
                                    {"limits.params", "4"},
                                    {"host.threads", "2"},
                                    {"host.copy_bytes_per_ns", "1.5"}});
  EXPECT_EQ(target.clock_mhz, 350.5);
  EXPECT_EQ(target.scopes[0].capacity, 2048);
  EXPECT_EQ(target.links[2].max_bytes, 1024);
  EXPECT_EQ(target.links[2].cost.ns_per_byte, 0.25);
  EXPECT_EQ(target.limits.params, 4);
  EXPECT_EQ(target.host.threads, 2);
  EXPECT_EQ(target.host.copy_bytes_per_ns, 1.5);
}

TEST(Options, PluginKeysTakeAnyText) {
  EXPECT_EQ(sample({{"depth", "deep"}}).plugin.at("depth"), "deep");
}

TEST(Options, PluginEntriesMayReferToOtherNumbers) {
  TargetDesc target = sample({});
  target.links[0].cost = {2000, 10, 0.25, {{8, 1}, {64, 2.5}}, {{1, 0.5}}};
  target.plugin_references = {{"units", "level.unit.count"}, {"cost", "link.push.cost"}};
  ASSERT_TRUE(apply_options(target, {{"units", "7"}}).has_value());
  EXPECT_EQ(target.plugin.at("units"), "7");
  EXPECT_EQ(target.plugin.at("cost"),
            "fixed_ns=2000 per_unit_ns=10 ns_per_byte=0.25 table=8:1,64:2.5 units=1:0.5");
  // Not an option by itself.
  EXPECT_FALSE(apply_options(target, {{"cost", "1"}}).has_value());
  target.plugin_references = {{"units", "level.unit.cound"}};
  const Status status = apply_options(target, {});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().what,
            "plugin.units refers to \"level.unit.cound\", which is no number of this description");
}

TEST(Options, LeaveTheirSource) {
  const TargetDesc target = sample({{"units", "7"}, {"depth", "1"}, {"clock_mhz", "1"}});
  EXPECT_EQ(target.number_sources.size(), 3u);
  EXPECT_EQ(target.number_sources.at("level.unit.count").source, "option of the target string");
  EXPECT_TRUE(target.number_sources.contains("plugin.depth"));
  EXPECT_TRUE(target.number_sources.contains("target.clock_mhz"));
}

TEST(Options, ChangeTheKeysTheyShould) {
  EXPECT_NE(structure_key(sample({{"units", "7"}})), structure_key(sample({})));
  EXPECT_EQ(structure_key(sample({{"depth", "7"}})), structure_key(sample({})));
  EXPECT_NE(model_key(sample({{"depth", "7"}}), ""), model_key(sample({}), ""));
}

}  // namespace
}  // namespace pimjit
