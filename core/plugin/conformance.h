#ifndef PIMJIT_CORE_PLUGIN_CONFORMANCE_H_
#define PIMJIT_CORE_PLUGIN_CONFORMANCE_H_

#include <string>
#include <vector>

#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/support/error.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

enum class CheckOutcome { pass, fail, skipped };
const char* to_string(CheckOutcome outcome);

struct CheckResult {
  std::string group, name;
  CheckOutcome outcome = CheckOutcome::pass;
  std::string reason;  // of a failure or a skip; a remark otherwise
};

struct ConformanceReport {
  std::string plugin, build, target;
  std::vector<CheckResult> checks;  // in the order they ran

  int count(CheckOutcome outcome) const;
  bool ok() const { return count(CheckOutcome::fail) == 0; }
  // One line per check and a last line with the sums; no trailing newline.
  std::string text() const;
};

// Holds a plugin to docs/plugins.md, with sizes from the description of its machine. Opens and
// closes devices; takes seconds on a simulated machine. Fails (as check_target) only when the
// description itself is unusable: whatever the plugin does wrong is in the report. A plugin that
// crashes or never finishes takes this process with it.
Result<ConformanceReport> check_plugin(const Plugin& plugin, const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_CONFORMANCE_H_
