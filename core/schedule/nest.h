#ifndef PIMJIT_CORE_SCHEDULE_NEST_H_
#define PIMJIT_CORE_SCHEDULE_NEST_H_

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// Small questions about a nest that the parts of this folder share.

// Iterations of a nest, extents of 0 counted as 1. Twice the largest iteration space of a stage:
// edges may overshoot.
inline constexpr int64_t kMaxNestIterations = 2 * kMaxElements;
inline constexpr int64_t kMaxUnroll = 256;  // copies of a body

constexpr int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// Bound to a level whose instances run in parallel, each with its own value of the loop.
inline bool runs_in_parallel(const TargetDesc& target, const Loop& loop) {
  if (!loop.in_nest || loop.level < 0) return false;
  const LevelKind kind = target.levels[static_cast<size_t>(loop.level)].kind;
  return kind == LevelKind::independent || kind == LevelKind::lockstep;
}

// Whether partial results over a level can be combined on the device.
inline bool combines_over(const TargetDesc& target, int level) {
  for (int stage : target.reduction_stages) {
    if (stage == level) return level > target.unit_level();
  }
  return false;
}

// A factored loop whose partial results leave the device one by one and are added up by the host.
inline bool host_adds_up(const TargetDesc& target, const Loop& loop) {
  return loop.rfactored && runs_in_parallel(target, loop) && !combines_over(target, loop.level);
}

inline bool is_lockstep(const TargetDesc& target, const Loop& loop) {
  return loop.in_nest && loop.level >= 0 &&
         target.levels[static_cast<size_t>(loop.level)].kind == LevelKind::lockstep;
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_NEST_H_
