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

inline bool is_lockstep(const TargetDesc& target, const Loop& loop) {
  return loop.in_nest && loop.level >= 0 &&
         target.levels[static_cast<size_t>(loop.level)].kind == LevelKind::lockstep;
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_NEST_H_
