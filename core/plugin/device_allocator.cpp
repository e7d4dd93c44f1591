#include "pimjit/core/plugin/device_allocator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "pimjit/core/support/text.h"

namespace pimjit {

struct ArenaState {
  struct Piece {
    uint64_t bytes;
    std::string label;
    bool resident;
  };
  DeviceMemory memory;
  std::string scope_name;
  uint64_t capacity = 0;
  mutable std::mutex mutex;
  std::map<uint64_t, uint64_t> holes;  // offset -> bytes; never adjacent, never empty
  std::map<uint64_t, Piece> pieces;    // offset -> piece

  // The lowest offset where `bytes` fit, or `capacity`.
  uint64_t find(uint64_t bytes, uint64_t alignment) const;
  void take(uint64_t offset, uint64_t bytes);
  void give_back(uint64_t offset);
  uint64_t free_bytes() const;
  uint64_t largest_hole() const;
  Error exhausted(uint64_t bytes, uint64_t alignment, const std::string& label) const;
};

struct DeviceRange::State {
  std::shared_ptr<ArenaState> arena;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  ~State() {
    if (arena != nullptr && bytes > 0) arena->give_back(offset);
  }
};

uint64_t ArenaState::find(uint64_t bytes, uint64_t alignment) const {
  for (const auto& [start, size] : holes) {
    // The base, not the offset, is what must be aligned.
    const uint64_t misaligned = (memory.base() + start) & (alignment - 1);
    const uint64_t skip = misaligned == 0 ? 0 : alignment - misaligned;
    if (skip <= size && bytes <= size - skip) return start + skip;
  }
  return capacity;
}

void ArenaState::take(uint64_t offset, uint64_t bytes) {
  auto hole = std::prev(holes.upper_bound(offset));
  const uint64_t start = hole->first;
  const uint64_t end = start + hole->second;
  holes.erase(hole);
  if (offset > start) holes[start] = offset - start;
  if (end > offset + bytes) holes[offset + bytes] = end - offset - bytes;
}

void ArenaState::give_back(uint64_t offset) {
  const std::lock_guard lock(mutex);
  const auto piece = pieces.find(offset);
  uint64_t start = offset;
  uint64_t end = offset + piece->second.bytes;
  pieces.erase(piece);
  auto next = holes.lower_bound(start);
  if (next != holes.end() && next->first == end) {
    end += next->second;
    next = holes.erase(next);
  }
  if (next != holes.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == start) {
      start = before->first;
      holes.erase(before);
    }
  }
  holes[start] = end - start;
}

uint64_t ArenaState::free_bytes() const {
  uint64_t sum = 0;
  for (const auto& [start, size] : holes) sum += size;
  return sum;
}

uint64_t ArenaState::largest_hole() const {
  uint64_t largest = 0;
  for (const auto& [start, size] : holes) largest = std::max(largest, size);
  return largest;
}

Error ArenaState::exhausted(uint64_t bytes, uint64_t alignment, const std::string& label) const {
  constexpr size_t kNamed = 4;
  std::vector<const Piece*> resident;
  for (const auto& [start, piece] : pieces) {
    if (piece.resident) resident.push_back(&piece);
  }
  std::stable_sort(resident.begin(), resident.end(),
                   [](const Piece* a, const Piece* b) { return a->bytes > b->bytes; });
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(kNamed, resident.size()); ++i) {
    names.push_back(cat(resident[i]->label, " (", resident[i]->bytes, " B)"));
  }
  std::string hint = "use more units or a smaller tensor";
  if (!names.empty()) {
    hint = cat("drop tensors that stay on the device: ", join(names, ", "));
    if (resident.size() > kNamed) hint += cat(" and ", resident.size() - kNamed, " more");
  }
  return target_error("device_memory_exhausted",
                      cat("'", label, "' needs ", bytes, " bytes aligned to ", alignment,
                          " in each instance of '", scope_name, "': ", free_bytes(), " of ",
                          capacity, " are free, the largest hole has ", largest_hole()),
                      cat("scope '", scope_name, "'"), std::move(hint));
}

uint64_t DeviceRange::offset() const {
  return state_->offset + from_;
}
uint64_t DeviceRange::base() const {
  return state_->arena->memory.base() + offset();
}
uint64_t DeviceRange::bytes() const {
  return bytes_;
}
DeviceRange DeviceRange::part(uint64_t from, uint64_t count) const {
  DeviceRange result = *this;
  result.from_ += from;
  result.bytes_ = count;
  return result;
}
const DeviceMemory& DeviceRange::memory() const {
  return state_->arena->memory;
}

Result<DeviceAllocator> DeviceAllocator::create(const Device& device, int scope,
                                                std::string scope_name, uint64_t bytes,
                                                uint64_t alignment) {
  auto memory = device.alloc(scope, bytes, alignment);
  if (!memory) return fail(memory.error());
  DeviceAllocator allocator;
  allocator.state_ = std::make_shared<ArenaState>();
  allocator.state_->memory = std::move(*memory);
  allocator.state_->scope_name = std::move(scope_name);
  allocator.state_->capacity = bytes;
  if (bytes > 0) allocator.state_->holes[0] = bytes;
  return allocator;
}

Result<DeviceRange> DeviceAllocator::allocate(uint64_t bytes, uint64_t alignment, std::string label,
                                              bool resident) const {
  if (state_ == nullptr)
    return fail(internal_error("empty_handle", "allocate() on an empty allocator"));
  if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
    return fail(internal_error("alignment", cat("'", label, "' asks for an alignment of ",
                                                alignment, ", which is no power of two")));
  }
  auto range = std::make_shared<DeviceRange::State>();
  if (bytes > 0) {
    const std::lock_guard lock(state_->mutex);
    const uint64_t offset = state_->find(bytes, alignment);
    if (offset == state_->capacity) return fail(state_->exhausted(bytes, alignment, label));
    state_->take(offset, bytes);
    state_->pieces[offset] = {bytes, std::move(label), resident};
    range->offset = offset;
    range->bytes = bytes;
  }
  range->arena = state_;
  DeviceRange result;
  result.state_ = std::move(range);
  result.bytes_ = bytes;
  return result;
}

DeviceAllocator::Usage DeviceAllocator::usage() const {
  if (state_ == nullptr) return {};
  const std::lock_guard lock(state_->mutex);
  return {state_->capacity, state_->free_bytes(), state_->largest_hole(), state_->pieces.size()};
}

const DeviceMemory& DeviceAllocator::memory() const {
  return state_->memory;
}

}  // namespace pimjit
