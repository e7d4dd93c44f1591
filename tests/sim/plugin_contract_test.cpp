// The plugins sim and upmem keep the plugin contract, and describe the same machine.
#include "pimjit/core/plugin/conformance.h"
#include "pimjit/tests/support/built_target.h"

namespace pimjit {
namespace {

ConformanceReport report_on(const std::string& target) {
  const OpenTarget opened = test::built_target(target);
  auto report = check_plugin(opened.plugin, *opened.description);
  EXPECT_TRUE(report) << report.error().message();
  return *report;
}

TEST(SimContract, SimConforms) {
  const ConformanceReport report = report_on("sim:dpus=130");
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_GE(report.count(CheckOutcome::pass), 65);
  EXPECT_EQ(report.count(CheckOutcome::skipped), 2) << report.text();
}

TEST(SimContract, UpmemConformsAsFarAsItGoes) {
  const ConformanceReport report = report_on("upmem");
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_GE(report.count(CheckOutcome::pass), 8);
}

TEST(SimContract, UpmemSaysThatItCannotRun) {
  const OpenTarget upmem = test::built_target("upmem");
  EXPECT_FALSE(upmem.plugin.can_run());
  const auto device = upmem.plugin.open();
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, "unsupported");
}

// Schedules that were found in the simulator are legal on the machine.
TEST(SimContract, BothDescribeTheSameMachine) {
  const OpenTarget sim = test::built_target("sim"), upmem = test::built_target("upmem");
  EXPECT_EQ(structure_text(*sim.description), structure_text(*upmem.description));
}

}  // namespace
}  // namespace pimjit
