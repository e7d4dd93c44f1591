#include "pimjit/core/support/tensor.h"

#include <cstring>

namespace pimjit {
namespace {

constexpr size_t kAlignment = 64;

int64_t product(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (int64_t extent : shape) n *= extent;
  return n;
}

size_t offset_to_alignment(const std::byte* p) {
  const auto address = reinterpret_cast<uintptr_t>(p);
  return (kAlignment - address % kAlignment) % kAlignment;
}

}  // namespace

bool TensorView::contiguous() const {
  int64_t expected = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    if (shape[d] != 1 && strides[d] != expected) return false;
    expected *= shape[d];
  }
  return true;
}
int64_t TensorView::elements() const {
  return product(shape);
}

ByteRange byte_range(const TensorView& t) {
  if (t.data == nullptr || t.elements() == 0) return {};
  const auto* const data = static_cast<const std::byte*>(t.data);
  int64_t low = 0, high = 0;
  for (size_t d = 0; d < t.shape.size(); ++d) {
    const int64_t reach = t.strides[d] * (t.shape[d] - 1);
    (reach < 0 ? low : high) += reach;
  }
  const int64_t width = bytes_of(t.dtype);
  return {data + low * width, data + (high + 1) * width};
}

HostTensor::HostTensor(DType dtype, std::vector<int64_t> shape)
    : dtype_(dtype), shape_(std::move(shape)) {
  data_.resize(static_cast<size_t>(bytes()) + kAlignment);
  offset_ = offset_to_alignment(data_.data());
}
HostTensor::HostTensor(const HostTensor& other) : HostTensor(other.dtype_, other.shape_) {
  if (other.bytes() > 0) std::memcpy(data(), other.data(), static_cast<size_t>(other.bytes()));
}
HostTensor& HostTensor::operator=(const HostTensor& other) {
  HostTensor copy(other);
  return *this = std::move(copy);
}
int64_t HostTensor::elements() const {
  return product(shape_);
}

TensorView HostTensor::view() {
  TensorView v{data(), dtype_, shape_, std::vector<int64_t>(shape_.size())};
  int64_t stride = 1;
  for (size_t d = shape_.size(); d-- > 0;) {
    v.strides[d] = stride;
    stride *= shape_[d];
  }
  return v;
}

int64_t HostTensor::integer(int64_t i) const {
  return load_integer(data() + i * bytes_of(dtype_), dtype_);
}
double HostTensor::real(int64_t i) const {
  return load_real(data() + i * bytes_of(dtype_));
}
void HostTensor::set_integer(int64_t i, int64_t value) {
  store_integer(data() + i * bytes_of(dtype_), dtype_, value);
}
void HostTensor::set_real(int64_t i, double value) {
  store_real(data() + i * bytes_of(dtype_), value);
}

int64_t load_integer(const std::byte* p, DType t) {
  const auto read = [p](auto value) {
    std::memcpy(&value, p, sizeof value);
    return static_cast<int64_t>(value);
  };
  switch (t) {
    case DType::b1:
      return read(uint8_t{});
    case DType::i8:
      return read(int8_t{});
    case DType::i16:
      return read(int16_t{});
    case DType::i32:
      return read(int32_t{});
    case DType::i64:
      return read(int64_t{});
    case DType::f32:
      return static_cast<int64_t>(load_real(p));
  }
  return 0;
}
double load_real(const std::byte* p) {
  float value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
void store_integer(std::byte* p, DType t, int64_t value) {
  // Little endian: the low bytes are the wrapped value.
  std::memcpy(p, &value, static_cast<size_t>(bytes_of(t)));
}
void store_real(std::byte* p, double value) {
  const auto rounded = static_cast<float>(value);
  std::memcpy(p, &rounded, sizeof rounded);
}

}  // namespace pimjit
