#ifndef PIMJIT_CORE_RUN_RUNNER_STATE_H_
#define PIMJIT_CORE_RUN_RUNNER_STATE_H_

#include <mutex>

#include "pimjit/core/run/module_runner.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// What a ModuleRunner keeps between calls.
struct ModuleRunner::State {
  std::shared_ptr<const LoweredModule> module;
  std::shared_ptr<DeviceSpace> space;
  std::unique_ptr<HostOps> host;
  std::vector<Module> images;                // per kernel
  std::vector<DeviceRange> ranges;           // per device buffer; empty for native ones
  std::vector<HostTensor> host_memory;       // per host buffer: staging; others empty
  std::vector<HostTensor> intermediates;     // per tensor: made when the caller gives no memory
  std::vector<std::vector<void*>> pointers;  // per operation: host address of each unit
  mutable std::mutex mutex;                  // held during a call
  bool residents_uploaded = false;

  Status reserve();
  void list_pointers();
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_RUNNER_STATE_H_
