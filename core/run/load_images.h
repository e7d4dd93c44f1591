#ifndef PIMJIT_CORE_RUN_LOAD_IMAGES_H_
#define PIMJIT_CORE_RUN_LOAD_IMAGES_H_

#include <cstddef>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/device_space.h"

namespace pimjit {

// What a module needs on a device before it can be called.

// Per kernel; empty for those that are never launched. Errors: internal image_missing; target: what
// the device says.
Result<std::vector<Module>> load_images(const LoweredModule& module, const Device& device,
                                        const std::vector<std::vector<std::byte>>& images);

// Per device buffer; empty for native ones, and for resident ones unless `residents`. Errors,
// target: as DeviceSpace::allocate.
Result<std::vector<DeviceRange>> reserve_buffers(const LoweredModule& module, DeviceSpace& space,
                                                 bool residents);
Result<DeviceRange> reserve_buffer(const LoweredModule& module, DeviceSpace& space,
                                   size_t device_buffer);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_LOAD_IMAGES_H_
