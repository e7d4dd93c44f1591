#ifndef PIMJIT_TOOLS_PIMJIT_PROFILE_H_
#define PIMJIT_TOOLS_PIMJIT_PROFILE_H_

#include <string>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/run_report.h"

namespace pimjit::cli {

// What the target counted: each kernel with the shares of its statements in front of them, then all
// figures. Says so when there are none.
std::string profile_text(const LoweredModule& module, const RunReport& report);

// [{"kernel", "statement", "text", "counters": {name: value}}, ...], statements by line.
std::string profile_json(const LoweredModule& module, const RunReport& report);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_PROFILE_H_
