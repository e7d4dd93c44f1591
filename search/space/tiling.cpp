#include "pimjit/search/space/tiling.h"

#include <algorithm>
#include <cmath>

namespace pimjit {
namespace {

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

int64_t spread_of(const AxisTiling& axis) {
  int64_t spread = 1;
  for (const int64_t parts : axis.parts) spread *= parts;
  return spread;
}

int64_t rest_of(const AxisTiling& axis, int64_t extent) {
  return std::max<int64_t>(1, ceil_div(extent, spread_of(axis)));
}

void clamp_tiles(AxisTiling& axis, int64_t extent) {
  const int64_t rest = rest_of(axis, extent);
  axis.tiles[1] = std::clamp<int64_t>(axis.tiles[1], 1, rest);
  axis.tiles[0] = std::clamp<int64_t>(axis.tiles[0], 1, ceil_div(rest, axis.tiles[1]));
}

std::vector<int64_t> divisors_of(int64_t n) {
  std::vector<int64_t> small, large;
  for (int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    small.push_back(d);
    if (d * d != n) large.push_back(n / d);
  }
  small.insert(small.end(), large.rbegin(), large.rend());
  return small;
}

int64_t draw_factor(int64_t n, int64_t limit, RandomStream& random) {
  const int64_t most = std::min(n, limit);
  if (most <= 1) return 1;
  const double kind = random.unit();
  if (kind < 0.7) {
    std::vector<int64_t> divisors = divisors_of(n);
    while (divisors.back() > most) divisors.pop_back();
    // A number with few divisors tells little by them.
    if (divisors.size() > 2) {
      return divisors[static_cast<size_t>(
          random.between(0, static_cast<int64_t>(divisors.size()) - 1))];
    }
  }
  const double drawn = std::exp(random.unit() * std::log(static_cast<double>(most) + 0.999));
  int64_t value = std::clamp<int64_t>(static_cast<int64_t>(drawn), 1, most);
  if (kind < 0.9) {
    int64_t power = 1;
    while (power * 2 <= value) power *= 2;
    value = power;
  }
  return value;
}

int64_t draw_prime_factor(int64_t n, RandomStream& random) {
  std::vector<int64_t> primes;
  for (int64_t p = 2; p * p <= n; ++p) {
    for (; n % p == 0; n /= p) primes.push_back(p);
  }
  if (n > 1) primes.push_back(n);
  if (primes.empty()) return 1;
  return primes[static_cast<size_t>(random.between(0, static_cast<int64_t>(primes.size()) - 1))];
}

FinalReduction draw_final_reduction(RandomStream& random) {
  FinalReduction how;
  if (random.chance(0.15)) how.reduce_threads = 1;
  if (random.chance(0.3)) how.reduce_group = int64_t{1} << random.between(0, 5);
  return how;
}

}  // namespace pimjit
