#include "pimjit/tests/support/guarded_memory.h"

#include <cstring>
#include <stdexcept>

#include <sys/mman.h>
#include <unistd.h>

namespace pimjit::test {
namespace {

size_t page() {
  return static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

GuardedMemory::GuardedMemory(int64_t bytes, bool at_end) : bytes_(bytes) {
  const auto size = static_cast<size_t>(bytes);
  const size_t inner = (size + page() - 1) / page() * page();
  mapped_ = inner + 2 * page();
  void* const mapped = ::mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::runtime_error("no memory to guard");
  base_ = static_cast<std::byte*>(mapped);
  if (inner > 0) ::mprotect(base_ + page(), inner, PROT_READ | PROT_WRITE);
  data_ = at_end ? base_ + page() + inner - size : base_ + page();
  if (size > 0) std::memset(data_, 0x5a, size);
}

GuardedMemory::~GuardedMemory() {
  ::munmap(base_, mapped_);
}

void GuardedMemory::forbid_writing() const {
  if (mapped_ > 2 * page()) ::mprotect(base_ + page(), mapped_ - 2 * page(), PROT_READ);
}

int64_t first_byte(const TensorView& view) {
  int64_t at = 0;
  for (size_t d = 0; d < view.shape.size(); ++d) {
    if (view.strides[d] < 0) at -= view.strides[d] * (view.shape[d] - 1);
  }
  return view.elements() == 0 ? 0 : at * bytes_of(view.dtype);
}

int64_t span_bytes(const TensorView& view) {
  if (view.elements() == 0) return 0;
  int64_t elements = 1;
  for (size_t d = 0; d < view.shape.size(); ++d) {
    const int64_t stride = view.strides[d] < 0 ? -view.strides[d] : view.strides[d];
    elements += stride * (view.shape[d] - 1);
  }
  return elements * bytes_of(view.dtype);
}

}  // namespace pimjit::test
