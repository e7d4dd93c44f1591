#ifndef PIMJIT_CORE_VERIFY_STAGE_PLAN_H_
#define PIMJIT_CORE_VERIFY_STAGE_PLAN_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pimjit/core/workload/workload.h"

// Private to core/verify.
namespace pimjit::verify {

// Most points of a stage that are evaluated together.
inline constexpr int64_t kBlock = 256;

// A load as a linear function of the axes, in elements of its row-major tensor.
struct LoadPlan {
  int tensor = 0;
  DType dtype = DType::i32;
  int64_t offset = 0;
  std::vector<int64_t> strides;  // one per axis of the stage
};

// A stage as a stack program: walking Stage::body, a load or constant pushes, an operator pops its
// operands.
struct StagePlan {
  const Stage* stage = nullptr;
  std::vector<LoadPlan> loads;  // one per access
  size_t stack = 0;             // most values on the stack at once
  size_t rank = 0;
  size_t axes = 0;
  double additions = 0;  // at most so many between a term of a sum and the result
};

// Whether loads lie closer together along the last spatial axis than along the last of the
// reduction, and there are such neighbours.
bool reads_across(const StagePlan& plan);

StagePlan plan_of(const Workload& workload, const Stage& stage);

// Offsets of all loads at the spatial point `element` (row major) and zero reduction axes.
void set_offsets(const StagePlan& plan, int64_t element, std::vector<int64_t>& offsets);

// Calls f(count) for consecutive blocks of the axes [begin, end) in row-major order; `offsets` are
// the loads' at the block's first point, whose neighbours are along axis end - 1. One call of one
// point when there is no axis, none when an extent is 0.
template <typename F>
void for_each_block(const StagePlan& plan, size_t begin, size_t end, std::vector<int64_t>& offsets,
                    F&& f) {
  if (begin == end) return f(int64_t{1});
  const std::vector<Axis>& axes = plan.stage->axes;
  for (size_t a = begin; a < end; ++a) {
    if (axes[a].extent == 0) return;
  }
  const auto advance = [&](size_t axis, int64_t steps) {
    for (size_t l = 0; l < plan.loads.size(); ++l)
      offsets[l] += steps * plan.loads[l].strides[axis];
  };
  std::vector<int64_t> point(end - begin, 0);
  const size_t inner = end - 1;
  while (true) {
    for (int64_t at = 0; at < axes[inner].extent; at += kBlock) {
      const int64_t count = std::min(kBlock, axes[inner].extent - at);
      f(count);
      advance(inner, count);
    }
    advance(inner, -axes[inner].extent);
    size_t axis = inner;
    while (axis > begin) {
      --axis;
      advance(axis, 1);
      if (++point[axis - begin] < axes[axis].extent) break;
      advance(axis, -axes[axis].extent);
      point[axis - begin] = 0;
      if (axis == begin) return;
    }
    if (inner == begin) return;
  }
}

}  // namespace pimjit::verify

#endif  // PIMJIT_CORE_VERIFY_STAGE_PLAN_H_
