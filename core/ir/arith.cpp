#include "pimjit/core/ir/arith.h"

#include <algorithm>
#include <cmath>

namespace pimjit {

int64_t eval_int(BinaryOp op, DType t, int64_t a, int64_t b) {
  const auto ua = static_cast<uint64_t>(a);
  const auto ub = static_cast<uint64_t>(b);
  const auto wrapped = [t](uint64_t value) { return wrap_to(t, static_cast<int64_t>(value)); };
  switch (op) {
    case BinaryOp::add:
      return wrapped(ua + ub);
    case BinaryOp::sub:
      return wrapped(ua - ub);
    case BinaryOp::mul:
      return wrapped(ua * ub);
    case BinaryOp::div:
      if (b == 0) return 0;
      return b == -1 ? wrapped(0 - ua) : a / b;
    case BinaryOp::mod:
      if (b == 0) return a;
      return b == -1 ? 0 : a % b;
    case BinaryOp::min:
      return std::min(a, b);
    case BinaryOp::max:
      return std::max(a, b);
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

float eval_float(BinaryOp op, float a, float b) {
  const bool nan = std::isnan(a) || std::isnan(b);
  switch (op) {
    case BinaryOp::add:
      return a + b;
    case BinaryOp::sub:
      return a - b;
    case BinaryOp::mul:
      return a * b;
    case BinaryOp::div:
      return a / b;
    case BinaryOp::min:
      return nan ? std::numeric_limits<float>::quiet_NaN() : std::min(a, b);
    case BinaryOp::max:
      return nan ? std::numeric_limits<float>::quiet_NaN() : std::max(a, b);
    default:
      return 0;
  }
}

bool compare_float(BinaryOp op, float a, float b) {
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

int64_t float_to_int(DType t, float value) {
  if (std::isnan(value)) return 0;
  // The ends of i8 and i16 are floats; 2^31 and 2^63 are, one beyond the upper ends of i32 and i64.
  if (value >= std::ldexp(1.0f, bits_of(t) - 1)) return max_value(t);
  if (value <= -std::ldexp(1.0f, bits_of(t) - 1)) return min_value(t);
  return static_cast<int64_t>(value);
}

}  // namespace pimjit
