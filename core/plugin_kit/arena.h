#ifndef PIMJIT_CORE_PLUGIN_KIT_ARENA_H_
#define PIMJIT_CORE_PLUGIN_KIT_ARENA_H_

#include <cstdint>
#include <map>

namespace pimjit::kit {

// Bookkeeping behind pj_plugin_api::alloc and free_memory: offsets in a scope, first fit. Not
// thread-safe.
class Arena {
 public:
  // Offsets and sizes are kept at multiples of `granule`, a power of two.
  explicit Arena(uint64_t capacity, uint64_t granule = 1)
      : capacity_(capacity), granule_(granule) {}

  // Whether `bytes` fit; `alignment` is a power of two. Zero bytes take one, so that every offset
  // is somebody's.
  bool take(uint64_t bytes, uint64_t alignment, uint64_t* offset);
  // Whether something was reserved at `offset`.
  bool give_back(uint64_t offset);
  // Bytes reserved at `offset`, 0 when nothing is.
  uint64_t bytes_at(uint64_t offset) const;
  uint64_t capacity() const { return capacity_; }
  uint64_t free_bytes() const;

 private:
  uint64_t capacity_, granule_;
  std::map<uint64_t, uint64_t> taken_;  // offset -> bytes
};

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_ARENA_H_
