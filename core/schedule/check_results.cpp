#include <algorithm>

#include "pimjit/core/schedule/check_parts.h"
#include "pimjit/core/schedule/nest.h"

namespace pimjit {
namespace {

// The outermost reduction loop in nest positions [from, to) that is not factored and has more than
// one value.
LoopId plain_reduction(const CheckedStage& c, int from, int to) {
  for (int p = from; p < to; ++p) {
    const LoopId id = c.s.nest[static_cast<size_t>(p)];
    const Loop& l = c.loop(id);
    if (l.axis_kind == AxisKind::reduction && !l.rfactored && l.extent > 1) return id;
  }
  return kRoot;
}

bool host_reduces(const TargetDesc& target) {
  const auto& stages = target.reduction_stages;
  return std::find(stages.begin(), stages.end(), kHost) != stages.end();
}

CombineSet combine_bit(Reducer reducer) {
  switch (reducer) {
    case Reducer::none:
      return 0;
    case Reducer::sum:
      return 1u << static_cast<int>(CombineOp::sum);
    case Reducer::prod:
      return 1u << static_cast<int>(CombineOp::prod);
    case Reducer::min:
      return 1u << static_cast<int>(CombineOp::min);
    case Reducer::max:
      return 1u << static_cast<int>(CombineOp::max);
  }
  return 0;
}

// A factored loop bound to a level inside the unit: combined over the level when the outermost
// cache is flushed.
Legal<void> check_combined(const CheckedStage& c, const StageLayout& layout, LoopId id, int depth) {
  const int level = c.loop(id).level;
  const Level& l = c.target.levels[static_cast<size_t>(level)];
  const bool possible = l.barrier || (l.combine & combine_bit(c.stage.reducer)) != 0;
  if (!possible) return c.refuse_loop(RejectionCode::no_reduction_stage, id);
  const std::vector<Storage>& caches = layout.result.caches;
  // Each member brings a slice of its own, which no other instance works on.
  const bool shared = !caches.empty() && caches.front().depth > depth && !caches.front().shared &&
                      c.target.scopes[static_cast<size_t>(caches.front().scope)].level < level;
  if (!shared) return c.refuse_loop(RejectionCode::rfactor_cache, id);
  if (!c.target.limits.control_flow || l.kind == LevelKind::lockstep)
    return c.refuse_loop(RejectionCode::combine_needs_condition, id);
  return {};
}

// A factored serial loop: a digit of the innermost cache's tile, folded when it is flushed.
Legal<void> check_folded(const CheckedStage& c, const StageLayout& layout, LoopId id, int depth) {
  const std::vector<Storage>& caches = layout.result.caches;
  if (caches.empty() || depth < caches.back().depth)
    return c.refuse_loop(RejectionCode::rfactor_outside_cache, id);
  return {};
}

}  // namespace

Legal<void> check_partial_results(const CheckedStage& c, const StageLayout& layout) {
  for (size_t p = 0; p < c.s.nest.size(); ++p) {
    const LoopId id = c.s.nest[p];
    const Loop& l = c.loop(id);
    if (!l.rfactored) continue;
    Legal<void> legal;
    if (!runs_in_parallel(c.target, l)) {
      legal = check_folded(c, layout, id, static_cast<int>(p));
    } else if (combines_over(c.target, l.level)) {
      legal = check_combined(c, layout, id, static_cast<int>(p));
    } else if (!host_reduces(c.target)) {
      legal = c.refuse_loop(RejectionCode::no_reduction_stage, id);
    }
    if (!legal) return legal;
  }
  return {};
}

Legal<void> check_initialisation(const CheckedStage& c, const StageLayout& layout) {
  const Storage& innermost =
      layout.result.caches.empty() ? layout.result.home : layout.result.caches.back();
  const LoopId revisits = plain_reduction(c, 0, innermost.depth);
  if (revisits != kRoot && !c.target.limits.control_flow)
    return c.refuse_loop(RejectionCode::revisit_without_control_flow, revisits);
  if (!c.s.has_init_at) return {};
  int inside = innermost.depth;
  for (size_t p = 0; p < c.s.nest.size(); ++p) {
    if (runs_in_parallel(c.target, c.loop(c.s.nest[p])))
      inside = std::max(inside, static_cast<int>(p) + 1);
  }
  const int depth = c.s.depth(c.s.init_at) + 1;
  if (depth < inside) return c.refuse_loop(RejectionCode::bad_decompose, c.s.init_at);
  const LoopId between = plain_reduction(c, innermost.depth, depth);
  if (between != kRoot) return c.refuse_loop(RejectionCode::decompose_inside_reduction, between);
  return {};
}

}  // namespace pimjit
