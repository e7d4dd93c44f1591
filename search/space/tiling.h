#ifndef PIMJIT_SEARCH_SPACE_TILING_H_
#define PIMJIT_SEARCH_SPACE_TILING_H_

#include <cstdint>
#include <vector>

#include "pimjit/core/support/random.h"
#include "pimjit/search/space/point.h"

namespace pimjit {

// Arithmetic of how an axis is cut up.

// Product of an axis' parts over all levels, at least 1.
int64_t spread_of(const AxisTiling& axis);
// Iterations left for one innermost instance.
int64_t rest_of(const AxisTiling& axis, int64_t extent);
// Brings tiles into the range that `rest` allows: 1 <= inner <= rest, 1 <= middle <= rest / inner
// rounded up.
void clamp_tiles(AxisTiling& axis, int64_t extent);

// All divisors, ascending; n >= 1.
std::vector<int64_t> divisors_of(int64_t n);
// A number of 1..limit: mostly a divisor of n, at times a power of two or any, small and large ones
// alike likely.
int64_t draw_factor(int64_t n, int64_t limit, RandomStream& random);
// A prime factor of n, at random; 1 for n = 1.
int64_t draw_prime_factor(int64_t n, RandomStream& random);

// How the host adds up partial results: mostly as the library would.
FinalReduction draw_final_reduction(RandomStream& random);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_SPACE_TILING_H_
