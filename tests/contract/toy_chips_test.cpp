// The two toy chips keep the plugin contract, and are the machines of tests/targets.
#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/conformance.h"
#include "pimjit/core/plugin/plugin.h"

namespace pimjit {
namespace {

const std::string kFolder = PIMJIT_BINARY_DIR "/tests/plugins/";

std::vector<std::string> skipped(const ConformanceReport& report) {
  std::vector<std::string> names;
  for (const CheckResult& check : report.checks) {
    if (check.outcome == CheckOutcome::skipped) names.push_back(check.group + '.' + check.name);
  }
  return names;
}

ConformanceReport report_on(const std::string& name) {
  const auto target = load_target(kFolder + name + ".toml");
  EXPECT_TRUE(target) << target.error().message();
  const auto plugin = load_plugin(kFolder + name + ".so", target->plugin);
  EXPECT_TRUE(plugin) << plugin.error().message();
  auto report = check_plugin(*plugin, *target);
  EXPECT_TRUE(report) << report.error().message();
  return *report;
}

TEST(ToyChips, ToyConforms) {
  const ConformanceReport report = report_on("toy");
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(skipped(report), (std::vector<std::string>{"copy.broadcast_scope", "events.cancel"}));
  EXPECT_GE(report.count(CheckOutcome::pass), 65);
}

TEST(ToyChips, LockstepConforms) {
  const ConformanceReport report = report_on("lockstep");
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(skipped(report),
            (std::vector<std::string>{"memory.unreachable_scope", "events.cancel",
                                      "launch.unit_sub_range", "launch.run_time_bounds"}));
}

TEST(ToyChips, ToyIsTheSimpleMachine) {
  const auto toy = load_target(kFolder + "toy.toml");
  const auto simple = load_target(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml");
  ASSERT_TRUE(toy && simple);
  // All but the tables of arithmetic and limits, which the toy keeps short.
  const auto geometry = [](const TargetDesc& target) {
    std::istringstream lines(structure_text(target));
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      const bool other = line.rfind("numerics", 0) == 0 || line.rfind("limits", 0) == 0;
      if (!other) kept += line + '\n';
    }
    return kept;
  };
  EXPECT_EQ(geometry(*toy), geometry(*simple));
}

// Kernels for the lockstep chip with one buffer of cells.
Kernel lockstep_kernel(const TargetDesc& target, const std::function<Stmt(Kernel&)>& body) {
  Kernel kernel;
  kernel.name = "k";
  kernel.levels = {{"bank", LevelKind::lockstep, 16}};
  for (const Scope& scope : target.scopes) kernel.scopes.push_back({scope.name, scope.level});
  kernel.params = {{"A_base", DType::i64}, {"n", DType::i32}};
  kernel.buffers.push_back({"A", DType::i32, 0, 64, BufferKind::device, 0, 32, true, {}});
  kernel.body = body(kernel);
  return kernel;
}

Expr i32(int64_t value) {
  return make_int(DType::i32, value);
}

struct LockstepChip : ::testing::Test {
  LockstepChip()
      : target(*load_target(kFolder + "lockstep.toml")),
        plugin(*load_plugin(kFolder + "lockstep.so")) {}

  std::vector<PluginReason> reasons(const Kernel& kernel) const {
    const auto bytes = serialize(kernel);
    auto reasons = plugin.check(std::as_bytes(std::span(*bytes)));
    EXPECT_TRUE(reasons) << reasons.error().message();
    return *reasons;
  }

  Status run(const Kernel& kernel) const {
    const auto bytes = serialize(kernel);
    const auto image = plugin.build_kernel(std::as_bytes(std::span(*bytes)));
    if (!image) return fail(image.error());
    const auto device = plugin.open();
    const auto memory = device->alloc(0, 256, 32);
    const auto module = device->load(image->bytes);
    if (!module) return fail(module.error());
    std::vector<uint8_t> zeros(256);
    CopyRequest copy;
    copy.memory = *memory;
    copy.bytes = 256;
    copy.unit_count = 16;
    copy.broadcast = zeros.data();
    const auto cleared = device->copy(copy);
    const std::vector<int64_t> arguments = {static_cast<int64_t>(memory->base()), 3};
    const std::vector<Event> after = {*cleared};
    LaunchRequest launch;
    launch.module = *module;
    launch.unit_count = 16;
    launch.arguments = arguments;
    launch.after = after;
    const auto event = device->launch(launch);
    return event ? event->wait() : fail(event.error());
  }

  TargetDesc target;
  Plugin plugin;
};

TEST_F(LockstepChip, RefusesConditions) {
  const auto found = reasons(lockstep_kernel(target, [](Kernel&) {
    const Expr condition = make_binary(BinaryOp::lt, make_param(DType::i32, 1), i32(2));
    return make_if(condition, make_store(0, i32(0), i32(1)));
  }));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "condition");
  EXPECT_EQ(found[0].message, "one command stream has no conditions; pad instead");
}

TEST_F(LockstepChip, RefusesRunTimeTripCounts) {
  const auto found = reasons(lockstep_kernel(target, [](Kernel& kernel) {
    const int var = kernel.add_var("i", DType::i32);
    return make_for(var, i32(0), make_param(DType::i32, 1), LoopKind::serial, 0,
                    make_store(0, i32(0), i32(1)));
  }));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "run_time_trip_count");
  EXPECT_EQ(found[0].place, "i");
}

TEST_F(LockstepChip, FaultsWhenBanksNeedDifferentAddresses) {
  const Status status = run(lockstep_kernel(
      target, [](Kernel&) { return make_store(0, make_level_index(DType::i32, 0), i32(1)); }));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "device_fault");
  EXPECT_EQ(status.error().what,
            "kernel 'k', bank 1: command 0: bank 0 stores byte 0 of its cells, this one stores "
            "byte 4 of its cells");
}

TEST_F(LockstepChip, FaultsWhenBanksNeedDifferentCommands) {
  const Status status = run(lockstep_kernel(target, [](Kernel&) {
    const Expr first = make_binary(BinaryOp::lt, make_level_index(DType::i32, 0), i32(1));
    return make_store(0, i32(0), make_select(first, make_load(DType::i32, 0, i32(1)), i32(5)));
  }));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "device_fault");
  EXPECT_EQ(status.error().what,
            "kernel 'k', bank 1: command 0: bank 0 loads byte 4 of its cells, this one stores byte "
            "0 of its cells");
}

TEST_F(LockstepChip, RunsWhatIsTheSameEverywhere) {
  const Status status = run(lockstep_kernel(
      target, [](Kernel&) { return make_store(0, i32(3), make_level_index(DType::i32, 0)); }));
  EXPECT_TRUE(status) << status.error().message();
}

}  // namespace
}  // namespace pimjit
