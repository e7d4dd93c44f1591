#ifndef PIMJIT_TESTS_SUPPORT_GUARDED_MEMORY_H_
#define PIMJIT_TESTS_SUPPORT_GUARDED_MEMORY_H_

#include <cstddef>
#include <cstdint>

#include "pimjit/core/support/tensor.h"

namespace pimjit::test {

// Memory between two pages that nothing may touch. Bytes are 0x5a at first.
class GuardedMemory {
 public:
  // `at_end`: the last byte lies right below the upper page, else the first right above the lower
  // one.
  GuardedMemory(int64_t bytes, bool at_end);
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  std::byte* data() const { return data_; }
  int64_t bytes() const { return bytes_; }
  void forbid_writing() const;

 private:
  int64_t bytes_;
  size_t mapped_;
  std::byte* base_;
  std::byte* data_;
};

// Bytes from the first to the last element of a view, and where its element 0 is in them.
int64_t span_bytes(const TensorView& view);
int64_t first_byte(const TensorView& view);

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_GUARDED_MEMORY_H_
