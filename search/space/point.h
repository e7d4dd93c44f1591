#ifndef PIMJIT_SEARCH_SPACE_POINT_H_
#define PIMJIT_SEARCH_SPACE_POINT_H_

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "pimjit/core/schedule/final_reduction.h"
#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// All decisions of one design, as numbers that can be drawn, changed and mixed; emit turns them
// into a trace. The nest of a stage is
//
//   units | inner instances | S0 R0 S1 R1 S2 R2        (the last two may be swapped)
//
// where Sj (Rj) are the serial parts of the spatial (reduction) axes: 0 the rounds that are left
// over, 1 the middle tiles, 2 the inner tiles. docs/search.md.

inline constexpr int kGroups = 6;
// Where a cache is: 0 outside the loops bound inside a unit (shared by its instances), 1 inside
// them, 2 inside S0, 3 inside R0, ... 7 inside all but nothing; kNoCache: none.
inline constexpr int kPositions = 2 + kGroups;
inline constexpr int kNoCache = -1;

struct AxisTiling {
  std::vector<int64_t> parts;          // per parallel level of the machine view
  std::array<int64_t, 2> tiles{1, 1};  // middle, inner: iterations
  bool padded = false;                 // overshoot is padding rather than guarded
  bool operator==(const AxisTiling&) const = default;
};

struct StagePoint {
  bool on_device = true;
  bool host_parallel = false;  // of a host stage: its outermost spatial loop runs on all threads
  std::vector<AxisTiling> axes;
  int cache_scope = -1;      // number in MachineView::cache_scopes; -1: no caches
  std::vector<int> read_at;  // position per access
  int write_at = kNoCache;
  std::vector<bool> shared_place;   // per access: in the scope the host writes once for all units
  bool reduction_outside = false;   // the inner tiles of reductions lie outside the spatial ones
  bool units_reduce_first = false;  // unit loops of reduction axes outside those of spatial ones
  bool vectorized = false;          // the innermost loop
  int64_t unroll = 1;               // copies of the innermost body, over all unrolled loops
  FinalReduction final;             // threads and group
  bool operator==(const StagePoint&) const = default;
};

struct Point {
  std::vector<StagePoint> stages;
  std::set<int> narrow = {};  // tensors that are stored in the narrowest type
  bool operator==(const Point&) const = default;
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_SPACE_POINT_H_
