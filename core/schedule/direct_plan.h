#ifndef PIMJIT_CORE_SCHEDULE_DIRECT_PLAN_H_
#define PIMJIT_CORE_SCHEDULE_DIRECT_PLAN_H_

#include <optional>
#include <vector>

#include "pimjit/core/schedule/trace_builder.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// How one stage runs on a machine whose kernels work on the application's own tensors: nothing is
// copied, what the caches of such a machine do for operands is left to them. A tile of results is
// kept near the instance, rows by lanes, while a reduction runs; its lanes are consecutive elements
// of the tensors.
struct DirectPlan {
  struct Parts {
    int64_t bound = 1;  // instances that share the axis
    int64_t tile = 1;   // iterations of the innermost part
    int64_t block = 1;  // of a reduction: iterations between two visits of a tile of results
  };
  std::vector<Parts> axes;  // of the stage
  int lanes = -1;           // the axis of consecutive elements, -1: there is none
  int rows = -1;            // a second axis with a tile, -1: one row
  int level = 0;            // of the instances
  int near = -1;            // scope of the tiles of results, -1: the stage does not reduce
  int packed = -1;          // access that all rows share: the part that a column of tiles reads is
  int packed_in = -1;       // copied to this scope first, where it is contiguous; -1: none
};

// Plans from ambitious to modest; none where the machine is of another kind (homes that are copied,
// lockstep, no scope for tiles). Pure.
std::vector<DirectPlan> direct_plans(const Workload& workload, const TargetDesc& target, int stage);

// Appends the instructions of the plan.
void emit_direct(TraceBuilder& trace, const Workload& workload, int stage, const DirectPlan& plan);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_DIRECT_PLAN_H_
