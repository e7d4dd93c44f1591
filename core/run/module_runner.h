#ifndef PIMJIT_CORE_RUN_MODULE_RUNNER_H_
#define PIMJIT_CORE_RUN_MODULE_RUNNER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/device_space.h"
#include "pimjit/core/run/host_ops.h"
#include "pimjit/core/run/run_report.h"

namespace pimjit {

struct RunOptions {
  bool counters = false;  // ask the device for figures of each launch
};

// A lowered module on an opened device: its images loaded, its device memory and staging reserved,
// ready to be called many times. Operations of device and links are handed over as soon as they
// come up, with events as dependencies; the host waits only for what it needs. A cheap handle;
// copies share one object. Calls from several threads run one after another.
class ModuleRunner {
 public:
  // `images` are the built kernels by number; those of kernels that are never launched may be
  // empty. `host` does the operations of the host; null: make_plain_host_ops. Errors: internal as
  // verify_host_program; target: what the device says when loading and reserving.
  static Result<ModuleRunner> create(std::shared_ptr<const LoweredModule> module,
                                     std::shared_ptr<DeviceSpace> space,
                                     const std::vector<std::vector<std::byte>>& images,
                                     std::unique_ptr<HostOps> host = nullptr);

  // One call. `tensors` by number of the workload's tensors; intermediates may have no data. The
  // output must not overlap an input. A resident tensor is uploaded by the first call on this
  // device, of any runner, that finds it at this address in this layout (residents.h).
  // Errors: user tensor_mismatch; target: what the device says, with the operation in `where`; then
  // the contents of the output are unspecified and nothing is left running.
  Result<RunReport> run(std::span<const TensorView> tensors, const RunOptions& options = {}) const;

  // Their memory has changed: the next call uploads resident tensors again, and so do other runners
  // that share them.
  void forget_residents() const;
  const LoweredModule& module() const;

 private:
  struct State;
  class Call;
  std::shared_ptr<State> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_MODULE_RUNNER_H_
