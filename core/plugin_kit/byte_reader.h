#ifndef PIMJIT_CORE_PLUGIN_KIT_BYTE_READER_H_
#define PIMJIT_CORE_PLUGIN_KIT_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace pimjit::kit {

// Little-endian numbers out of a byte range. The first mistake sticks; after it every read gives 0.
class ByteReader {
 public:
  ByteReader(const unsigned char* bytes, size_t size) : bytes_(bytes), size_(size) {}

  uint8_t u8(const char* field) { return static_cast<uint8_t>(number(1, field)); }
  uint16_t u16(const char* field) { return static_cast<uint16_t>(number(2, field)); }
  uint32_t u32(const char* field) { return static_cast<uint32_t>(number(4, field)); }
  int32_t i32(const char* field) { return static_cast<int32_t>(u32(field)); }
  int64_t i64(const char* field) { return static_cast<int64_t>(number(8, field)); }
  uint64_t u64(const char* field) { return number(8, field); }

  // A count of at most `limit` things of at least `least_bytes` bytes each.
  uint32_t count(const char* field, uint32_t limit, size_t least_bytes) {
    const uint32_t n = u32(field);
    if (n > limit)
      fail(field, std::to_string(n) + " is more than the limit of " + std::to_string(limit));
    if (ok() && n > (size_ - at_) / least_bytes)
      fail(field, std::to_string(n) + " do not fit into the bytes left");
    return ok() ? n : 0;
  }
  // An index below `end`.
  int index(const char* field, size_t end) {
    const uint32_t i = u32(field);
    if (ok() && i >= end)
      fail(field, "index " + std::to_string(i) + " of a table of " + std::to_string(end));
    return ok() ? static_cast<int>(i) : 0;
  }
  std::string text(const char* field, uint32_t limit) {
    const uint32_t n = count(field, limit, 1);
    std::string result(reinterpret_cast<const char*>(bytes_ + at_), n);
    at_ += n;
    return result;
  }

  void fail(const char* field, const std::string& why) {
    if (ok()) error_ = "byte " + std::to_string(started_) + ", " + field + ": " + why;
  }
  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  size_t left() const { return size_ - at_; }

 private:
  uint64_t number(size_t n, const char* field) {
    if (!ok()) return 0;
    started_ = at_;
    if (size_ - at_ < n) {
      fail(field, "the bytes end too early");
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < n; ++i) value |= uint64_t{bytes_[at_ + i]} << (8 * i);
    at_ += n;
    return value;
  }

  const unsigned char* bytes_;
  size_t size_;
  size_t at_ = 0;
  size_t started_ = 0;  // of the number read last
  std::string error_;
};

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_BYTE_READER_H_
