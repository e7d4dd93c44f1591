// Descriptions that did not come from a file: check_target alone has to catch what is wrong.
#include <functional>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {
namespace {

TargetDesc sample(const std::string& name) {
  Result<TargetDesc> target = load_target(PIMJIT_SOURCE_DIR "/tests/targets/" + name + ".toml");
  EXPECT_TRUE(target.has_value()) << (target ? "" : target.error().message());
  return *target;
}

struct Case {
  std::string name, sample;
  std::function<void(TargetDesc&)> spoil;
  std::string where, what;
};

const Case kCases[] = {
    {"NoLevels", "simple", [](TargetDesc& t) { t.levels.clear(); }, "level",
     "a target needs at least one level"},
    {"NoTypes", "simple", [](TargetDesc& t) { t.numerics.clear(); }, "numerics",
     "the target computes with no type at all"},
    {"NoInstances", "simple", [](TargetDesc& t) { t.levels[1].count = 0; }, "level.thread.count",
     "level thread has 0 instances; at least 1"},
    {"TooManyInstances", "simple",
     [](TargetDesc& t) { t.levels[0].count = t.levels[1].count = int64_t{1} << 31; },
     "level.thread.count", "down to thread there are more than 1099511627776 instances"},
    {"IndependentBelowLane", "simple", [](TargetDesc& t) { t.levels[0].kind = LevelKind::lane; },
     "level.thread.kind", "independent level thread stands below unit, which is lane"},
    {"BadName", "simple", [](TargetDesc& t) { t.levels[0].name = "Unit"; }, "level.Unit",
     "\"Unit\" is not a name"},
    {"ReservedName", "simple", [](TargetDesc& t) { t.scopes[0].name = "host"; }, "scope.host",
     "\"host\" has a meaning of its own"},
    {"TwoOfAName", "simple", [](TargetDesc& t) { t.scopes[1].name = "bank"; }, "scope.bank",
     "two scopes are called \"bank\""},
    {"ScopeAtNoLevel", "simple", [](TargetDesc& t) { t.scopes[0].level = 2; }, "scope.bank.at",
     "scope bank is at no level"},
    {"NoCapacity", "simple", [](TargetDesc& t) { t.scopes[0].capacity = 0; }, "scope.bank.capacity",
     "scope bank has a negative size or none"},
    {"NoGranule", "simple", [](TargetDesc& t) { t.scopes[0].granule = 0; }, "scope.bank.granule",
     "scope.bank.granule is 0; it must be a power of two"},
    {"AlignmentBelowGranule", "simple", [](TargetDesc& t) { t.scopes[0].alignment = 4; },
     "scope.bank.alignment",
     "scope.bank.alignment is 4, not a multiple of scope.bank.granule, which is 8"},
    {"StacksFillTheScope", "simple", [](TargetDesc& t) { t.scopes[1].reserved_per_instance = 512; },
     "scope.scratch.reserved",
     "scope scratch reserves 4096 of its 4096 bytes with 8 running; nothing is left"},
    {"LinkToNowhere", "simple", [](TargetDesc& t) { t.links[2].to = 7; }, "link.load",
     "link load ends at no known scope"},
    {"MultipleNoPower", "simple", [](TargetDesc& t) { t.links[2].multiple = 24; },
     "link.load.multiple", "link.load.multiple is 24; it must be a power of two"},
    {"AlignmentBelowGranuleOfEnd", "simple", [](TargetDesc& t) { t.links[2].alignment = 4; },
     "link.load.alignment",
     "link.load.alignment is 4, not a multiple of scope.scratch.granule, which is 8"},
    {"MinimumNoMultiple", "simple", [](TargetDesc& t) { t.links[2].min_bytes = 12; },
     "link.load.min_bytes",
     "link.load.min_bytes is 12, not a multiple of link.load.multiple, which is 8"},
    {"MaximumNoMultiple", "simple", [](TargetDesc& t) { t.links[2].max_bytes = 2047; },
     "link.load.max_bytes",
     "link.load.max_bytes is 2047, not a multiple of link.load.multiple, which is 8"},
    {"DeviceLinkWithUnits", "simple", [](TargetDesc& t) { t.links[2].parallel_units = 2; },
     "link.load.parallel_units",
     "link load does not touch the host and cannot have `parallel_units`"},
    {"NoWayIn", "simple", [](TargetDesc& t) { t.links.erase(t.links.begin()); }, "scope.bank",
     "there is no link from the host to bank"},
    {"NoWayToCompute", "simple", [](TargetDesc& t) { t.links.erase(t.links.begin() + 2); },
     "scope.bank", "kernels cannot compute on what is in bank"},
    {"NoWayFromCompute", "simple", [](TargetDesc& t) { t.links.pop_back(); }, "scope.bank",
     "kernels cannot compute on what is in bank"},
    {"StagesInWrongOrder", "direct",
     [](TargetDesc& t) {
       t.reduction_stages = {0, 1, kHost};
     },
     "reduction.stages", "stage lane is not outside of the stage before it"},
    {"StageWithoutBarrier", "simple", [](TargetDesc& t) { t.levels[1].barrier = false; },
     "reduction.stages", "level thread has no way to combine partial results"},
    {"StageWithoutSharedScope", "simple", [](TargetDesc& t) { t.scopes[1].level = 1; },
     "reduction.stages", "level thread has no way to combine partial results"},
    {"ReadOfABroadcastScope", "lockstep",
     [](TargetDesc& t) {
       t.links[2].from = t.links[2].to;
       t.links[2].to = kHost;
     },
     "link.write_gb", "link write_gb reads a scope that is only written: gb"},
    {"BroadcastScopeWithoutBroadcast", "lockstep",
     [](TargetDesc& t) { t.links[2].broadcast = false; }, "link.write_gb",
     "link write_gb has to broadcast to gb"},
    {"NoHome", "direct", [](TargetDesc& t) { t.scopes[0].host = HostAccess::none; }, "scope",
     "no scope can hold tensors"},
    {"LinkToDirectMemory", "direct",
     [](TargetDesc& t) {
       t.links[0].from = kHost;
       t.links[0].to = 0;
     },
     "link.fetch", "link fetch copies what is host memory anyway: memory"},
    {"BarrierOfLanes", "direct", [](TargetDesc& t) { t.levels[1].barrier = true; },
     "level.lane.barrier", "level lane is lane; only independent levels have a barrier"},
    {"IssueIntervalOfLanes", "direct", [](TargetDesc& t) { t.levels[1].issue_interval = 2; },
     "level.lane.issue_interval",
     "level lane, which is lane, has an issue interval of 2 slots; at least 1, and only "
     "independent levels have one"},
    {"IssueIntervalBelowOne", "simple", [](TargetDesc& t) { t.levels[1].issue_interval = 0.5; },
     "level.thread.issue_interval",
     "level thread, which is independent, has an issue interval of 0.5 slots; at least 1, and only "
     "independent levels have one"},
    {"HostWithoutThreads", "direct", [](TargetDesc& t) { t.host.threads = 0; }, "host.threads",
     "host.threads is 0; it must be at least 1"},
};

TEST(CheckTarget, SaysWhatIsWrongAndWhere) {
  for (const Case& c : kCases) {
    TargetDesc target = sample(c.sample);
    ASSERT_TRUE(check_target(target).has_value());
    c.spoil(target);
    const Status status = check_target(target);
    ASSERT_FALSE(status.has_value()) << c.name;
    EXPECT_EQ(status.error().origin, Origin::user) << c.name;
    EXPECT_EQ(status.error().where, c.where) << c.name;
    EXPECT_EQ(status.error().what, c.what) << c.name;
  }
}

TEST(CheckTarget, IntrinsicsCanComputeWithoutElementAccess) {
  TargetDesc target = sample("simple");
  target.links.pop_back();
  target.intrinsics.push_back({"mac", "a += b", 0, 1, {}, {}});
  EXPECT_TRUE(check_target(target).has_value());
  target.intrinsics[0].level = 9;
  EXPECT_EQ(check_target(target).error().what, "intrinsic mac is at no known level");
}

TEST(HomeScope, IsTheLargestOverTheWholeMachine) {
  TargetDesc target = sample("simple");
  Scope shared{};
  shared.name = "shared";
  shared.level = -1;
  shared.host = HostAccess::copy;
  shared.capacity = 63 * target.scopes[0].capacity;
  target.scopes.push_back(shared);
  EXPECT_EQ(target.home_scope(), 0);
  target.scopes[2].capacity = 64 * target.scopes[0].capacity;
  EXPECT_EQ(target.home_scope(), 0);
  target.scopes[2].capacity = 65 * target.scopes[0].capacity;
  EXPECT_EQ(target.home_scope(), 2);
  EXPECT_EQ(target.unit_level(), -1);
}

}  // namespace
}  // namespace pimjit
