#ifndef PIMJIT_SEARCH_SPACE_ROW_TILING_H_
#define PIMJIT_SEARCH_SPACE_ROW_TILING_H_

#include "pimjit/search/space/design_space.h"

namespace pimjit {

// The schedule that people write by hand for such machines, as in the PrIM benchmarks
// (arXiv 2105.03814): rows over units, pairs of rows over the instances of a unit, operands
// streamed through caches of a fixed number of elements, reductions whole inside an instance unless
// there is nothing else to spread.
struct RowTiling {
  int64_t units = 1;         // for rows, at most
  int64_t instances = 16;    // of a unit, at most
  int64_t cache = 256;       // elements
  int64_t column_units = 1;  // per row: parts of its reduction whose sums the host adds up
};
Point row_tiled(const DesignSpace& space, const RowTiling& tiling);

// Row tilings with 16 instances and caches of 256 elements, on an eighth, a quarter, a half and all
// of the units: the best of them is what a careful programmer has without a search.
std::vector<Trace> conventional_schedules(const DesignSpace& space);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_SPACE_ROW_TILING_H_
