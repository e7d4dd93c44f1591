#include "pimjit/core/run/device_space.h"

#include <algorithm>

namespace pimjit {

Result<DeviceAllocator> DeviceSpace::arena(int scope, uint64_t at_least) {
  const std::lock_guard lock(mutex_);
  if (const auto it = arenas_.find(scope); it != arenas_.end()) return it->second;
  const Scope& s = target_->scopes[static_cast<size_t>(scope)];
  const auto alignment = static_cast<uint64_t>(std::max<int64_t>(s.alignment, 1));
  auto bytes = static_cast<uint64_t>(std::max<int64_t>(s.capacity - s.reserved, 0));
  bytes -= bytes % alignment;
  while (true) {
    auto made = DeviceAllocator::create(device_, scope, s.name, bytes, alignment);
    if (made) return arenas_.emplace(scope, std::move(*made)).first->second;
    const uint64_t half = bytes / 2 - bytes / 2 % alignment;
    if (half < at_least || half == 0) return made;
    bytes = half;
  }
}

Result<DeviceRange> DeviceSpace::allocate(int scope, uint64_t bytes, uint64_t alignment,
                                          std::string label, bool resident) {
  auto from = arena(scope, bytes);
  if (!from) return fail(from.error());
  return from->allocate(bytes, alignment, std::move(label), resident);
}

}  // namespace pimjit
