#ifndef PIMJIT_CORE_SCHEDULE_INSTRUCTIONS_H_
#define PIMJIT_CORE_SCHEDULE_INSTRUCTIONS_H_

#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// Instructions in their canonical form: unused fields at their defaults, `at` at kRoot as no loop.
// Lists longer than an instruction holds are cut; the primitives would refuse them. Pure.

inline Decision absolute(int64_t n) {
  return {DecisionKind::absolute, n, 1, -1};
}
inline Decision ratio(int64_t n, int64_t d) {
  return {DecisionKind::ratio, n, d, -1};
}
inline Decision fills(int scope, int64_t d) {
  return {DecisionKind::fills, 1, d, scope};
}
inline Decision all() {
  return {DecisionKind::all, 1, 1, -1};
}

Instruction make_split(int stage, LoopId loop, const std::vector<Decision>& factors,
                       Edge edge = Edge::guard);
Instruction make_split(int stage, LoopId loop, const std::vector<int64_t>& factors,
                       Edge edge = Edge::guard);
Instruction make_fuse(int stage, const std::vector<LoopId>& loops);
Instruction make_reorder(int stage, const std::vector<LoopId>& loops);
Instruction make_bind(int stage, LoopId loop, int level);
Instruction make_rfactor(int stage, LoopId loop);
Instruction make_cache_read(int stage, int access, int scope, LoopId at);
Instruction make_cache_write(int stage, int scope, LoopId at);
Instruction make_decompose_reduction(int stage, LoopId at);
Instruction make_unroll(int stage, LoopId loop, Decision copies);
Instruction make_vectorize(int stage, LoopId loop);
Instruction make_parallel(int stage, LoopId loop);
Instruction make_place(int tensor, int scope, Residency residency, bool narrow = false);
// `name` is a number of Trace::names.
Instruction make_annotate(int stage, int name, int64_t value);

// The loop of cache_read, cache_write and decompose_reduction.
inline LoopId position_of(const Instruction& in) {
  return in.loop_count == 0 ? kRoot : in.loops[0];
}

// What a decision about a loop of `extent` means; decisions other than absolute ones end up in 1 ..
// limit. `stage` gives the element size of `fills`. A scope that does not exist counts as one
// element.
int64_t resolve(const Decision& decision, int64_t extent, int64_t limit, const Workload& workload,
                const TargetDesc& target, int stage);

// The factors of a split as numbers, given the extent of its loop.
std::vector<int64_t> resolve_factors(const Instruction& in, int64_t extent,
                                     const Workload& workload, const TargetDesc& target);

// One instruction on a schedule. The rejection's `instruction` is not filled in.
Legal<void> apply(Schedule& s, const Workload& workload, const TargetDesc& target,
                  const Trace& trace, const Instruction& in);

// replay, leaving in `s` what was built up to the rejection.
Legal<void> replay_into(Schedule& s, const Workload& workload, const TargetDesc& target,
                        const Trace& trace);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_INSTRUCTIONS_H_
