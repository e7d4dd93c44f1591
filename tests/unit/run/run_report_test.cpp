#include "pimjit/core/run/run_report.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

RunReport sample() {
  RunReport report;
  report.phase(RunPhase::h2d).ns = 1250000;
  report.phase(RunPhase::kernel) = {830, TimeOrigin::measured};
  report.total_ns = 2e9;
  report.local_host_ns = 45600;
  return report;
}

TEST(RunReport, PrintsATable) {
  EXPECT_EQ(to_text(sample()),
            "  upload            0 ns  modelled\n"
            "  h2d            1.25 ms  modelled\n"
            "  launch            0 ns  modelled\n"
            "  kernel          830 ns  measured\n"
            "  d2h               0 ns  modelled\n"
            "  host              0 ns  modelled\n"
            "  total           2.00 s  modelled\n"
            "  local host     45.6 us  measured\n");
}

TEST(RunReport, HasTheFieldsOfTheTimingObject) {
  std::string keys;
  for (const ReportField& f : timing_fields(sample())) keys += f.key + " ";
  EXPECT_EQ(keys,
            "origin upload_ns h2d_ns launch_ns kernel_ns d2h_ns host_ns total_ns local_host_ns ");
  EXPECT_EQ(timing_fields(sample())[0].text, "modelled");
  EXPECT_EQ(timing_fields(sample())[2].number, 1250000);
}

}  // namespace
}  // namespace pimjit
