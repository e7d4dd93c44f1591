#include "pimjit/core/lower/host_stage.h"
#include "pimjit/core/lower/kernel_builder.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

Status build_kernels(LoweringState& state) {
  LoweredModule& m = state.module;
  for (size_t i = 0; i < state.places.size(); ++i) {
    if (state.places[i] != StagePlace::device) continue;
    const Stage& stage = m.workload->stages[i];
    const StageLayout& layout = *state.layouts[i];
    KernelBuilder builder(*m.workload, *m.target, m.schedule.stages[i], stage, layout);
    const bool chain = m.workload->stages.size() > 1;
    state.kernels[i] = static_cast<int>(m.kernels.size());
    m.kernels.push_back(builder.build(chain ? cat(m.workload->name, ".", i) : m.workload->name));
    m.kernel_units.push_back(layout.units());
    m.kernel_stages.push_back(static_cast<int>(i));
    state.traits.push_back(builder.traits());
  }
  return {};
}

Status build_host_stages(LoweringState& state) {
  LoweredModule& m = state.module;
  for (size_t i = 0; i < state.places.size(); ++i) {
    if (state.places[i] != StagePlace::host) continue;
    state.kernels[i] = static_cast<int>(m.host_kernels.size());
    m.host_kernels.push_back(host_stage(*m.workload, m.schedule.stages[i], static_cast<int>(i)));
  }
  return {};
}

}  // namespace pimjit
