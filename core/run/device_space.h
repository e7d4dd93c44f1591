#ifndef PIMJIT_CORE_RUN_DEVICE_SPACE_H_
#define PIMJIT_CORE_RUN_DEVICE_SPACE_H_

#include <map>
#include <memory>
#include <mutex>

#include "pimjit/core/plugin/device.h"
#include "pimjit/core/plugin/device_allocator.h"
#include "pimjit/core/run/residents.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// An opened device with its description and one allocator per scope, shared by everything that
// runs on it. Safe from several threads.
class DeviceSpace {
 public:
  DeviceSpace(Device device, std::shared_ptr<const TargetDesc> target)
      : device_(std::move(device)), target_(std::move(target)) {}

  const Device& device() const { return device_; }
  const TargetDesc& target() const { return *target_; }

  // A piece of `scope`. The scope's arena is reserved at the first call: all that the description
  // leaves to buffers, or by halves less if the device does not have that much, but no less than
  // what is asked for. Errors, target: what the device says, device_memory_exhausted.
  Result<DeviceRange> allocate(int scope, uint64_t bytes, uint64_t alignment, std::string label,
                               bool resident);
  // Tensors that stay on the device, shared by everything that runs here.
  ResidentPool& residents() { return residents_; }

 private:
  Result<DeviceAllocator> arena(int scope, uint64_t at_least);

  Device device_;
  std::shared_ptr<const TargetDesc> target_;
  std::mutex mutex_;
  std::map<int, DeviceAllocator> arenas_;
  ResidentPool residents_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_DEVICE_SPACE_H_
