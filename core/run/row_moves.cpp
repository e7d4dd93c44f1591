#include "pimjit/core/run/row_moves.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace pimjit {
namespace {

template <typename T>
T read(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <typename T>
void write(std::byte* p, T value) {
  std::memcpy(p, &value, sizeof value);
}

template <typename To, typename From>
void convert_typed(RowEnd to, ConstRowEnd from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const auto value = read<From>(from.data + i * from.stride * int64_t{sizeof(From)});
    write<To>(to.data + i * to.stride * int64_t{sizeof(To)}, static_cast<To>(value));
  }
}

template <typename T>
T sum(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a + b;
  } else {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(static_cast<U>(a) + static_cast<U>(b)));
  }
}
template <typename T>
T product(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a * b;
  } else {
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  }
}
template <typename T>
T smaller(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<T>::quiet_NaN();
  }
  return b < a ? b : a;
}
template <typename T>
T larger(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<T>::quiet_NaN();
  }
  return a < b ? b : a;
}

template <typename T, T (*Op)(T, T)>
void reduce_typed(RowEnd to, ConstRowEnd from, int64_t n) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(T));
  for (int64_t i = 0; i < n; ++i) {
    std::byte* const at = to.data + i * to.stride * kSize;
    write<T>(at, Op(read<T>(at), read<T>(from.data + i * from.stride * kSize)));
  }
}

// Calls fn(T{}) with the C++ type of t.
template <typename Fn>
void with_type(DType t, Fn&& fn) {
  switch (t) {
    case DType::b1:
    case DType::i8:
      return fn(int8_t{});
    case DType::i16:
      return fn(int16_t{});
    case DType::i32:
      return fn(int32_t{});
    case DType::i64:
      return fn(int64_t{});
    case DType::f32:
      return fn(float{});
  }
}

}  // namespace

void copy_row(DType t, RowEnd to, ConstRowEnd from, int64_t n) {
  if (n <= 0) return;
  if (to.stride == 1 && from.stride == 1) {
    std::memcpy(to.data, from.data, static_cast<size_t>(n * bytes_of(t)));
    return;
  }
  with_type(t, [&](auto zero) { convert_typed<decltype(zero), decltype(zero)>(to, from, n); });
}

void convert_row(DType to_type, RowEnd to, DType from_type, ConstRowEnd from, int64_t n) {
  if (to_type == from_type) return copy_row(to_type, to, from, n);
  with_type(to_type, [&](auto to_zero) {
    with_type(from_type, [&](auto from_zero) {
      using To = decltype(to_zero);
      using From = decltype(from_zero);
      if constexpr (std::is_integral_v<To> && std::is_integral_v<From>)
        convert_typed<To, From>(to, from, n);
    });
  });
}

void reduce_row(DType t, Reducer reducer, RowEnd to, ConstRowEnd from, int64_t n) {
  with_type(t, [&](auto zero) {
    using T = decltype(zero);
    switch (reducer) {
      case Reducer::none:
        return copy_row(t, to, from, n);
      case Reducer::sum:
        return reduce_typed<T, sum<T>>(to, from, n);
      case Reducer::prod:
        return reduce_typed<T, product<T>>(to, from, n);
      case Reducer::min:
        return reduce_typed<T, smaller<T>>(to, from, n);
      case Reducer::max:
        return reduce_typed<T, larger<T>>(to, from, n);
    }
  });
}

void fill_row(DType t, RowEnd to, int64_t integer, double real, int64_t n) {
  with_type(t, [&](auto zero) {
    using T = decltype(zero);
    constexpr auto kSize = static_cast<int64_t>(sizeof(T));
    T value;
    if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<T>(real);
    } else {
      value = static_cast<T>(integer);
    }
    for (int64_t i = 0; i < n; ++i) write<T>(to.data + i * to.stride * kSize, value);
  });
}

}  // namespace pimjit
