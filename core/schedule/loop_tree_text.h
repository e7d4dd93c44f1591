#ifndef PIMJIT_CORE_SCHEDULE_LOOP_TREE_TEXT_H_
#define PIMJIT_CORE_SCHEDULE_LOOP_TREE_TEXT_H_

#include <string>

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// The nest of a stage as people read it: one loop per line with extent and roles, caches where they
// are, with the size of their tile, guards and the statement at the bottom, then what each memory
// holds.
//   stage 0 (C) on the device: 64 units, 8 instances each
//   i.0: 64  unit
//     i.1: 8  thread
//       write C in scratch: 4 elements, 16 B
// A schedule that has no layout is drawn without sizes. Pure; ends with a line end.
std::string loop_tree_text(const Workload& workload, const TargetDesc& target,
                           const Schedule& schedule, int stage);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_LOOP_TREE_TEXT_H_
