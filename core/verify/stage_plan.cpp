#include "pimjit/core/verify/stage_plan.h"

#include <algorithm>
#include <cstdlib>

namespace pimjit::verify {

StagePlan plan_of(const Workload& workload, const Stage& stage) {
  StagePlan plan;
  plan.stage = &stage;
  plan.rank = static_cast<size_t>(stage.rank);
  plan.axes = stage.axes.size();
  plan.additions = 1;
  for (size_t a = plan.rank; a < plan.axes; ++a)
    plan.additions *= static_cast<double>(stage.axes[a].extent);
  plan.additions = std::max(plan.additions - 1, 0.0);
  for (const Access& access : stage.accesses) {
    const Tensor& tensor = workload.tensors[static_cast<size_t>(access.tensor)];
    LoadPlan load{access.tensor, tensor.dtype, 0, std::vector<int64_t>(stage.axes.size(), 0)};
    int64_t dimension_stride = 1;
    for (size_t d = tensor.shape.size(); d-- > 0;) {
      load.offset += dimension_stride * access.index[d].constant;
      for (size_t a = 0; a < stage.axes.size(); ++a) {
        load.strides[a] += dimension_stride * access.index[d].coefficients[a];
      }
      dimension_stride *= tensor.shape[d];
    }
    plan.loads.push_back(std::move(load));
  }
  size_t depth = 0;
  for (const ScalarNode& node : stage.body) {
    const bool leaf = node.op == ScalarOp::load || node.op == ScalarOp::constant;
    depth = leaf ? depth + 1 : node.op == ScalarOp::neg ? depth : depth - 1;
    plan.stack = std::max(plan.stack, depth);
  }
  return plan;
}

bool reads_across(const StagePlan& plan) {
  if (plan.rank == 0 || plan.axes == plan.rank) return false;
  constexpr int64_t kFew = 16;
  if (plan.stage->axes[plan.rank - 1].extent < kFew) return false;
  constexpr int64_t kLine = 64;  // bytes: those further apart are no neighbours
  int64_t across = 0, along = 0;
  for (const LoadPlan& load : plan.loads) {
    const auto apart = [&](size_t axis) {
      return std::min(kLine, std::abs(load.strides[axis]) * bytes_of(load.dtype));
    };
    across += apart(plan.rank - 1);
    along += apart(plan.axes - 1);
  }
  return across < along;
}

void set_offsets(const StagePlan& plan, int64_t element, std::vector<int64_t>& offsets) {
  offsets.resize(plan.loads.size());
  for (size_t l = 0; l < plan.loads.size(); ++l) offsets[l] = plan.loads[l].offset;
  for (size_t a = plan.rank; a-- > 0;) {
    const int64_t extent = plan.stage->axes[a].extent;
    const int64_t at = extent > 0 ? element % extent : 0;
    element = extent > 0 ? element / extent : 0;
    for (size_t l = 0; l < plan.loads.size(); ++l) offsets[l] += at * plan.loads[l].strides[a];
  }
}

}  // namespace pimjit::verify
