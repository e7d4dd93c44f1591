#include "pimjit/core/interp/scalar_ops.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "pimjit/core/support/tensor.h"

namespace pimjit {
namespace {

int64_t wrapping(BinaryOp op, int64_t a, int64_t b) {
  const auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  switch (op) {
    case BinaryOp::add:
      return static_cast<int64_t>(x + y);
    case BinaryOp::sub:
      return static_cast<int64_t>(x - y);
    default:
      return static_cast<int64_t>(x * y);
  }
}

// 64-bit division is the one place where MIN / -1 does not fit; narrower types wrap afterwards.
int64_t quotient(int64_t a, int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return wrapping(BinaryOp::sub, 0, a);
  return a / b;
}
int64_t remainder(int64_t a, int64_t b) {
  if (b == 0) return a;
  return b == -1 ? 0 : a % b;
}

// The nearest integer toward zero inside the range of `to`; NaN gives 0.
int64_t saturate(DType to, float value) {
  if (std::isnan(value)) return 0;
  const double x = std::trunc(static_cast<double>(value));
  const int64_t low = min_value(to), high = max_value(to);
  if (x <= static_cast<double>(low)) return low;
  // For i64 the bound rounds up to 2^63, so that reaching it is beyond the range.
  if (x >= static_cast<double>(high)) return high;
  return static_cast<int64_t>(x);
}

BinaryOp as_binary(CombineOp op) {
  switch (op) {
    case CombineOp::sum:
      return BinaryOp::add;
    case CombineOp::prod:
      return BinaryOp::mul;
    case CombineOp::min:
      return BinaryOp::min;
    case CombineOp::max:
      return BinaryOp::max;
  }
  return BinaryOp::add;
}

bool yields_b1(BinaryOp op) {
  return op >= BinaryOp::lt;
}

// Whether one defined operand decides the result alone.
bool absorbs(BinaryOp op, DType operands, const Value& v, bool is_left) {
  if (v.poison != Poison::none || operands == DType::f32) return false;
  switch (op) {
    case BinaryOp::logical_and:
    case BinaryOp::mul:
    case BinaryOp::div:
      return v.integer == 0;
    case BinaryOp::mod:
      return is_left && v.integer == 0;
    case BinaryOp::min:
      return v.integer == min_value(operands);
    case BinaryOp::max:
      return v.integer == max_value(operands);
    case BinaryOp::logical_or:
      return v.integer != 0;
    default:
      return false;
  }
}

}  // namespace

int64_t integer_binary(BinaryOp op, DType t, int64_t a, int64_t b) {
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::sub:
    case BinaryOp::mul:
      return wrap_to(t, wrapping(op, a, b));
    case BinaryOp::div:
      return wrap_to(t, quotient(a, b));
    case BinaryOp::mod:
      return wrap_to(t, remainder(a, b));
    case BinaryOp::min:
      return a < b ? a : b;
    case BinaryOp::max:
      return a < b ? b : a;
    case BinaryOp::lt:
      return a < b;
    case BinaryOp::le:
      return a <= b;
    case BinaryOp::eq:
      return a == b;
    case BinaryOp::ne:
      return a != b;
    case BinaryOp::logical_and:
      return a & b;
    case BinaryOp::logical_or:
      return a | b;
  }
  return 0;
}

float real_binary(BinaryOp op, float a, float b) {
  switch (op) {
    case BinaryOp::add:
      return a + b;
    case BinaryOp::sub:
      return a - b;
    case BinaryOp::mul:
      return a * b;
    case BinaryOp::div:
      return a / b;
    default:
      break;
  }
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<float>::quiet_NaN();
  if (op == BinaryOp::min) return b < a ? b : a;
  return a < b ? b : a;
}

bool real_compare(BinaryOp op, float a, float b) {
  switch (op) {
    case BinaryOp::lt:
      return a < b;
    case BinaryOp::le:
      return a <= b;
    case BinaryOp::eq:
      return a == b;
    default:
      return a != b;
  }
}

Value binary(BinaryOp op, DType operands, const Value& a, const Value& b) {
  Value result;
  if (operands == DType::f32) {
    if (yields_b1(op)) {
      result.integer = real_compare(op, a.real, b.real);
    } else {
      result.real = real_binary(op, a.real, b.real);
    }
  } else {
    result.integer = integer_binary(op, operands, a.integer, b.integer);
  }
  if (a.poison == Poison::none && b.poison == Poison::none) return result;
  if (!absorbs(op, operands, a, true) && !absorbs(op, operands, b, false))
    result.poison = Poison::derived;
  return result;
}

Value cast(DType to, DType from, const Value& a) {
  Value result;
  result.poison = a.poison;
  if (to == DType::f32) {
    result.real = from == DType::f32 ? a.real : static_cast<float>(a.integer);
  } else if (from == DType::f32) {
    result.integer = saturate(to, a.real);
  } else {
    result.integer = wrap_to(to, a.integer);
  }
  return result;
}

Value combine(CombineOp op, DType t, const Value& a, const Value& b) {
  return binary(as_binary(op), t, a, b);
}

Value load_value(const std::byte* data, const uint8_t* shadow, DType t) {
  Value value;
  value.poison = poison_of(shadow, bytes_of(t));
  if (t == DType::f32) {
    std::memcpy(&value.real, data, sizeof value.real);
  } else {
    value.integer = load_integer(data, t);
  }
  return value;
}

void store_value(std::byte* data, uint8_t* shadow, DType t, const Value& value) {
  if (t == DType::f32) {
    std::memcpy(data, &value.real, sizeof value.real);
  } else {
    store_integer(data, t, value.integer);
  }
  // Somebody wrote it, so that it is no longer uninitialised, whatever was stored.
  const Poison left = value.poison == Poison::uninitialised ? Poison::derived : value.poison;
  std::memset(shadow, static_cast<int>(left), static_cast<size_t>(bytes_of(t)));
}

}  // namespace pimjit
