#include <algorithm>

#include "pimjit/core/schedule/check_parts.h"
#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/neutral_padding.h"
#include "pimjit/core/schedule/numeric_ops.h"
#include "pimjit/core/schedule/stored_type.h"
#include "pimjit/core/workload/bounds.h"

namespace pimjit {
namespace {

// The loops bound to lockstep levels that have more than one value.
LoopMask lockstep_loops(const CheckedStage& c) {
  LoopMask mask = 0;
  for (LoopId id : c.s.nest) {
    if (is_lockstep(c.target, c.loop(id)) && c.loop(id).extent > 1) mask |= LoopMask{1} << id;
  }
  return mask;
}

LoopMask digits_of(const Storage& storage) {
  LoopMask mask = 0;
  for (const auto* digits : {&storage.outer, &storage.tile, &storage.slices}) {
    for (const Digit& d : *digits) mask |= LoopMask{1} << d.loop;
  }
  return mask;
}

// The loops that addresses of an operand depend on, its staging slots included.
LoopMask address_loops(const CheckedStage& c, const OperandLayout& operand, LoopMask lockstep) {
  LoopMask mask = operand.home.native ? operand.leaves : digits_of(operand.home);
  for (const Storage& cache : operand.caches) mask |= digits_of(cache);
  if (!operand.staged) return mask;
  const int owner = c.target.scopes[static_cast<size_t>(operand.staging_scope)].level;
  for (LoopId id : c.s.nest) {
    if ((lockstep >> id & 1) != 0 && c.loop(id).level > owner) mask |= LoopMask{1} << id;
  }
  return mask;
}

LoopId first_of(LoopMask mask) {
  return mask == 0 ? kRoot : __builtin_ctzll(mask);
}

Legal<void> check_operand_address(const CheckedStage& c, const OperandLayout& operand,
                                  LoopMask lockstep) {
  const LoopId differs = first_of(address_loops(c, operand, lockstep) & lockstep);
  if (differs != kRoot) return c.refuse_loop(RejectionCode::lockstep_address, differs);
  const Scope& home = c.target.scopes[static_cast<size_t>(operand.home.scope)];
  if (home.host != HostAccess::broadcast) return {};
  for (LoopId id : c.s.nest) {
    const Loop& l = c.loop(id);
    const bool apart = runs_in_parallel(c.target, l) && l.level == home.level && l.extent > 1;
    if (apart && (operand.leaves >> id & 1) != 0)
      return c.refuse(RejectionCode::bad_place, PlaceKind::tensor, operand.tensor, home.level,
                      c.target.unit_level());
  }
  return {};
}

Legal<void> check_operation(const CheckedStage& c, DType type, NumericOp op) {
  if (c.target.numeric(type, op).support != Support::absent) return {};
  return c.refuse(RejectionCode::absent_operation, PlaceKind::operation,
                  16 * static_cast<int>(type) + static_cast<int>(op));
}

int unbound_loops(const CheckedStage& c, int depth) {
  int n = 0;
  for (int p = 0; p < depth; ++p) {
    const Loop& l = c.loop(c.s.nest[static_cast<size_t>(p)]);
    if (!runs_in_parallel(c.target, l) && l.extent > 1) ++n;
  }
  return n;
}

}  // namespace

Legal<void> check_edges(const CheckedStage& c, const StageLayout& layout) {
  const bool no_padding = pads_are_guards(layout);
  const LoopMask lockstep = lockstep_loops(c);
  for (LoopMask rest = guarded_loops(c.s, no_padding); rest != 0; rest &= rest - 1) {
    const LoopId id = first_of(rest);
    if (!c.target.limits.control_flow)
      return c.refuse_loop(RejectionCode::guard_without_control_flow, id, 0, c.loop(id).extent);
    if (lockstep == 0) continue;
    const LoopId differs = first_of(leaves_of(c.s, id) & lockstep);
    if (differs != kRoot)
      return c.refuse_loop(RejectionCode::lockstep_guard, differs, id, c.loop(id).extent);
  }
  const LoopMask padded = padded_axes(c.stage, c.s, no_padding) >> c.stage.rank << c.stage.rank;
  const auto padding = neutral_padding(c.w, c.number, padded);
  if (!padding)
    return c.refuse(RejectionCode::no_neutral_padding, PlaceKind::axis, first_of(padded));
  for (const OperandLayout& operand : layout.reads) {
    const PaddingValue& pad = (*padding)[static_cast<size_t>(operand.access)];
    if (pad.needed && !is_float(operand.type) && !holds(operand.type, pad.integer))
      return c.refuse(RejectionCode::no_narrow_type, PlaceKind::tensor, operand.tensor);
  }
  return {};
}

Legal<void> check_addresses(const CheckedStage& c, const StageLayout& layout) {
  const LoopMask lockstep = lockstep_loops(c);
  for (const OperandLayout& operand : layout.reads) {
    if (auto ok = check_operand_address(c, operand, lockstep); !ok) return ok;
  }
  return check_operand_address(c, layout.result, lockstep);
}

Legal<void> check_operations(const CheckedStage& c, const StageLayout& layout) {
  const DType compute = c.stage.compute;
  for (const ScalarNode& node : c.stage.body) {
    if (node.op == ScalarOp::constant) continue;
    if (node.op != ScalarOp::load) {
      if (auto ok = check_operation(c, compute, operation_of(node.op)); !ok) return ok;
      continue;
    }
    const DType stored = layout.reads[static_cast<size_t>(node.a)].type;
    if (auto ok = check_operation(c, stored, NumericOp::load); !ok) return ok;
    if (stored == compute) continue;
    if (auto ok = check_operation(c, compute, NumericOp::convert); !ok) return ok;
  }
  if (auto ok = check_operation(c, compute, NumericOp::store); !ok) return ok;
  if (c.stage.reducer == Reducer::none) return {};
  if (auto ok = check_operation(c, compute, NumericOp::load); !ok) return ok;
  return check_operation(c, compute, operation_of(c.stage.reducer));
}

Legal<void> check_limits(const CheckedStage& c, const StageLayout& layout) {
  const Limits& limits = c.target.limits;
  int64_t homes = 0, buffers = 0;
  int64_t nested = unbound_loops(c, static_cast<int>(c.s.nest.size()));
  const auto count = [&](const OperandLayout& operand) {
    ++homes;
    buffers += 1 + static_cast<int64_t>(operand.caches.size()) + (operand.staged ? 1 : 0);
    for (const Storage& cache : operand.caches) {
      const int64_t copying = unbound_loops(c, cache.depth) + static_cast<int>(cache.tile.size());
      nested = std::max(nested, copying);
    }
  };
  for (const OperandLayout& operand : layout.reads) count(operand);
  count(layout.result);
  if (homes > limits.params)
    return c.refuse(RejectionCode::too_many_params, PlaceKind::none, -1, homes, limits.params);
  if (buffers > limits.buffers)
    return c.refuse(RejectionCode::too_many_buffers, PlaceKind::none, -1, buffers, limits.buffers);
  if (limits.loops && nested > limits.loop_depth)
    return c.refuse(RejectionCode::loop_depth, PlaceKind::none, -1, nested, limits.loop_depth);
  return {};
}

}  // namespace pimjit
