#ifndef PIMJIT_CORE_RUN_RUNNER_STATE_H_
#define PIMJIT_CORE_RUN_RUNNER_STATE_H_

#include <mutex>

#include "pimjit/core/run/module_runner.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// A resident tensor as the last call used it.
struct HeldResident {
  int pack = -1, copy = -1;  // operations that upload it
  std::string layout;
  std::shared_ptr<Resident> entry;
};

// What a ModuleRunner keeps between calls.
struct ModuleRunner::State {
  std::shared_ptr<const LoweredModule> module;
  std::shared_ptr<DeviceSpace> space;
  std::unique_ptr<HostOps> host;
  std::vector<Module> images;       // per kernel
  std::vector<DeviceRange> ranges;  // per device buffer; empty for native ones
  // Staging, by number of host buffer; others are empty. What a tensor in place does not need is
  // made when a call needs it.
  std::vector<HostTensor> host_memory;
  std::vector<HostTensor> staged;  // per host buffer: slices that transfers in place stage
  std::vector<int> host_side;      // per host buffer of staging: the pack or reduce operation
  std::vector<HostTensor> intermediates;  // per tensor: made when the caller gives no memory
  std::vector<std::vector<int64_t>> unit_slices;  // per copy: slice of each unit, -1: none
  mutable std::mutex mutex;                       // held during a call
  std::vector<HeldResident> residents;            // per device buffer
  std::vector<int> uploads;  // per operation: resident device buffer it uploads, -1

  Status reserve();
  void plan_staging();
  void list_slices();
  void find_uploads();
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_RUNNER_STATE_H_
