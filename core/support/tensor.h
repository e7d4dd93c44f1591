#ifndef PIMJIT_CORE_SUPPORT_TENSOR_H_
#define PIMJIT_CORE_SUPPORT_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pimjit/core/support/dtype.h"

namespace pimjit {

// A view of host memory as a row-major-indexed tensor; does not own. Strides are in elements and
// may be anything that keeps distinct indices of an output at distinct addresses. Same information
// as a DLPack tensor on kDLCPU.
struct TensorView {
  void* data = nullptr;
  DType dtype = DType::i32;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;  // elements; one per dimension
  bool contiguous() const;       // row major without gaps
  int64_t elements() const;
};

// The bytes that the elements of `t` lie in, [first, last); both null when there are none. Its
// strides must not lead out of the address space.
struct ByteRange {
  const std::byte* first = nullptr;
  const std::byte* last = nullptr;
  bool meets(const ByteRange& other) const { return first < other.last && other.first < last; }
};
ByteRange byte_range(const TensorView& t);

// An owned, contiguous, 64-byte aligned tensor, zero at first. Movable and copyable. One owner.
class HostTensor {
 public:
  HostTensor() = default;
  HostTensor(DType dtype, std::vector<int64_t> shape);

  DType dtype() const { return dtype_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t elements() const;
  int64_t bytes() const { return elements() * bytes_of(dtype_); }
  std::byte* data() { return data_.data() + offset_; }
  const std::byte* data() const { return data_.data() + offset_; }
  TensorView view();

  // Element number `i` in row-major order; integers of any width as int64, f32 as double.
  int64_t integer(int64_t i) const;
  double real(int64_t i) const;
  void set_integer(int64_t i, int64_t value);  // wraps
  void set_real(int64_t i, double value);      // rounds to f32

  HostTensor(const HostTensor& other);
  HostTensor(HostTensor&& other) noexcept = default;
  HostTensor& operator=(const HostTensor& other);
  HostTensor& operator=(HostTensor&& other) noexcept = default;

 private:
  DType dtype_ = DType::i32;
  std::vector<int64_t> shape_;
  std::vector<std::byte> data_;
  size_t offset_ = 0;
};

// Element access through raw memory, unaligned addresses included.
int64_t load_integer(const std::byte* p, DType t);
double load_real(const std::byte* p);
void store_integer(std::byte* p, DType t, int64_t value);
void store_real(std::byte* p, double value);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_TENSOR_H_
