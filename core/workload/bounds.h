#ifndef PIMJIT_CORE_WORKLOAD_BOUNDS_H_
#define PIMJIT_CORE_WORKLOAD_BOUNDS_H_

#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/workload/workload.h"

// Private to core/workload.
namespace pimjit {

// Smallest and largest value of an affine index; 128 bits hold both for any axes below
// kMaxElements.
struct IndexBounds {
  __int128 low;
  __int128 high;
};

// nullopt when an axis of the index has extent 0: the index is never taken.
std::optional<IndexBounds> bounds_of(const AffineIndex& index, const std::vector<Axis>& axes);

// Product of the extents with 0 counted as 1, or kMaxElements + 1 when it is larger than
// kMaxElements.
int64_t capped_product(const std::vector<int64_t>& extents);

// Whether `value` is exactly a value of `t`.
bool holds(DType t, int64_t value);

// Decimal text.
std::string to_text(__int128 value);

}  // namespace pimjit

#endif  // PIMJIT_CORE_WORKLOAD_BOUNDS_H_
