#ifndef PIMJIT_CORE_SCHEDULE_CHECK_PARTS_H_
#define PIMJIT_CORE_SCHEDULE_CHECK_PARTS_H_

#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// The parts of check_schedule, in the order it asks them. Private to this folder. docs/schedule.md,
// "Conditions on the whole".

struct CheckedStage {
  const Workload& w;
  const TargetDesc& target;
  const Stage& stage;
  const StageSchedule& s;
  int number;

  const Loop& loop(LoopId id) const { return s.loops[static_cast<size_t>(id)]; }
  tl::unexpected<Rejection> refuse(RejectionCode code, PlaceKind kind, int place, int64_t have = 0,
                                   int64_t limit = 0) const;
  tl::unexpected<Rejection> refuse_loop(RejectionCode code, LoopId id, int64_t have = 0,
                                        int64_t limit = 0) const {
    return refuse(code, PlaceKind::loop, id, have, limit);
  }
};

// Factored loops: a reduction stage, and a cache that holds the partial results.
Legal<void> check_partial_results(const CheckedStage& c, const StageLayout& layout);
// Where results are initialised, and whether that takes a condition.
Legal<void> check_initialisation(const CheckedStage& c, const StageLayout& layout);
// Guards and padding.
Legal<void> check_edges(const CheckedStage& c, const StageLayout& layout);
// Addresses on lockstep levels and in memories the host broadcasts to.
Legal<void> check_addresses(const CheckedStage& c, const StageLayout& layout);
// Every operation exists on the target.
Legal<void> check_operations(const CheckedStage& c, const StageLayout& layout);
// Launch arguments, buffers, nesting.
Legal<void> check_limits(const CheckedStage& c, const StageLayout& layout);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_CHECK_PARTS_H_
