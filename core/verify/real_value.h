#ifndef PIMJIT_CORE_VERIFY_REAL_VALUE_H_
#define PIMJIT_CORE_VERIFY_REAL_VALUE_H_

#include <cfloat>
#include <cmath>
#include <limits>

namespace pimjit::verify {

// What an f32 computation may give, whatever the order of its reductions: the value in double, and
// the magnitude that bounds its error together with a count n of roundings: |device - value| <=
// gamma(n) * magnitude. The counts depend on the computation only and are passed along.
// docs/workload.md, "The correctness gate".
//   magnitude finite, value finite    the bound holds
//   magnitude 0, value NaN or inf     certain: every order gives exactly that
//   magnitude infinite                unbounded: nothing is known
struct RealValue {
  double value = 0;
  double magnitude = 0;
  bool unbounded() const { return std::isinf(magnitude); }
  bool exceptional() const { return !std::isfinite(value) && !unbounded(); }
};

inline constexpr double kUnit = 0x1.0p-24;  // rounding unit u of f32
inline constexpr double kSmallestNormal = 0x1.0p-126;
// Up to here gamma <= 1, so that a device value is at most twice its magnitude.
inline constexpr double kMaxRoundings = 0x1.0p23;
inline constexpr double kOverflow = static_cast<double>(FLT_MAX) / 2;

// n u / (1 - n u); infinite from kMaxRoundings on.
inline double gamma(double n) {
  return n < kMaxRoundings ? n * kUnit / (1 - n * kUnit) : std::numeric_limits<double>::infinity();
}

RealValue leaf(double value);
inline RealValue unbounded_value() {
  return {0, std::numeric_limits<double>::infinity()};
}

// One operation on values with na and nb roundings.
RealValue add(const RealValue& a, const RealValue& b);
RealValue sub(const RealValue& a, const RealValue& b);
RealValue mul(const RealValue& a, double na, const RealValue& b, double nb);
RealValue div(const RealValue& a, double na, const RealValue& b, double nb);
RealValue min(const RealValue& a, const RealValue& b);
RealValue max(const RealValue& a, const RealValue& b);
inline RealValue neg(const RealValue& a) {
  return {-a.value, a.magnitude};
}

}  // namespace pimjit::verify

#endif  // PIMJIT_CORE_VERIFY_REAL_VALUE_H_
