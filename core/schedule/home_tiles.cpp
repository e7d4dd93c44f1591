#include "pimjit/core/schedule/home_tiles.h"

#include <algorithm>

#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/leaves.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/neutral_padding.h"

namespace pimjit {
namespace {

using Steps = std::array<double, kMaxLoops>;

// Whether the index moves forward, by the sum of its loops' steps.
bool adds_steps_up(const Stage& stage, const StageSchedule& s, int access) {
  for (const AffineIndex& index : stage.accesses[static_cast<size_t>(access)].index) {
    for (const int64_t c : index.coefficients) {
      if (c < 0) return false;
    }
  }
  return std::all_of(s.loops.begin(), s.loops.end(),
                     [](const Loop& loop) { return loop.fused_into == kRoot; });
}

// Whether tiles can lie as far from each other as they do in the tensor. Where rows overshoot, that
// is nearer than side by side: the padding of one is then the next.
bool fits_the_tensor(const OperandLayout& operand, const Steps& steps) {
  const Storage& home = operand.home;
  const auto step = [&steps](const Digit& d) {
    return static_cast<int64_t>(steps[static_cast<size_t>(d.loop)]);
  };
  const int64_t granule = std::max(home.step_elements, operand.staging_elements);
  return std::all_of(home.tile.begin(), home.tile.end(),
                     [&](const Digit& d) { return step(d) == d.stride; }) &&
         std::all_of(home.outer.begin(), home.outer.end(), [&](const Digit& d) {
           return step(d) >= 1 && step(d) <= d.stride && step(d) % granule == 0;
         });
}

// Whether the kernel needs a value in the padding of the operand.
bool reads_padding(const Workload& w, int stage, const StageSchedule& s, bool pads_are_guards,
                   int access) {
  const LoopMask padded = padded_axes(w.stages[static_cast<size_t>(stage)], s, pads_are_guards);
  const auto padding = neutral_padding(w, stage, padded);
  return !padding || (*padding)[static_cast<size_t>(access)].needed;
}

void add_outer_digits(const TargetDesc& target, const StageSchedule& s, LoopMask kept,
                      Storage& home) {
  const int level = target.scopes[static_cast<size_t>(home.scope)].level;
  for (int p = 0; p < home.depth; ++p) {
    const LoopId id = s.nest[static_cast<size_t>(p)];
    const Loop& loop = s.loops[static_cast<size_t>(id)];
    if ((kept >> id & 1) == 0 || loop.extent == 1) continue;
    if (runs_in_parallel(target, loop) && loop.level <= level) continue;
    home.outer.push_back({id, loop.extent, 0});
  }
}

}  // namespace

int64_t place_home_tiles(const Workload& w, const TargetDesc& target, int stage,
                         const StageSchedule& s, LoopMask partial, bool pads_are_guards,
                         OperandLayout& operand) {
  const Stage& computed = w.stages[static_cast<size_t>(stage)];
  Storage& home = operand.home;
  add_outer_digits(target, s, operand.leaves | partial, home);
  const Steps steps = steps_in_tensor(w, computed, s, operand.access);
  if (partial == 0) {
    std::stable_sort(home.outer.begin(), home.outer.end(), [&](const Digit& a, const Digit& b) {
      return steps[static_cast<size_t>(a.loop)] > steps[static_cast<size_t>(b.loop)];
    });
  }
  int64_t stride = home.tile_elements;
  for (size_t d = home.outer.size(); d-- > 0;) {
    home.outer[d].stride = stride;
    stride *= std::max<int64_t>(home.outer[d].extent, 1);
  }
  home.as_tensor = operand.access != kOutputAccess && adds_steps_up(computed, s, operand.access) &&
                   fits_the_tensor(operand, steps) &&
                   !reads_padding(w, stage, s, pads_are_guards, operand.access);
  if (!home.as_tensor) return stride;
  int64_t last = 0;
  for (Digit& digit : home.outer) {
    digit.stride = static_cast<int64_t>(steps[static_cast<size_t>(digit.loop)]);
    last += (digit.extent - 1) * digit.stride;
  }
  return last + home.tile_elements;
}

}  // namespace pimjit
