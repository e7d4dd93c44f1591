#include "pimjit/core/schedule/schedule.h"

#include <algorithm>

#include "pimjit/core/support/text.h"

namespace pimjit {

bool StageSchedule::on_device() const {
  return std::any_of(nest.begin(), nest.end(),
                     [this](LoopId id) { return loops[static_cast<size_t>(id)].level >= 0; });
}

int StageSchedule::depth(LoopId loop) const {
  for (size_t p = 0; p < nest.size(); ++p) {
    if (nest[p] == loop) return static_cast<int>(p);
  }
  return -1;
}

Schedule Schedule::initial(const Workload& workload) {
  Schedule s;
  s.stages.resize(workload.stages.size());
  for (size_t i = 0; i < workload.stages.size(); ++i) {
    StageSchedule& stage = s.stages[i];
    const std::vector<Axis>& axes = workload.stages[i].axes;
    stage.access_count = static_cast<int>(workload.stages[i].accesses.size());
    stage.loops.reserve(axes.size() + 12);
    stage.nest.reserve(axes.size() + 8);
    for (size_t a = 0; a < axes.size(); ++a) {
      Loop loop;
      loop.extent = axes[a].extent;
      loop.axis_kind = axes[a].kind;
      loop.axis = static_cast<int>(a);
      stage.loops.push_back(loop);
      stage.nest.push_back(static_cast<LoopId>(a));
    }
  }
  return s;
}

std::string loop_name(const Workload& w, const Schedule& s, int stage, LoopId loop) {
  const StageSchedule& nest = s.stages[static_cast<size_t>(stage)];
  if (loop < 0 || loop >= static_cast<int>(nest.loops.size())) return cat('#', loop);
  const Loop& l = nest.loops[static_cast<size_t>(loop)];
  if (l.origin == LoopOrigin::axis)
    return w.stages[static_cast<size_t>(stage)].axes[static_cast<size_t>(l.axis)].name;
  if (l.origin == LoopOrigin::split) {
    const Loop& parent = nest.loops[static_cast<size_t>(l.parent)];
    const auto part = std::find(parent.children.begin(), parent.children.end(), loop);
    return cat(loop_name(w, s, stage, l.parent), '.', part - parent.children.begin());
  }
  std::vector<std::string> members;
  for (size_t m = 0; m < nest.loops.size(); ++m) {
    const Loop& member = nest.loops[m];
    if (member.fused_into != loop) continue;
    const size_t position = static_cast<size_t>(member.fuse_position);
    if (members.size() <= position) members.resize(position + 1);
    members[position] = loop_name(w, s, stage, static_cast<LoopId>(m));
  }
  return join(members, "*");
}

}  // namespace pimjit
