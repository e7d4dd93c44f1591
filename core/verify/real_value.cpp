#include "pimjit/core/verify/real_value.h"

#include <algorithm>

namespace pimjit::verify {
namespace {

RealValue certain(double value) {
  return {value, 0};
}

// Whether every order gives NaN because an operand is certainly NaN.
bool certain_nan(const RealValue& a, const RealValue& b) {
  return (a.exceptional() && std::isnan(a.value)) || (b.exceptional() && std::isnan(b.value));
}

RealValue bounded(double value, double magnitude) {
  return magnitude < kOverflow ? RealValue{value, magnitude} : unbounded_value();
}

// The computed value certainly has the sign of `a.value`, and is not zero unless that is.
bool certain_sign(const RealValue& a, double n) {
  return a.exceptional() || n == 0 || std::fabs(a.value) > gamma(n) * a.magnitude;
}

RealValue extreme(const RealValue& a, const RealValue& b, bool smaller) {
  if (certain_nan(a, b)) return certain(std::numeric_limits<double>::quiet_NaN());
  if (a.unbounded() || b.unbounded()) return unbounded_value();
  if (a.exceptional() || b.exceptional()) return (a.value < b.value) == smaller ? a : b;
  return {smaller ? std::min(a.value, b.value) : std::max(a.value, b.value),
          std::max(a.magnitude, b.magnitude)};
}

}  // namespace

RealValue leaf(double value) {
  return {value, std::isfinite(value) ? std::fabs(value) : 0};
}

RealValue add(const RealValue& a, const RealValue& b) {
  if (certain_nan(a, b)) return certain(std::numeric_limits<double>::quiet_NaN());
  if (a.unbounded() || b.unbounded()) return unbounded_value();
  if (a.exceptional() || b.exceptional()) return certain(a.value + b.value);
  return bounded(a.value + b.value, a.magnitude + b.magnitude);
}

RealValue sub(const RealValue& a, const RealValue& b) {
  return add(a, neg(b));
}

RealValue mul(const RealValue& a, double na, const RealValue& b, double nb) {
  if (certain_nan(a, b)) return certain(std::numeric_limits<double>::quiet_NaN());
  if (a.unbounded() || b.unbounded()) return unbounded_value();
  if (a.exceptional() || b.exceptional()) {
    if (!certain_sign(a, na) || !certain_sign(b, nb)) return unbounded_value();
    return certain(a.value * b.value);
  }
  if (a.magnitude == 0 || b.magnitude == 0) return {a.value * b.value, 0};
  return bounded(a.value * b.value, std::max(a.magnitude * b.magnitude, kSmallestNormal));
}

RealValue div(const RealValue& a, double na, const RealValue& b, double nb) {
  if (certain_nan(a, b)) return certain(std::numeric_limits<double>::quiet_NaN());
  if (a.unbounded() || b.unbounded()) return unbounded_value();
  if (b.exceptional()) return certain(a.exceptional() ? a.value / b.value : 0.0);
  const double least = std::fabs(b.value) - gamma(nb) * b.magnitude;
  if (!(least > 0)) {
    const bool both_zero = nb == 0 && na == 0 && a.value == 0;
    return both_zero ? certain(std::numeric_limits<double>::quiet_NaN()) : unbounded_value();
  }
  if (a.exceptional()) return certain(a.value / b.value);
  if (a.magnitude == 0) return {0, 0};
  const double magnitude = a.magnitude * b.magnitude / (std::fabs(b.value) * least);
  return bounded(a.value / b.value, std::max(magnitude, kSmallestNormal));
}

RealValue min(const RealValue& a, const RealValue& b) {
  return extreme(a, b, true);
}
RealValue max(const RealValue& a, const RealValue& b) {
  return extreme(a, b, false);
}

}  // namespace pimjit::verify
