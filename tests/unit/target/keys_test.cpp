#include <functional>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {
namespace {

TargetDesc simple() {
  Result<TargetDesc> target = load_target(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml");
  EXPECT_TRUE(target.has_value()) << (target ? "" : target.error().message());
  target->modes.push_back({"fast", 1, 2, {"push"}, {}});
  target->intrinsics.push_back({"mac", "a += b * c", 0, 3, {{"k", 64, 8}}, {}});
  return *target;
}

using Edit = std::function<void(TargetDesc&)>;

// Every field, and which of the keys it belongs to.
const Edit kLegality[] = {
    [](TargetDesc& t) { t.levels[0].name = "u"; },
    [](TargetDesc& t) { t.levels[0].kind = LevelKind::time; },
    [](TargetDesc& t) { t.levels[0].count = 65; },
    [](TargetDesc& t) { t.levels[0].select = Selection::mask; },
    [](TargetDesc& t) { t.levels[1].barrier = false; },
    [](TargetDesc& t) { t.levels[1].combine = 2; },
    [](TargetDesc& t) { t.scopes[0].name = "b"; },
    [](TargetDesc& t) { t.scopes[0].level = -1; },
    [](TargetDesc& t) { t.scopes[0].capacity *= 2; },
    [](TargetDesc& t) { t.scopes[0].reserved = 8; },
    [](TargetDesc& t) { t.scopes[0].reserved_per_instance = 8; },
    [](TargetDesc& t) { t.scopes[0].granule = 4; },
    [](TargetDesc& t) { t.scopes[0].alignment = 16; },
    [](TargetDesc& t) { t.scopes[1].element_access = false; },
    [](TargetDesc& t) { t.scopes[1].element_writes = false; },
    [](TargetDesc& t) { t.scopes[1].host = HostAccess::copy; },
    [](TargetDesc& t) { t.links[0].name = "p"; },
    [](TargetDesc& t) { t.links[0].from = 1; },
    [](TargetDesc& t) { t.links[0].to = 1; },
    [](TargetDesc& t) { t.links[0].min_bytes = 16; },
    [](TargetDesc& t) { t.links[0].max_bytes = 16; },
    [](TargetDesc& t) { t.links[0].multiple = 16; },
    [](TargetDesc& t) { t.links[0].alignment = 16; },
    [](TargetDesc& t) { t.links[0].equal_sizes = false; },
    [](TargetDesc& t) { t.links[0].broadcast = false; },
    [](TargetDesc& t) { t.reduction_stages.pop_back(); },
    [](TargetDesc& t) { t.numerics.erase(DType::i8); },
    [](TargetDesc& t) { t.numerics[DType::i8][2].support = Support::emulated; },
    [](TargetDesc& t) { t.numeric_rules[DType::f32].order = SumOrder::any; },
    [](TargetDesc& t) { t.numeric_rules[DType::f32].fused = true; },
    [](TargetDesc& t) { t.limits.program_bytes = 1; },
    [](TargetDesc& t) { t.limits.program_ops = 1; },
    [](TargetDesc& t) { t.limits.stack_bytes = 1; },
    [](TargetDesc& t) { t.limits.params = 1; },
    [](TargetDesc& t) { t.limits.buffers = 1; },
    [](TargetDesc& t) { t.limits.loop_depth = 1; },
    [](TargetDesc& t) { t.limits.control_flow = false; },
    [](TargetDesc& t) { t.limits.loops = false; },
    [](TargetDesc& t) { t.intrinsics[0].name = "m"; },
    [](TargetDesc& t) { t.intrinsics[0].body = "a += b"; },
    [](TargetDesc& t) { t.intrinsics[0].level = 1; },
    [](TargetDesc& t) { t.intrinsics[0].axes[0].name = "j"; },
    [](TargetDesc& t) { t.intrinsics[0].axes[0].max = 1; },
    [](TargetDesc& t) { t.intrinsics[0].axes[0].multiple = 1; },
    [](TargetDesc& t) { t.modes[0].name = "m"; },
    [](TargetDesc& t) { t.modes[0].needed_by.clear(); },
};
const Edit kCosts[] = {
    [](TargetDesc& t) { t.origin = TimeOrigin::measured; },
    [](TargetDesc& t) { t.clock_mhz = 401; },
    [](TargetDesc& t) { t.levels[1].issue_interval = 2; },
    [](TargetDesc& t) { t.links[0].parallel_units = 1; },
    [](TargetDesc& t) { t.links[0].broadcast_costs_per_unit = false; },
    [](TargetDesc& t) { t.links[0].blocking = false; },
    [](TargetDesc& t) { t.links[0].resource = "b"; },
    [](TargetDesc& t) { t.links[0].cost.fixed_ns = 1; },
    [](TargetDesc& t) { t.links[0].cost.per_unit_ns = 1; },
    [](TargetDesc& t) { t.links[0].cost.ns_per_byte = 1; },
    [](TargetDesc& t) {
      t.links[0].cost.table = {{8, 0.5}};
    },
    [](TargetDesc& t) { t.numerics[DType::i8][2].cost = 9; },
    [](TargetDesc& t) { t.host.threads = 9; },
    [](TargetDesc& t) { t.host.copy_bytes_per_ns = 9; },
    [](TargetDesc& t) { t.host.pack_bytes_per_ns = 9; },
    [](TargetDesc& t) { t.host.reduce_bytes_per_ns = 9; },
    [](TargetDesc& t) { t.host.scalar_ops_per_ns = 9; },
    [](TargetDesc& t) { t.host.call_ns = 9; },
    [](TargetDesc& t) { t.host.launch_ns = 9; },
    [](TargetDesc& t) { t.host.launch_per_unit_ns = 9; },
    [](TargetDesc& t) { t.intrinsics[0].cost = 9; },
    [](TargetDesc& t) { t.modes[0].enter_ns = 9; },
    [](TargetDesc& t) { t.modes[0].leave_ns = 9; },
    [](TargetDesc& t) { t.plugin["depth"] = "9"; },
};
const Edit kNeither[] = {
    [](TargetDesc& t) { t.id = "other"; },
    [](TargetDesc& t) { t.summary = "other"; },
    [](TargetDesc& t) {
      t.levels[0].provenance = {"other", Confidence::fitted};
    },
    [](TargetDesc& t) {
      t.number_sources["level.unit.count"] = {"other", Confidence::fitted};
    },
};

TEST(Keys, LegalityIsInBoth) {
  const TargetDesc before = simple();
  for (size_t i = 0; i < std::size(kLegality); ++i) {
    TargetDesc after = before;
    kLegality[i](after);
    EXPECT_NE(structure_key(after), structure_key(before)) << i;
    EXPECT_NE(model_key(after, "b"), model_key(before, "b")) << i;
  }
}

TEST(Keys, CostsAreInTheModelKeyOnly) {
  const TargetDesc before = simple();
  for (size_t i = 0; i < std::size(kCosts); ++i) {
    TargetDesc after = before;
    kCosts[i](after);
    EXPECT_EQ(structure_key(after), structure_key(before)) << i;
    EXPECT_NE(model_key(after, "b"), model_key(before, "b")) << i;
  }
  EXPECT_NE(model_key(before, "b"), model_key(before, "c"));
}

TEST(Keys, NamesAndSourcesAreInNeither) {
  const TargetDesc before = simple();
  for (size_t i = 0; i < std::size(kNeither); ++i) {
    TargetDesc after = before;
    kNeither[i](after);
    EXPECT_EQ(model_key(after, "b"), model_key(before, "b")) << i;
  }
}

TEST(Keys, AreVersionedAndPrintable) {
  const TargetDesc target = simple();
  EXPECT_EQ(structure_key(target).substr(0, 3), "s1-");
  EXPECT_EQ(model_key(target, "").substr(0, 3), "m1-");
  EXPECT_NE(structure_text(target).find("scope bank at=unit capacity=1048576 reserved=0 "
                                        "per_instance=0 granule=8 alignment=8 elements=none "
                                        "host=copy\n"),
            std::string::npos);
  EXPECT_NE(structure_text(target).find("link load bank->scratch min=8 max=2048 multiple=8"),
            std::string::npos);
}

}  // namespace
}  // namespace pimjit
