#ifndef PIMJIT_CORE_RUN_PREDICTED_REPORT_H_
#define PIMJIT_CORE_RUN_PREDICTED_REPORT_H_

#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/run_report.h"

namespace pimjit {

// The phase an operation counts towards; of a launch: its run time.
RunPhase phase_of(const HostOp& op);

// What one call takes on a modelled target, without running it: every operation as the description
// models it, launches with `kernel_ns` by kernel on top. Uploads of residents are in their phase;
// the total is that of a call that finds them in place. Pure.
RunReport predicted_report(const LoweredModule& module, const std::vector<double>& kernel_ns);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_PREDICTED_REPORT_H_
