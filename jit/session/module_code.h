#ifndef PIMJIT_JIT_SESSION_MODULE_CODE_H_
#define PIMJIT_JIT_SESSION_MODULE_CODE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/run/device_space.h"
#include "pimjit/core/run/host_ops.h"
#include "pimjit/core/run/open_target.h"
#include "pimjit/jit/session/code.h"
#include "pimjit/jit/session/schedule_source.h"

namespace pimjit {

// A target that a session has opened: its plugin and one device, shared by everything it compiles.
struct OpenedTarget {
  OpenTarget target;
  std::shared_ptr<DeviceSpace> space;
};

// Makes the host's side of a module; empty: make_plain_host_ops.
using MakeHostOps =
    std::function<Result<std::unique_ptr<HostOps>>(std::shared_ptr<const LoweredModule>)>;

// Everything code is made from.
struct CodeRequest {
  std::shared_ptr<const Workload> workload;
  std::shared_ptr<const OpenedTarget> target;
  std::vector<std::string> without_passes;  // optional passes of lowering
  MakeHostOps make_host_ops;
};

// Schedules, lowers, builds and loads. `open_ns` is for the report.
// Any thread. Errors: user for a computation or a schedule that the target cannot run; target for
// what the plugin says.
Result<std::shared_ptr<const Code>> compile_code(const CodeRequest& request,
                                                 const ScheduleSource& schedules,
                                                 double open_ns = 0);

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_MODULE_CODE_H_
