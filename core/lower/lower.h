#ifndef PIMJIT_CORE_LOWER_LOWER_H_
#define PIMJIT_CORE_LOWER_LOWER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"

namespace pimjit {

// Seen after each pass: its name, what it cost, and the module as it then is.
struct PassEvent {
  const char* pass;
  double ns;
  const LoweredModule* module;
  bool changed;
  const std::vector<std::string>&
      facts;  // of each place where a boundary pass fired: what it proved
};

struct LowerOptions {
  bool verify = false;  // run the verifiers after every pass
  std::function<void(const PassEvent&)> observer;
  std::vector<std::string> disabled;  // names of optional passes to leave out; others are ignored
};

// Schedule -> kernels and host program. Pure; any thread. Errors: a rejection rendered (user), or
// internal when a verifier finds a pass at fault.
Result<LoweredModule> lower(std::shared_ptr<const Workload> workload,
                            std::shared_ptr<const TargetDesc> target, const Schedule& schedule,
                            const LowerOptions& options = {});

// The passes in the order they run.
struct PassInfo {
  const char* name;
  const char* summary;
  bool optional;
};
const std::vector<PassInfo>& lowering_passes();

// Whether every name is that of an optional pass. Errors: user unknown_pass, pass_not_optional.
Status check_pass_names(const std::vector<std::string>& names);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_LOWER_H_
