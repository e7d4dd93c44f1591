#include "pimjit/search/database/sizes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace pimjit {

std::vector<int64_t> sizes_of(const std::string& text) {
  std::vector<int64_t> sizes;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const size_t equals = text.find('=', begin);
    if (equals < end) {
      int64_t value = 0;
      std::from_chars(text.data() + equals + 1, text.data() + end, value);
      sizes.push_back(value);
    }
    begin = end + 1;
  }
  return sizes;
}

double size_distance(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  const auto log_of = [](int64_t n) { return std::log2(1 + static_cast<double>(n)); };
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::fabs(log_of(a[i]) - log_of(b[i]));
  return sum;
}

}  // namespace pimjit
