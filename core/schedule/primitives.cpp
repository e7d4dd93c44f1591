#include <algorithm>

#include "pimjit/core/schedule/final_reduction.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/schedule.h"
#include "pimjit/core/schedule/stored_type.h"

namespace pimjit {
namespace {

tl::unexpected<Rejection> refuse(RejectionCode code, int stage, PlaceKind kind, int place,
                                 int64_t have = 0, int64_t limit = 0) {
  Rejection r{code};
  r.stage = static_cast<int8_t>(stage);
  r.place_kind = kind;
  r.place = place;
  r.have = have;
  r.limit = limit;
  return tl::unexpected(r);
}
tl::unexpected<Rejection> refuse_loop(RejectionCode code, int stage, LoopId loop, int64_t have = 0,
                                      int64_t limit = 0) {
  return refuse(code, stage, PlaceKind::loop, loop, have, limit);
}

bool in_nest(const StageSchedule& s, LoopId loop) {
  return loop >= 0 && loop < static_cast<int>(s.loops.size()) && s.loops[loop].in_nest;
}

bool has_role(const Loop& l) {
  return l.level >= 0 || l.kind != LoopKind::serial;
}

// Whether the loop may still be transformed: no role, nothing attached.
bool is_plain(const StageSchedule& s, LoopId loop) {
  const Loop& l = s.loops[loop];
  if (has_role(l) || l.rfactored || (s.has_init_at && s.init_at == loop)) return false;
  const auto here = [loop](const Cache& c) { return c.at == loop; };
  return std::none_of(s.reads.begin(), s.reads.end(), here) &&
         std::none_of(s.writes.begin(), s.writes.end(), here);
}

Legal<void> check_plain(const StageSchedule& s, int stage, LoopId loop) {
  if (!in_nest(s, loop)) return refuse_loop(RejectionCode::unknown_loop, stage, loop);
  if (!is_plain(s, loop)) return refuse_loop(RejectionCode::loop_not_plain, stage, loop);
  return {};
}

// Overshoot of a padded loop must leave the axis: the loop is an axis or the outermost part of one.
bool is_outermost_of_axis(const StageSchedule& s, LoopId loop) {
  while (s.loops[loop].origin == LoopOrigin::split) {
    const LoopId parent = s.loops[loop].parent;
    if (s.loops[parent].children[0] != loop) return false;
    loop = parent;
  }
  return s.loops[loop].origin == LoopOrigin::axis;
}

// Of positive numbers, INT64_MAX when it is larger.
int64_t product(int64_t a, int64_t b) {
  int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? INT64_MAX : result;
}

// Extent of the outermost part, or why the factors are impossible. Walks from the innermost factor.
Legal<int64_t> check_factors(const StageSchedule& s, int stage, LoopId loop,
                             const std::vector<int64_t>& factors) {
  const int64_t extent = s.loops[loop].extent;
  int64_t inner = 1;
  for (size_t f = factors.size(); f-- > 0;) {
    const int64_t limit = extent == 0 ? kMaxNestIterations : ceil_div(extent, inner);
    if (factors[f] < 1 || factors[f] > limit)
      return refuse_loop(RejectionCode::bad_factor, stage, loop, factors[f], limit);
    inner = product(inner, factors[f]);
  }
  const int64_t outer = ceil_div(extent, inner);
  int64_t total = inner;
  for (LoopId id : s.nest) {
    const int64_t n = std::max<int64_t>(id == loop ? outer : s.loops[id].extent, 1);
    total = product(total, n);
    if (total > kMaxNestIterations)
      return refuse_loop(RejectionCode::nest_too_large, stage, loop, total, kMaxNestIterations);
  }
  return outer;
}

LoopId add_part(StageSchedule& s, LoopId parent, int64_t extent, int64_t stride) {
  Loop part;
  part.extent = extent;
  part.axis_kind = s.loops[parent].axis_kind;
  part.origin = LoopOrigin::split;
  part.parent = parent;
  part.stride = stride;
  s.loops.push_back(part);
  return static_cast<LoopId>(s.loops.size()) - 1;
}

bool names_one_twice(const std::vector<LoopId>& loops) {
  for (size_t i = 0; i < loops.size(); ++i) {
    if (std::find(loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(i), loops[i]) !=
        loops.begin() + static_cast<std::ptrdiff_t>(i))
      return true;
  }
  return false;
}

// A role (unrolled, vectorized, parallel) for a serial loop that is not bound.
Legal<Loop*> take_role(Schedule& s, int stage, LoopId loop) {
  StageSchedule& nest = s.stages[stage];
  if (!in_nest(nest, loop)) return refuse_loop(RejectionCode::unknown_loop, stage, loop);
  if (has_role(nest.loops[loop])) return refuse_loop(RejectionCode::loop_not_plain, stage, loop);
  return &nest.loops[loop];
}

Legal<void> check_position(const StageSchedule& s, int stage, LoopId at) {
  if (at != kRoot && !in_nest(s, at)) return refuse_loop(RejectionCode::unknown_loop, stage, at);
  return {};
}

Legal<void> check_scope(const TargetDesc& target, int stage, int scope) {
  const int known = static_cast<int>(target.scopes.size());
  if (scope < 0 || scope >= known)
    return refuse(RejectionCode::unknown_scope, stage, PlaceKind::none, -1, scope, known);
  return {};
}

}  // namespace

Legal<std::vector<LoopId>> split(Schedule& s, int stage, LoopId loop,
                                 const std::vector<int64_t>& factors, Edge edge) {
  StageSchedule& nest = s.stages[stage];
  if (auto plain = check_plain(nest, stage, loop); !plain) return tl::unexpected(plain.error());
  const int parts = static_cast<int>(factors.size()) + 1;
  if (parts < 2 || parts > static_cast<int>(Loop{}.children.size()))
    return refuse_loop(RejectionCode::bad_factor, stage, loop, parts - 1,
                       static_cast<int>(Loop{}.children.size()) - 1);
  const int loops = static_cast<int>(nest.loops.size()) + parts;
  if (loops > kMaxLoops)
    return refuse_loop(RejectionCode::too_many_loops, stage, loop, loops, kMaxLoops);
  auto outer = check_factors(nest, stage, loop, factors);
  if (!outer) return tl::unexpected(outer.error());
  int64_t inner = 1;
  for (int64_t f : factors) inner *= f;
  const int64_t extent = nest.loops[loop].extent;
  const bool overshoots = *outer * inner != extent;
  if (overshoots && edge == Edge::pad && !is_outermost_of_axis(nest, loop))
    return refuse_loop(RejectionCode::inner_padding, stage, loop, inner, extent);

  std::vector<LoopId> made;
  made.reserve(static_cast<size_t>(parts));
  int64_t stride = inner;
  made.push_back(add_part(nest, loop, *outer, stride));
  for (int64_t f : factors) {
    stride /= f;
    made.push_back(add_part(nest, loop, f, stride));
  }
  Loop& parent = nest.loops[loop];
  parent.in_nest = false;
  parent.child_count = parts;
  std::copy(made.begin(), made.end(), parent.children.begin());
  (edge == Edge::pad ? parent.padded : parent.needs_guard) = overshoots;
  const auto position = nest.nest.begin() + nest.depth(loop);
  *position = made[0];
  nest.nest.insert(position + 1, made.begin() + 1, made.end());
  return made;
}

Legal<LoopId> fuse(Schedule& s, int stage, const std::vector<LoopId>& loops) {
  StageSchedule& nest = s.stages[stage];
  if (loops.size() < 2)
    return refuse(RejectionCode::bad_order, stage, PlaceKind::none, -1,
                  static_cast<int64_t>(loops.size()), static_cast<int64_t>(nest.nest.size()));
  for (size_t i = 0; i < loops.size(); ++i) {
    if (auto plain = check_plain(nest, stage, loops[i]); !plain)
      return tl::unexpected(plain.error());
    if (i == 0) continue;
    if (nest.depth(loops[i]) != nest.depth(loops[i - 1]) + 1)
      return refuse_loop(RejectionCode::fuse_not_adjacent, stage, loops[i]);
    if (nest.loops[loops[i]].axis_kind != nest.loops[loops[0]].axis_kind)
      return refuse_loop(RejectionCode::fuse_mixed_kinds, stage, loops[i]);
  }
  const int made = static_cast<int>(nest.loops.size());
  if (made + 1 > kMaxLoops)
    return refuse_loop(RejectionCode::too_many_loops, stage, loops[0], made + 1, kMaxLoops);
  Loop fused;
  fused.axis_kind = nest.loops[loops[0]].axis_kind;
  fused.origin = LoopOrigin::fuse;
  fused.extent = 1;
  for (size_t i = loops.size(); i-- > 0;) {
    Loop& member = nest.loops[loops[i]];
    member.in_nest = false;
    member.fused_into = made;
    member.fuse_position = static_cast<int>(i);
    member.fuse_stride = std::max<int64_t>(fused.extent, 1);
    fused.extent *= member.extent;
  }
  const auto position = nest.nest.begin() + nest.depth(loops[0]);
  *position = made;
  nest.nest.erase(position + 1, position + static_cast<std::ptrdiff_t>(loops.size()));
  nest.loops.push_back(fused);
  return made;
}

Legal<void> reorder(Schedule& s, int stage, const std::vector<LoopId>& loops) {
  StageSchedule& nest = s.stages[stage];
  const size_t n = loops.size();
  if (n == 0 || n > nest.nest.size() || names_one_twice(loops))
    return refuse(RejectionCode::bad_order, stage, PlaceKind::none, -1, static_cast<int64_t>(n),
                  static_cast<int64_t>(nest.nest.size()));
  int depths[kMaxLoops];
  for (size_t i = 0; i < n; ++i) {
    if (!in_nest(nest, loops[i])) return refuse_loop(RejectionCode::unknown_loop, stage, loops[i]);
    depths[i] = nest.depth(loops[i]);
  }
  std::sort(depths, depths + n);
  for (size_t i = 0; i < n; ++i) nest.nest[static_cast<size_t>(depths[i])] = loops[i];
  return {};
}

Legal<void> bind(Schedule& s, const TargetDesc& target, int stage, LoopId loop, int level) {
  const int known = static_cast<int>(target.levels.size());
  if (level < 0 || level >= known)
    return refuse(RejectionCode::unknown_level, stage, PlaceKind::none, -1, level, known);
  auto l = take_role(s, stage, loop);
  if (!l) return tl::unexpected(l.error());
  int64_t instances = std::max<int64_t>((*l)->extent, 1);
  for (const Loop& other : s.stages[stage].loops) {
    if (other.in_nest && other.level == level) instances *= std::max<int64_t>(other.extent, 1);
  }
  if (instances > target.levels[level].count)
    return refuse(RejectionCode::level_overflow, stage, PlaceKind::level, level, instances,
                  target.levels[level].count);
  (*l)->level = level;
  if (target.levels[level].kind == LevelKind::lane) (*l)->kind = LoopKind::vectorized;
  return {};
}

Legal<void> rfactor(Schedule& s, int stage, LoopId loop) {
  StageSchedule& nest = s.stages[stage];
  if (!in_nest(nest, loop)) return refuse_loop(RejectionCode::unknown_loop, stage, loop);
  Loop& l = nest.loops[loop];
  if (l.axis_kind != AxisKind::reduction)
    return refuse_loop(RejectionCode::not_a_reduction, stage, loop);
  if (l.rfactored) return refuse_loop(RejectionCode::loop_not_plain, stage, loop);
  l.rfactored = true;
  return {};
}

Legal<void> cache_read(Schedule& s, const TargetDesc& target, int stage, int access, int scope,
                       LoopId at) {
  StageSchedule& nest = s.stages[stage];
  const int known = nest.access_count;
  if (access < 0 || access >= known)
    return refuse(RejectionCode::unknown_access, stage, PlaceKind::none, -1, access, known);
  if (auto ok = check_scope(target, stage, scope); !ok) return ok;
  if (auto ok = check_position(nest, stage, at); !ok) return ok;
  nest.reads.push_back({access, scope, at});
  return {};
}

Legal<void> cache_write(Schedule& s, const TargetDesc& target, int stage, int scope, LoopId at) {
  StageSchedule& nest = s.stages[stage];
  if (auto ok = check_scope(target, stage, scope); !ok) return ok;
  if (auto ok = check_position(nest, stage, at); !ok) return ok;
  nest.writes.push_back({kOutputAccess, scope, at});
  return {};
}

Legal<void> decompose_reduction(Schedule& s, int stage, LoopId at) {
  StageSchedule& nest = s.stages[stage];
  if (auto ok = check_position(nest, stage, at); !ok) return ok;
  const bool reduces = std::any_of(nest.loops.begin(), nest.loops.end(), [](const Loop& l) {
    return l.axis_kind == AxisKind::reduction;
  });
  if (!reduces) return refuse(RejectionCode::not_a_reduction, stage, PlaceKind::none, -1);
  nest.init_at = at;
  nest.has_init_at = true;
  return {};
}

Legal<void> unroll(Schedule& s, int stage, LoopId loop, int copies) {
  auto l = take_role(s, stage, loop);
  if (!l) return tl::unexpected(l.error());
  const int64_t extent = std::max<int64_t>((*l)->extent, 1);
  const int64_t limit = std::min<int64_t>(copies == 0 ? kMaxUnroll : extent, kMaxUnroll);
  const int64_t made = copies == 0 ? extent : copies;
  if (made < 1 || made > limit)
    return refuse_loop(RejectionCode::bad_unroll, stage, loop, made, limit);
  (*l)->kind = LoopKind::unrolled;
  (*l)->unroll = copies;
  return {};
}

Legal<void> vectorize(Schedule& s, int stage, LoopId loop) {
  auto l = take_role(s, stage, loop);
  if (!l) return tl::unexpected(l.error());
  (*l)->kind = LoopKind::vectorized;
  return {};
}

Legal<void> parallel(Schedule& s, int stage, LoopId loop) {
  auto l = take_role(s, stage, loop);
  if (!l) return tl::unexpected(l.error());
  (*l)->kind = LoopKind::parallel;
  return {};
}

Legal<void> place(Schedule& s, const Workload& w, const TargetDesc& target, int tensor, int scope,
                  Residency residency, bool narrow) {
  const int tensors = static_cast<int>(w.tensors.size());
  if (tensor < 0 || tensor >= tensors)
    return refuse(RejectionCode::unknown_access, 0, PlaceKind::none, -1, tensor, tensors);
  if (auto ok = check_scope(target, 0, scope); !ok) return ok;
  const Scope& there = target.scopes[scope];
  const bool direct = there.host == HostAccess::direct;
  const bool is_input = w.tensors[tensor].role == TensorRole::input;
  const bool in = direct || target.find_link(kHost, scope) >= 0;
  const bool readable = there.host != HostAccess::broadcast;
  const bool out = direct || target.find_link(scope, kHost) >= 0;
  if (there.host == HostAccess::none || !in || (!is_input && !(out && readable)) ||
      there.level > target.unit_level())
    return refuse(RejectionCode::bad_place, 0, PlaceKind::tensor, tensor, there.level,
                  target.unit_level());
  if (narrow && (direct || !narrow_type(w, tensor)))
    return refuse(RejectionCode::no_narrow_type, 0, PlaceKind::tensor, tensor);
  for (Placement& p : s.placements) {
    if (p.tensor != tensor) continue;
    p = {tensor, scope, residency, narrow};
    return {};
  }
  s.placements.push_back({tensor, scope, residency, narrow});
  return {};
}

Legal<void> annotate(Schedule& s, int stage, const std::string& key, int64_t value) {
  const std::optional<int64_t> limit = limit_of_annotation(key);
  if (limit && (value < 0 || value > *limit))
    return refuse(RejectionCode::bad_annotation, stage, PlaceKind::none, -1, value, *limit);
  const auto known = std::find(s.names.begin(), s.names.end(), key);
  const int number = static_cast<int>(known - s.names.begin());
  if (known == s.names.end()) s.names.push_back(key);
  for (Annotation& a : s.stages[stage].annotations) {
    if (a.key != number) continue;
    a.value = value;
    return {};
  }
  s.stages[stage].annotations.push_back({number, value});
  return {};
}

}  // namespace pimjit
