#include "pimjit/core/plugin_kit/arena.h"

#include <algorithm>

namespace pimjit::kit {

bool Arena::take(uint64_t bytes, uint64_t alignment, uint64_t* offset) {
  const uint64_t mask = std::max(alignment, granule_) - 1;
  if (bytes > capacity_ || mask >= capacity_) return false;
  const uint64_t size = (std::max<uint64_t>(bytes, 1) + granule_ - 1) & ~(granule_ - 1);
  uint64_t start = 0;
  for (const auto& [at, taken] : taken_) {
    if (start <= at && size <= at - start) break;
    start = (at + taken + mask) & ~mask;
  }
  if (start > capacity_ - size) return false;
  taken_[start] = size;
  *offset = start;
  return true;
}

bool Arena::give_back(uint64_t offset) {
  return taken_.erase(offset) == 1;
}

uint64_t Arena::bytes_at(uint64_t offset) const {
  const auto piece = taken_.find(offset);
  return piece == taken_.end() ? 0 : piece->second;
}

uint64_t Arena::free_bytes() const {
  uint64_t taken = 0;
  for (const auto& [at, bytes] : taken_) taken += bytes;
  return capacity_ - taken;
}

}  // namespace pimjit::kit
