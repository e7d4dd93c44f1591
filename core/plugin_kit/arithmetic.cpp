#include "pimjit/core/plugin_kit/arithmetic.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace pimjit::kit {
namespace {

// Truncating division with a value for every pair of operands: x / 0 = 0, and MIN / -1 = MIN by
// wrapping.
int64_t divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return static_cast<int64_t>(0 - static_cast<uint64_t>(a));
  return a / b;
}
int64_t remainder(int64_t a, int64_t b) {
  if (b == 0) return a;
  return b == -1 ? 0 : a % b;
}

Value of(int64_t integer) {
  Value v;
  v.integer = integer;
  return v;
}
Value of(float real) {
  Value v;
  v.integer = 0;
  v.real = real;
  return v;
}

int64_t to_integer(Type t, float x) {
  if (std::isnan(x)) return 0;
  const int bits = 8 * bytes_of(t);
  // Both are powers of two, exact as float.
  const float end = std::ldexp(1.0f, bits - 1);
  const int64_t max =
      bits == 64 ? std::numeric_limits<int64_t>::max() : (int64_t{1} << (bits - 1)) - 1;
  if (x >= end) return max;
  if (x < -end) return -max - 1;
  return static_cast<int64_t>(x);
}

}  // namespace

int64_t wrap(Type t, int64_t value) {
  switch (t) {
    case Type::b1:
      return value & 1;
    case Type::i8:
      return static_cast<int8_t>(value);
    case Type::i16:
      return static_cast<int16_t>(value);
    case Type::i32:
      return static_cast<int32_t>(value);
    default:
      return value;
  }
}

int64_t integer_operation(BinaryOp op, Type t, int64_t a, int64_t b) {
  const auto x = static_cast<uint64_t>(a);
  const auto y = static_cast<uint64_t>(b);
  switch (op) {
    case BinaryOp::add:
      return wrap(t, static_cast<int64_t>(x + y));
    case BinaryOp::sub:
      return wrap(t, static_cast<int64_t>(x - y));
    case BinaryOp::mul:
      return wrap(t, static_cast<int64_t>(x * y));
    case BinaryOp::div:
      return wrap(t, divide(a, b));
    case BinaryOp::mod:
      return wrap(t, remainder(a, b));
    case BinaryOp::min:
      return a < b ? a : b;
    case BinaryOp::max:
      return a < b ? b : a;
    case BinaryOp::lt:
      return a < b ? 1 : 0;
    case BinaryOp::le:
      return a <= b ? 1 : 0;
    case BinaryOp::eq:
      return a == b ? 1 : 0;
    case BinaryOp::ne:
      return a != b ? 1 : 0;
    case BinaryOp::logical_and:
      return a != 0 && b != 0 ? 1 : 0;
    case BinaryOp::logical_or:
      return a != 0 || b != 0 ? 1 : 0;
  }
  return 0;
}

Value real_operation(BinaryOp op, float a, float b) {
  switch (op) {
    case BinaryOp::add:
      return of(a + b);
    case BinaryOp::sub:
      return of(a - b);
    case BinaryOp::mul:
      return of(a * b);
    case BinaryOp::div:
      return of(a / b);
    case BinaryOp::min:
      return of(std::isnan(a) ? a : std::isnan(b) ? b : a < b ? a : b);
    case BinaryOp::max:
      return of(std::isnan(a) ? a : std::isnan(b) ? b : a < b ? b : a);
    case BinaryOp::lt:
      return of(int64_t{a < b});
    case BinaryOp::le:
      return of(int64_t{a <= b});
    case BinaryOp::eq:
      return of(int64_t{a == b});
    case BinaryOp::ne:
      return of(int64_t{a != b});
    case BinaryOp::mod:
    case BinaryOp::logical_and:
    case BinaryOp::logical_or:
      break;
  }
  return of(int64_t{0});
}

Value operation(BinaryOp op, Type t, Value a, Value b) {
  return t == Type::f32 ? real_operation(op, a.real, b.real)
                        : of(integer_operation(op, t, a.integer, b.integer));
}

Value cast(Type to, Type from, Value value) {
  if (to == from) return value;
  if (to == Type::f32) return of(static_cast<float>(value.integer));
  return from == Type::f32 ? of(to_integer(to, value.real)) : of(wrap(to, value.integer));
}

Value combine(CombineOp op, Type t, Value a, Value b) {
  switch (op) {
    case CombineOp::sum:
      return operation(BinaryOp::add, t, a, b);
    case CombineOp::prod:
      return operation(BinaryOp::mul, t, a, b);
    case CombineOp::min:
      return operation(BinaryOp::min, t, a, b);
    case CombineOp::max:
      return operation(BinaryOp::max, t, a, b);
  }
  return a;
}

Value load_element(Type t, const void* from) {
  uint64_t bits = 0;
  const auto* bytes = static_cast<const unsigned char*>(from);
  for (int i = bytes_of(t) - 1; i >= 0; --i) bits = bits << 8 | bytes[i];
  if (t != Type::f32) return of(wrap(t, static_cast<int64_t>(bits)));
  const auto word = static_cast<uint32_t>(bits);
  float real = 0;
  std::memcpy(&real, &word, sizeof real);
  return of(real);
}

void store_element(Type t, Value value, void* to) {
  auto bits = static_cast<uint64_t>(value.integer);
  if (t == Type::f32) {
    uint32_t word = 0;
    std::memcpy(&word, &value.real, sizeof word);
    bits = word;
  }
  auto* bytes = static_cast<unsigned char*>(to);
  for (int i = 0; i < bytes_of(t); ++i) bytes[i] = static_cast<unsigned char>(bits >> (8 * i));
}

}  // namespace pimjit::kit
