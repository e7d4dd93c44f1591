#include "pimjit/core/run/load_images.h"

#include <algorithm>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Of a base that every link to and from the buffer accepts.
uint64_t alignment_of(const LoweredModule& m, const DeviceBuffer& b) {
  int64_t alignment =
      std::max<int64_t>({b.alignment, m.target->scopes[static_cast<size_t>(b.scope)].alignment, 1});
  for (const Link& link : m.target->links) {
    if (link.from == b.scope || link.to == b.scope) alignment = std::max(alignment, link.alignment);
  }
  return static_cast<uint64_t>(alignment);
}

}  // namespace

Result<std::vector<Module>> load_images(const LoweredModule& module, const Device& device,
                                        const std::vector<std::vector<std::byte>>& images) {
  std::vector<bool> launched(module.kernels.size(), false);
  for (const HostOp& op : module.ops) {
    if (op.kind == OpKind::launch) launched[static_cast<size_t>(op.kernel)] = true;
  }
  std::vector<Module> all(module.kernels.size());
  for (size_t k = 0; k < module.kernels.size(); ++k) {
    if (!launched[k]) continue;
    if (k >= images.size() || images[k].empty()) {
      return fail(
          internal_error("image_missing", cat("kernel ", module.kernels[k].name, " has no image")));
    }
    auto loaded = device.load(images[k]);
    if (!loaded) {
      Error e = loaded.error();
      if (e.where.empty()) e.where = cat("loading kernel ", module.kernels[k].name);
      return fail(std::move(e));
    }
    all[k] = std::move(*loaded);
  }
  return all;
}

Result<DeviceRange> reserve_buffer(const LoweredModule& module, DeviceSpace& space,
                                   size_t device_buffer) {
  const DeviceBuffer& b = module.device_buffers[device_buffer];
  return space.allocate(b.scope, static_cast<uint64_t>(b.bytes()), alignment_of(module, b), b.name,
                        b.resident);
}

Result<std::vector<DeviceRange>> reserve_buffers(const LoweredModule& module, DeviceSpace& space,
                                                 bool residents) {
  std::vector<DeviceRange> ranges(module.device_buffers.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    const DeviceBuffer& b = module.device_buffers[i];
    if (b.native || b.within >= 0 || (b.resident && !residents)) continue;
    auto range = reserve_buffer(module, space, i);
    if (!range) return fail(range.error());
    ranges[i] = std::move(*range);
  }
  for (size_t i = 0; i < ranges.size(); ++i) {
    const DeviceBuffer& b = module.device_buffers[i];
    if (b.within < 0) continue;
    ranges[i] = ranges[static_cast<size_t>(b.within)].part(static_cast<uint64_t>(b.offset),
                                                           static_cast<uint64_t>(b.bytes()));
  }
  return ranges;
}

}  // namespace pimjit
