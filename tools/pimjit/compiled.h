#ifndef PIMJIT_TOOLS_PIMJIT_COMPILED_H_
#define PIMJIT_TOOLS_PIMJIT_COMPILED_H_

#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/tools/pimjit/computation_options.h"

namespace pimjit::cli {

// A computation with everything decided, up to lowering.
struct Compiled {
  std::shared_ptr<const Workload> workload;
  OpenTarget target;
  Trace trace;
  Schedule schedule;
  std::vector<std::string> repairs;  // of a trace read from a file, one line each
  LoweredModule module;
};

// Schedules the workload as --schedule says and lowers it. Errors (user): a trace file that cannot
// be read, does not parse or has no legal repair; a computation the target cannot run;
// "best"; those of check_pass_names.
Result<Compiled> compile(Workload workload, const ComputationOptions& options, OpenTarget target,
                         LowerOptions lowering = {});

// The nest on one line, without loops of one iteration:
// "unit*64(i.0) thread*8(i.1) i.2*2 k.0*11 {A,B in scratch} k.1*64".
std::string nest_line(const Compiled& compiled);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_COMPILED_H_
