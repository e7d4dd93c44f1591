#include "pimjit/core/lower/passes/passes.h"

namespace pimjit {
namespace {

bool computes_nothing(const Stage& stage) {
  for (const Axis& axis : stage.axes) {
    if (axis.extent == 0) return true;
  }
  return false;
}

}  // namespace

Status place_stages(LoweringState& state) {
  const LoweredModule& m = state.module;
  const size_t count = m.workload->stages.size();
  state.places.assign(count, StagePlace::host);
  state.layouts.assign(count, std::nullopt);
  state.kernels.assign(count, -1);
  for (size_t i = 0; i < count; ++i) {
    if (computes_nothing(m.workload->stages[i])) {
      state.places[i] = StagePlace::empty;
      continue;
    }
    bool bound = false;
    for (LoopId id : m.schedule.stages[i].nest)
      bound = bound || m.schedule.stages[i].loops[static_cast<size_t>(id)].level >= 0;
    if (!bound) continue;
    state.places[i] = StagePlace::device;
    Legal<StageLayout> layout =
        layout_stage(*m.workload, *m.target, m.schedule, static_cast<int>(i));
    if (!layout) return fail(render(layout.error(), *m.workload, *m.target, &m.schedule, nullptr));
    state.layouts[i] = std::move(*layout);
  }
  return {};
}

}  // namespace pimjit
