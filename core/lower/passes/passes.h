#ifndef PIMJIT_CORE_LOWER_PASSES_PASSES_H_
#define PIMJIT_CORE_LOWER_PASSES_PASSES_H_

#include <optional>
#include <vector>

#include "pimjit/core/lower/boundary.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// What the passes work on: the module as it grows, and what earlier passes found out about each
// stage.
enum class StagePlace : uint8_t { device, host, empty };
struct LoweringState {
  LoweredModule module;
  std::vector<StagePlace> places;                   // per stage
  std::vector<std::optional<StageLayout>> layouts;  // per stage, of those on the device
  std::vector<int> kernels;                         // per stage: number in kernels or host_kernels
  std::vector<std::vector<BufferTraits>> traits;    // per device kernel and buffer
  FiringLog firings;                                // of the pass that runs
};

// The passes, one file each, in the order of lower.cpp. A pass changes the state or says why it
// cannot; whether it changed anything is found by comparing hashes.
Status place_stages(
    LoweringState& state);  // device, host, or nothing to do; layouts of those on the device
Status build_kernels(LoweringState& state);      // loop trees -> device kernels
Status build_host_stages(LoweringState& state);  // loop trees -> host kernels
Status build_host_program(LoweringState& state);
Status keep_intermediates(
    LoweringState& state);  // results that the next launch finds in place do not go to the host
Status join_pushes(LoweringState& state);  // small copies to the same units become one
Status fuse_epilogues(
    LoweringState& state);  // element-wise stages of the host go with the reduction before them
Status lower_combine(
    LoweringState& state);  // combine -> tree of barriers where the level has no such operation
Status convert_copies(LoweringState& state);  // these four: boundary.h
Status tighten_bounds(LoweringState& state);
Status hoist_branches(LoweringState& state);
Status peel_edges(LoweringState& state);
Status simplify_kernels(LoweringState& state);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_PASSES_PASSES_H_
