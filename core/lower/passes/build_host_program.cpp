#include "pimjit/core/lower/host_builder.h"
#include "pimjit/core/lower/passes/passes.h"

namespace pimjit {

Status build_host_program(LoweringState& state) {
  HostBuilder builder(state.module);
  for (size_t i = 0; i < state.places.size(); ++i) {
    const int stage = static_cast<int>(i);
    switch (state.places[i]) {
      case StagePlace::empty:
        builder.add_fill(stage);
        break;
      case StagePlace::host:
        builder.add_host_stage(stage, state.kernels[i]);
        break;
      case StagePlace::device:
        if (Status added = builder.add_device_stage(stage, *state.layouts[i], state.kernels[i]);
            !added)
          return added;
        break;
    }
  }
  return {};
}

}  // namespace pimjit
