#include "pimjit/core/plugin/conformance.h"

#include <algorithm>

#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

const char* to_string(CheckOutcome outcome) {
  switch (outcome) {
    case CheckOutcome::pass:
      return "pass";
    case CheckOutcome::fail:
      return "FAIL";
    case CheckOutcome::skipped:
      return "skipped";
  }
  return "FAIL";
}

int ConformanceReport::count(CheckOutcome outcome) const {
  const auto same = [&](const CheckResult& check) { return check.outcome == outcome; };
  return static_cast<int>(std::count_if(checks.begin(), checks.end(), same));
}

std::string ConformanceReport::text() const {
  std::string lines;
  for (const CheckResult& check : checks) {
    std::string name = cat(check.group, '.', check.name);
    name.resize(std::max<size_t>(name.size(), 36), ' ');
    std::string outcome = to_string(check.outcome);
    outcome.resize(7, ' ');
    std::string line =
        cat(name, "  ", outcome, "  ", check.outcome == CheckOutcome::pass ? "" : check.reason);
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + '\n';
  }
  return cat(lines, "plugin '", plugin, "' (", build, ") on '", target,
             "': ", count(CheckOutcome::pass), " passed, ", count(CheckOutcome::fail), " failed, ",
             count(CheckOutcome::skipped), " skipped");
}

Result<ConformanceReport> check_plugin(const Plugin& plugin, const TargetDesc& target) {
  if (auto status = check_target(target); !status) return fail(status.error());
  ConformanceReport report;
  report.plugin = plugin.name();
  report.build = plugin.build();
  report.target = target.id;
  conformance::Bench bench(plugin, target, report);
  conformance::check_table(bench);
  conformance::check_building(bench);
  bench.run("life", "open", [&] {
    if (!plugin.can_run()) return conformance::skipped("the plugin can only build");
    auto device = plugin.open();
    if (!device) return conformance::failed(device.error());
    bench.device = *device;
    return conformance::pass();
  });
  if (bench.device.empty()) return report;
  conformance::check_memory(bench);
  conformance::check_copies(bench);
  conformance::check_refused_copies(bench);
  conformance::check_events(bench);
  conformance::check_launches(bench);
  conformance::check_life(bench);
  return report;
}

}  // namespace pimjit
