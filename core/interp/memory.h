#ifndef PIMJIT_CORE_INTERP_MEMORY_H_
#define PIMJIT_CORE_INTERP_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pimjit {

// Why a byte has no value. Kept in one shadow byte per byte of memory.
enum class Poison : uint8_t {
  none = 0,           // it has a value
  uninitialised = 1,  // nothing wrote it
  padding = 2,        // padding that the host does not promise anything about
  derived = 3,        // stored after computing with poison, or unspecified after a combine
};
const char* to_string(Poison poison);

// Memory of one buffer in all instances of its scope, with its shadow. Uninitialised at first. One
// owner; not thread-safe.
class ShadowMemory {
 public:
  ShadowMemory() = default;
  ShadowMemory(int64_t instances, int64_t bytes);

  int64_t instances() const { return instances_; }
  int64_t bytes() const { return bytes_; }  // of one instance
  std::byte* data(int64_t instance) { return data_.data() + instance * bytes_; }
  const std::byte* data(int64_t instance) const { return data_.data() + instance * bytes_; }
  uint8_t* shadow(int64_t instance) { return shadow_.data() + instance * bytes_; }
  const uint8_t* shadow(int64_t instance) const { return shadow_.data() + instance * bytes_; }
  // More instances, uninitialised; those there are keep their contents.
  void grow(int64_t instances);

 private:
  int64_t instances_ = 0, bytes_ = 0;
  std::vector<std::byte> data_;
  std::vector<uint8_t> shadow_;
};

// Moves `bytes` bytes and their shadow.
void copy_shadowed(std::byte* to, uint8_t* to_shadow, const std::byte* from,
                   const uint8_t* from_shadow, int64_t bytes);

// The poison of an element: that of its first poisoned byte.
Poison poison_of(const uint8_t* shadow, int bytes);

// Whether two memories of one shape agree where either has a value; `instance` and `byte` of the
// first difference.
struct MemoryDifference {
  bool found = false;
  int64_t instance = 0, byte = 0;
};
MemoryDifference first_difference(const ShadowMemory& a, const ShadowMemory& b);

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_MEMORY_H_
