#include "pimjit/core/schedule/guards.h"

#include <algorithm>

namespace pimjit {
namespace {

// Padding happens at outermost parts only, so one path from the axis sees all of it. A guard on the
// way tests the axis.
bool ends_in_padding(const StageSchedule& s, LoopId loop) {
  for (;;) {
    const Loop& l = s.loops[static_cast<size_t>(loop)];
    if (l.needs_guard) return false;
    if (l.padded) return true;
    if (l.child_count == 0) return false;
    loop = l.children[0];
  }
}

}  // namespace

bool pads_are_guards(const StageLayout& layout) {
  return layout.result.home.native || std::any_of(layout.reads.begin(), layout.reads.end(),
                                                  [](const auto& o) { return o.home.native; });
}

LoopMask guarded_loops(const StageSchedule& s, bool pads_are_guards) {
  LoopMask mask = 0;
  for (size_t l = 0; l < s.loops.size(); ++l) {
    if (s.loops[l].needs_guard || (s.loops[l].padded && pads_are_guards)) mask |= LoopMask{1} << l;
  }
  return mask;
}

LoopMask padded_axes(const Stage& stage, const StageSchedule& s, bool pads_are_guards) {
  LoopMask mask = 0;
  if (pads_are_guards) return mask;
  for (size_t a = 0; a < stage.axes.size(); ++a) {
    if (ends_in_padding(s, static_cast<LoopId>(a))) mask |= LoopMask{1} << a;
  }
  return mask;
}

}  // namespace pimjit
