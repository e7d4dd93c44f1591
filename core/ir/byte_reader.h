#ifndef PIMJIT_CORE_IR_BYTE_READER_H_
#define PIMJIT_CORE_IR_BYTE_READER_H_

#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "pimjit/core/ir/expr.h"
#include "pimjit/core/support/error.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

static_assert(std::endian::native == std::endian::little,
              "values are copied as they lie in memory");

// Fields of serialised kernels, front to back. After the first problem nothing is read any more:
// every function gives zeros and ok() is false, so that callers check it only where a wrong value
// would matter.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : bytes_(bytes), end_(bytes.size()) {}

  bool ok() const { return !problem_; }
  void complain(const std::string& what) {
    if (ok()) problem_ = bad(what, at_, field_);
  }
  static Error bad(const std::string& what, size_t at, const char* field) {
    return target_error("kernel_bytes", cat("serialised kernel: ", what),
                        cat("byte ", at, ", ", field));
  }
  template <typename T>
  T get(const char* field) {
    T value{};
    if (!ok()) return value;
    field_ = field;
    at_ = next_;
    if (end_ - next_ < sizeof value) {
      complain(cat("ends early, ", sizeof value, " bytes needed and ", end_ - next_, " left"));
      return value;
    }
    std::memcpy(&value, bytes_.data() + next_, sizeof value);
    next_ += sizeof value;
    return value;
  }
  // A count of entries of at least `entry_bytes` each, so that a huge count cannot reserve memory
  // the bytes do not pay for.
  size_t count(const char* field, size_t limit, size_t entry_bytes) {
    const auto value = get<uint32_t>(field);
    if (value > limit) complain(cat(value, " where at most ", limit, " are allowed"));
    if (ok() && value > (end_ - next_) / entry_bytes)
      complain(cat(value, " entries do not fit into the bytes left"));
    return ok() ? value : 0;
  }
  int index(const char* field, size_t size) {
    const auto value = get<uint32_t>(field);
    if (value >= size) complain(cat(value, " where ", size, " exist"));
    return ok() ? static_cast<int>(value) : 0;
  }
  uint8_t code(const char* field, uint8_t low, uint8_t high) {
    const auto value = get<uint8_t>(field);
    if (value < low || value > high) {
      complain(cat(static_cast<int>(value), " is not a code of ", static_cast<int>(low), "..",
                   static_cast<int>(high)));
      return low;
    }
    return value;
  }
  DType dtype(const char* field, bool condition_too = false) {
    return static_cast<DType>(code(field, condition_too ? 0 : 1, 5));
  }
  DType index_dtype(const char* field) {
    const DType t = dtype(field);
    if (!is_index_type(t)) complain(cat(to_string(t), " where i32 or i64 is needed"));
    return t;
  }

  std::span<const uint8_t> bytes() const { return bytes_; }
  size_t offset() const { return next_; }
  size_t left() const { return end_ - next_; }
  size_t field_offset() const { return at_; }  // of the field read last
  void end_at(size_t end) { end_ = end; }
  // `length` bytes as they are; at most left().
  std::string text(size_t length) {
    std::string value(reinterpret_cast<const char*>(bytes_.data()) + next_, length);
    next_ += length;
    return value;
  }
  // Names the place for problems that belong to no field.
  void at_place(const char* field) {
    field_ = field;
    at_ = next_;
  }
  const Error& problem() const { return *problem_; }

 private:
  std::span<const uint8_t> bytes_;
  size_t next_ = 0, end_;
  size_t at_ = 0;
  const char* field_ = "magic";
  std::optional<Error> problem_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_BYTE_READER_H_
