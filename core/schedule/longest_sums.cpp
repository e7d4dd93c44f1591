#include "pimjit/core/schedule/longest_sums.h"

namespace pimjit {

std::vector<double> longest_sums(const Schedule& schedule) {
  std::vector<double> longest;
  for (const StageSchedule& stage : schedule.stages) {
    double in_turn = 1, partial = 0;
    for (const LoopId id : stage.nest) {
      const Loop& loop = stage.loops[static_cast<size_t>(id)];
      if (loop.axis_kind != AxisKind::reduction) continue;
      if (loop.rfactored) {
        partial += static_cast<double>(loop.extent);
      } else {
        in_turn *= static_cast<double>(loop.extent);
      }
    }
    longest.push_back(in_turn + partial);
  }
  return longest;
}

}  // namespace pimjit
