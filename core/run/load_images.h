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

// Per device buffer; empty for native ones. Errors, target: as DeviceSpace::allocate.
Result<std::vector<DeviceRange>> reserve_buffers(const LoweredModule& module, DeviceSpace& space);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_LOAD_IMAGES_H_
