#include "pimjit/core/workload/bounds.h"

#include <algorithm>

namespace pimjit {

std::optional<IndexBounds> bounds_of(const AffineIndex& index, const std::vector<Axis>& axes) {
  IndexBounds bounds{index.constant, index.constant};
  for (size_t a = 0; a < axes.size(); ++a) {
    const __int128 coefficient = index.coefficients[a];
    if (coefficient == 0) continue;
    if (axes[a].extent == 0) return std::nullopt;
    (coefficient > 0 ? bounds.high : bounds.low) += coefficient * (axes[a].extent - 1);
  }
  return bounds;
}

int64_t capped_product(const std::vector<int64_t>& extents) {
  __int128 product = 1;
  for (const int64_t extent : extents) {
    product *= std::max<int64_t>(extent, 1);
    if (product > kMaxElements) return kMaxElements + 1;
  }
  return static_cast<int64_t>(product);
}

bool holds(DType t, int64_t value) {
  if (!is_float(t)) return value >= min_value(t) && value <= max_value(t);
  return static_cast<__int128>(static_cast<float>(value)) == value;
}

std::string to_text(__int128 value) {
  if (value == 0) return "0";
  std::string digits;
  for (__int128 rest = value; rest != 0; rest /= 10) {
    const int digit = static_cast<int>(rest % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  if (value < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace pimjit
