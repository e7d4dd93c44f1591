#ifndef PIMJIT_CORE_RUN_RUN_ONCE_H_
#define PIMJIT_CORE_RUN_RUN_ONCE_H_

#include <memory>
#include <vector>

#include "pimjit/core/run/module_runner.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// The short way from a computation to its result: build, open, run, without keeping anything. Safe
// to call from several threads; calls of one runner take turns.

// Every kernel of the module built by the plugin, by number. Errors: user "rejected_by_target",
// with all the reasons, when the plugin refuses a kernel; target: what the plugin says.
Result<std::vector<std::vector<std::byte>>> build_images(const Plugin& plugin,
                                                         const LoweredModule& module);

// The module on a device opened for it alone; `host` as in ModuleRunner::create. Errors: those of
// build_images, of opening, and of ModuleRunner::create.
Result<ModuleRunner> make_runner(const OpenTarget& target,
                                 std::shared_ptr<const LoweredModule> module,
                                 std::unique_ptr<HostOps> host = nullptr);

// One view per tensor of the workload, of the inputs only; `inputs` follow Workload::inputs().
// A view can be written through; nothing writes inputs.
std::vector<TensorView> input_views(const Workload& workload,
                                    const std::vector<HostTensor>& inputs);

struct RunAnswer {
  HostTensor output;
  RunReport report;
};

// One call of `runner`; `inputs` follow Workload::inputs(). Errors: user wrong_inputs, and those of
// ModuleRunner::run.
Result<RunAnswer> call(const ModuleRunner& runner, const std::vector<HostTensor>& inputs,
                       const RunOptions& options = {});

// Schedules by default_schedule, lowers, builds and runs. Errors: a computation that the target has
// no schedule for (user), and all of the above.
Result<RunAnswer> run_once(const Workload& workload, const OpenTarget& target,
                           const std::vector<HostTensor>& inputs);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_RUN_ONCE_H_
