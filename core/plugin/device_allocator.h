#ifndef PIMJIT_CORE_PLUGIN_DEVICE_ALLOCATOR_H_
#define PIMJIT_CORE_PLUGIN_DEVICE_ALLOCATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "pimjit/core/plugin/device.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

struct ArenaState;

// A piece of an arena, the same offsets in every instance of the scope. A cheap handle: the piece
// returns to the arena when the last copy is gone. Keeps the arena, and with it the device memory,
// alive.
class DeviceRange {
 public:
  DeviceRange() = default;
  bool empty() const { return state_ == nullptr; }
  uint64_t offset() const;  // bytes from the start of the arena: of copies, with memory()
  uint64_t base() const;    // what a kernel's launch argument must hold
  uint64_t bytes() const;   // as asked for
  const DeviceMemory& memory() const;
  // Its bytes [from, from + count); keeps the whole piece.
  DeviceRange part(uint64_t from, uint64_t count) const;

 private:
  friend class DeviceAllocator;
  struct State;
  std::shared_ptr<const State> state_;
  uint64_t from_ = 0, bytes_ = 0;  // inside the piece
};

// The allocator of one (device, scope): reserves one arena through Device::alloc and hands out
// pieces of it, first fit by address, so that the same sequence of requests gives the same
// addresses. Safe from several threads.
class DeviceAllocator {
 public:
  DeviceAllocator() = default;
  // Reserves `bytes` per instance of `scope`; `scope_name` is for messages. Errors: what alloc()
  // says.
  static Result<DeviceAllocator> create(const Device& device, int scope, std::string scope_name,
                                        uint64_t bytes, uint64_t alignment);

  // `bytes` at a base that is a multiple of `alignment`, a power of two. Zero bytes are valid and
  // take nothing. `label` names the piece in messages; `resident`: a tensor that stays on the
  // device between calls. Error, target: device_memory_exhausted, with the free bytes, the largest
  // hole and the resident tensors.
  Result<DeviceRange> allocate(uint64_t bytes, uint64_t alignment, std::string label,
                               bool resident = false) const;

  struct Usage {
    uint64_t capacity = 0, free = 0, largest_hole = 0, pieces = 0;
  };
  Usage usage() const;
  const DeviceMemory& memory() const;
  bool empty() const { return state_ == nullptr; }

 private:
  std::shared_ptr<ArenaState> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_DEVICE_ALLOCATOR_H_
