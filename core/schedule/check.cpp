#include <algorithm>

#include "pimjit/core/schedule/check_parts.h"
#include "pimjit/core/schedule/nest.h"

namespace pimjit {
namespace {

// The order of bound loops: unit loops first, outer levels before inner ones.
Legal<void> check_order(const CheckedStage& c) {
  const int unit_level = c.target.unit_level();
  LoopId serial = kRoot;
  LoopId deepest = kRoot;
  for (LoopId id : c.s.nest) {
    const Loop& l = c.loop(id);
    if (!runs_in_parallel(c.target, l)) {
      if (serial == kRoot) serial = id;
      continue;
    }
    if (l.level <= unit_level && serial != kRoot)
      return c.refuse_loop(RejectionCode::serial_outside_unit, serial);
    if (deepest != kRoot && l.level < c.loop(deepest).level)
      return c.refuse_loop(RejectionCode::level_order, deepest);
    deepest = id;
  }
  return {};
}

// What each loop's kind allows.
Legal<void> check_kinds(const CheckedStage& c, bool on_device) {
  for (LoopId id : c.s.nest) {
    const Loop& l = c.loop(id);
    if (l.kind == LoopKind::vectorized && id != c.s.nest.back())
      return c.refuse_loop(RejectionCode::bad_vectorize, id);
    if (on_device && l.kind == LoopKind::parallel)
      return c.refuse_loop(RejectionCode::bad_parallel, id);
    const bool concurrent = l.kind == LoopKind::parallel || runs_in_parallel(c.target, l);
    if (concurrent && l.axis_kind == AxisKind::reduction && !l.rfactored && l.extent > 1)
      return c.refuse_loop(RejectionCode::reduction_without_rfactor, id);
  }
  return {};
}

Legal<void> check_host_stage(const CheckedStage& c) {
  const bool factored = std::any_of(c.s.nest.begin(), c.s.nest.end(),
                                    [&](LoopId id) { return c.loop(id).rfactored; });
  if (factored || !c.s.reads.empty() || !c.s.writes.empty() || c.s.has_init_at)
    return c.refuse(RejectionCode::nothing_bound, PlaceKind::none, -1);
  return check_kinds(c, false);
}

// Every stage's homes are in memory from the first copy to the last, so that stages share the
// capacity. `homes` has the bytes of the stages before.
Legal<void> check_all_homes(const CheckedStage& c, const StageLayout& layout,
                            std::vector<int64_t>& homes) {
  homes.resize(c.target.scopes.size(), 0);
  for (size_t i = 0; i < homes.size(); ++i) {
    const Scope& scope = c.target.scopes[i];
    const bool later = homes[i] > 0;
    homes[i] += layout.home_bytes[i];
    const int64_t need = homes[i] + layout.scope_elements_bytes[i];
    const int64_t limit = scope.capacity - scope.reserved;
    if (later && scope.host != HostAccess::direct && need > limit)
      return c.refuse(RejectionCode::scope_overflow, PlaceKind::scope, static_cast<int>(i), need,
                      limit);
  }
  return {};
}

Legal<void> check_device_stage(const CheckedStage& c, const Schedule& s,
                               std::vector<int64_t>& homes) {
  if (auto ok = check_order(c); !ok) return ok;
  if (auto ok = check_kinds(c, true); !ok) return ok;
  const auto layout = layout_stage(c.w, c.target, s, c.number);
  if (!layout) return tl::unexpected(layout.error());
  if (auto ok = check_partial_results(c, *layout); !ok) return ok;
  if (auto ok = check_initialisation(c, *layout); !ok) return ok;
  if (auto ok = check_edges(c, *layout); !ok) return ok;
  if (auto ok = check_addresses(c, *layout); !ok) return ok;
  if (auto ok = check_operations(c, *layout); !ok) return ok;
  if (auto ok = check_all_homes(c, *layout, homes); !ok) return ok;
  return check_limits(c, *layout);
}

}  // namespace

tl::unexpected<Rejection> CheckedStage::refuse(RejectionCode code, PlaceKind kind, int place,
                                               int64_t have, int64_t limit) const {
  Rejection r{code};
  r.stage = static_cast<int8_t>(number);
  r.place_kind = kind;
  r.place = place;
  r.have = have;
  r.limit = limit;
  return tl::unexpected(r);
}

Legal<void> check_schedule(const Workload& w, const TargetDesc& target, const Schedule& s) {
  std::vector<int64_t> homes;
  for (size_t i = 0; i < s.stages.size(); ++i) {
    const CheckedStage c{w, target, w.stages[i], s.stages[i], static_cast<int>(i)};
    auto legal = c.s.on_device() ? check_device_stage(c, s, homes) : check_host_stage(c);
    if (!legal) return legal;
  }
  return {};
}

}  // namespace pimjit
