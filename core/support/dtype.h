#ifndef PIMJIT_CORE_SUPPORT_DTYPE_H_
#define PIMJIT_CORE_SUPPORT_DTYPE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace pimjit {

// Element types. The numeric values are written to disk and cross the plugin boundary: never
// renumber. `b1` is the type of conditions inside kernels; tensors never have it.
enum class DType : uint8_t { b1 = 0, i8 = 1, i16 = 2, i32 = 3, i64 = 4, f32 = 5 };

inline constexpr DType kTensorDTypes[] = {DType::i8, DType::i16, DType::i32, DType::i64,
                                          DType::f32};

constexpr int bytes_of(DType t) {
  switch (t) {
    case DType::b1:
    case DType::i8:
      return 1;
    case DType::i16:
      return 2;
    case DType::i32:
    case DType::f32:
      return 4;
    case DType::i64:
      return 8;
  }
  return 0;
}
constexpr int bits_of(DType t) {
  return t == DType::b1 ? 1 : 8 * bytes_of(t);
}
constexpr bool is_float(DType t) {
  return t == DType::f32;
}
constexpr bool is_int(DType t) {
  return t != DType::f32 && t != DType::b1;
}

// Smallest and largest value of an integer type.
constexpr int64_t min_value(DType t) {
  return t == DType::b1 ? 0 : -(int64_t{1} << (bits_of(t) - 2)) * 2;
}
constexpr int64_t max_value(DType t) {
  return t == DType::b1 ? 1 : -(min_value(t) + 1);
}

// `value` wrapped to two's complement of the width of `t` (an integer type).
constexpr int64_t wrap_to(DType t, int64_t value) {
  switch (t) {
    case DType::b1:
      return value & 1;
    case DType::i8:
      return static_cast<int8_t>(value);
    case DType::i16:
      return static_cast<int16_t>(value);
    case DType::i32:
      return static_cast<int32_t>(value);
    default:
      return value;
  }
}

// Whether every value of `from` is a value of `to`.
constexpr bool widens_losslessly(DType from, DType to) {
  if (from == to) return true;
  if (is_int(from) && is_int(to)) return bits_of(from) <= bits_of(to);
  return to == DType::f32 && (from == DType::i8 || from == DType::i16);
}

const char* to_string(DType t);
std::optional<DType> parse_dtype(std::string_view text);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_DTYPE_H_
