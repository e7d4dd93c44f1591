#include "pimjit/core/schedule/leaves.h"

#include <algorithm>
#include <cstdlib>

namespace pimjit {
namespace {

void fill_leaves(const StageSchedule& s, LoopId loop, std::vector<LoopMask>& masks) {
  LoopMask& mask = masks[static_cast<size_t>(loop)];
  if (mask != 0) return;
  const Loop& l = s.loops[static_cast<size_t>(loop)];
  if (l.in_nest) {
    mask = LoopMask{1} << loop;
  } else if (l.fused_into != kRoot) {
    fill_leaves(s, l.fused_into, masks);
    mask = masks[static_cast<size_t>(l.fused_into)];
  } else {
    for (int c = 0; c < l.child_count; ++c) {
      const LoopId child = l.children[static_cast<size_t>(c)];
      fill_leaves(s, child, masks);
      mask |= masks[static_cast<size_t>(child)];
    }
  }
}

// A step of `loop` moves by `step` in the tensor: what a step of each leaf does.
void add_steps(const StageSchedule& s, LoopId loop, double step,
               std::array<double, kMaxLoops>& steps) {
  const Loop& l = s.loops[static_cast<size_t>(loop)];
  if (l.in_nest) {
    steps[static_cast<size_t>(loop)] += step;
  } else if (l.fused_into != kRoot) {
    add_steps(s, l.fused_into, step / static_cast<double>(l.fuse_stride), steps);
  } else {
    for (int c = 0; c < l.child_count; ++c) {
      const LoopId child = l.children[static_cast<size_t>(c)];
      add_steps(s, child, step * static_cast<double>(s.loops[static_cast<size_t>(child)].stride),
                steps);
    }
  }
}

}  // namespace

std::vector<LoopMask> all_leaves(const StageSchedule& s) {
  std::vector<LoopMask> masks(s.loops.size(), 0);
  for (size_t l = 0; l < s.loops.size(); ++l) fill_leaves(s, static_cast<int>(l), masks);
  return masks;
}

LoopMask access_leaves(const Stage& stage, const std::vector<LoopMask>& masks, int access) {
  LoopMask mask = 0;
  if (access == kOutputAccess) {
    for (int a = 0; a < stage.rank; ++a) mask |= masks[static_cast<size_t>(a)];
    return mask;
  }
  for (const AffineIndex& index : stage.accesses[static_cast<size_t>(access)].index) {
    for (size_t a = 0; a < index.coefficients.size(); ++a) {
      if (index.coefficients[a] != 0) mask |= masks[a];
    }
  }
  return mask;
}

std::array<double, kMaxLoops> steps_in_tensor(const Workload& w, const Stage& stage,
                                              const StageSchedule& s, int access) {
  std::array<double, kMaxLoops> steps{};
  const bool output = access == kOutputAccess;
  const int number = output ? stage.output : stage.accesses[static_cast<size_t>(access)].tensor;
  const std::vector<int64_t>& shape = w.tensors[static_cast<size_t>(number)].shape;
  double stride = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    if (output) {
      add_steps(s, static_cast<int>(d), stride, steps);
    } else {
      const AffineIndex& index = stage.accesses[static_cast<size_t>(access)].index[d];
      for (size_t a = 0; a < index.coefficients.size(); ++a) {
        const auto coefficient = static_cast<double>(std::abs(index.coefficients[a]));
        if (coefficient != 0) add_steps(s, static_cast<int>(a), coefficient * stride, steps);
      }
    }
    stride *= static_cast<double>(std::max<int64_t>(shape[d], 1));
  }
  return steps;
}

LoopMask leaves_of(const StageSchedule& s, LoopId loop) {
  return all_leaves(s)[static_cast<size_t>(loop)];
}

LoopMask leaves_of_access(const Stage& stage, const StageSchedule& s, int access) {
  return access_leaves(stage, all_leaves(s), access);
}

}  // namespace pimjit
