#include <algorithm>

#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/nest.h"

namespace pimjit {
namespace {

// Elements of the stage's widest type in 1/d of what one instance of the scope offers to buffers.
int64_t elements_filling(const Decision& decision, const Workload& workload,
                         const TargetDesc& target, int stage) {
  if (decision.scope < 0 || decision.scope >= static_cast<int>(target.scopes.size())) return 1;
  const Stage& st = workload.stages[static_cast<size_t>(stage)];
  int widest = bytes_of(st.compute);
  for (const Access& a : st.accesses)
    widest = std::max(widest, bytes_of(workload.tensors[static_cast<size_t>(a.tensor)].dtype));
  const Scope& scope = target.scopes[static_cast<size_t>(decision.scope)];
  return (scope.capacity - scope.reserved) / std::max<int64_t>(decision.d, 1) / widest;
}

// extent * n / d to nearest, without overflow for any n and d.
int64_t scaled(int64_t extent, int64_t n, int64_t d) {
  if (d < 1 || n < 1) return 1;
  const __int128 value =
      (static_cast<__int128>(extent) * n * 2 + d) / (static_cast<__int128>(d) * 2);
  return value > kMaxNestIterations ? kMaxNestIterations : static_cast<int64_t>(value);
}

std::vector<LoopId> loops_of(const Instruction& in) {
  return std::vector<LoopId>(in.loops.begin(), in.loops.begin() + in.loop_count);
}

Legal<void> apply_split(Schedule& s, const Workload& workload, const TargetDesc& target,
                        const Instruction& in) {
  const StageSchedule& nest = s.stages[static_cast<size_t>(in.stage)];
  const LoopId loop = in.loops[0];
  const bool known = loop >= 0 && loop < static_cast<int>(nest.loops.size());
  const int64_t extent = known ? nest.loops[static_cast<size_t>(loop)].extent : 1;
  auto made = split(s, in.stage, loop, resolve_factors(in, extent, workload, target), in.edge);
  if (!made) return tl::unexpected(made.error());
  return {};
}

Legal<void> apply_unroll(Schedule& s, const Workload& workload, const TargetDesc& target,
                         const Instruction& in) {
  const StageSchedule& nest = s.stages[static_cast<size_t>(in.stage)];
  const LoopId loop = in.loops[0];
  const bool known = loop >= 0 && loop < static_cast<int>(nest.loops.size());
  const int64_t extent = known ? nest.loops[static_cast<size_t>(loop)].extent : 1;
  int64_t copies = in.decision_count == 0 ? 0
                                          : resolve(in.decisions[0], extent,
                                                    std::clamp<int64_t>(extent, 1, kMaxUnroll),
                                                    workload, target, in.stage);
  copies = std::clamp<int64_t>(copies, -1, kMaxUnroll + 1);
  return unroll(s, in.stage, loop, static_cast<int>(copies));
}

}  // namespace

int64_t resolve(const Decision& decision, int64_t extent, int64_t limit, const Workload& workload,
                const TargetDesc& target, int stage) {
  int64_t value = decision.n;
  switch (decision.kind) {
    case DecisionKind::absolute:
      return value;
    case DecisionKind::ratio:
      value = scaled(extent, decision.n, decision.d);
      break;
    case DecisionKind::fills:
      value = elements_filling(decision, workload, target, stage);
      break;
    case DecisionKind::all:
      value = extent;
      break;
  }
  return std::clamp<int64_t>(value, 1, std::max<int64_t>(limit, 1));
}

std::vector<int64_t> resolve_factors(const Instruction& in, int64_t extent,
                                     const Workload& workload, const TargetDesc& target) {
  std::vector<int64_t> factors(static_cast<size_t>(in.decision_count));
  int64_t inner = 1;
  for (size_t f = factors.size(); f-- > 0;) {
    const int64_t limit = ceil_div(extent, inner);
    factors[f] = resolve(in.decisions[f], extent, limit, workload, target, in.stage);
    const int64_t used = std::clamp<int64_t>(factors[f], 1, kMaxNestIterations);
    if (__builtin_mul_overflow(inner, used, &inner) || inner > kMaxNestIterations)
      inner = kMaxNestIterations;
  }
  return factors;
}

Legal<void> apply(Schedule& s, const Workload& workload, const TargetDesc& target,
                  const Trace& trace, const Instruction& in) {
  if (in.stage < 0 || in.stage >= static_cast<int>(s.stages.size()))
    return reject({RejectionCode::unknown_loop, -1, 0, PlaceKind::none, -1, in.stage, 0});
  switch (in.kind) {
    case PrimitiveKind::split:
      return apply_split(s, workload, target, in);
    case PrimitiveKind::fuse: {
      auto made = fuse(s, in.stage, loops_of(in));
      if (!made) return tl::unexpected(made.error());
      return {};
    }
    case PrimitiveKind::reorder:
      return reorder(s, in.stage, loops_of(in));
    case PrimitiveKind::bind:
      return bind(s, target, in.stage, in.loops[0], in.level);
    case PrimitiveKind::rfactor:
      return rfactor(s, in.stage, in.loops[0]);
    case PrimitiveKind::cache_read:
      return cache_read(s, target, in.stage, in.access, in.scope, position_of(in));
    case PrimitiveKind::cache_write:
      return cache_write(s, target, in.stage, in.scope, position_of(in));
    case PrimitiveKind::decompose_reduction:
      return decompose_reduction(s, in.stage, position_of(in));
    case PrimitiveKind::unroll:
      return apply_unroll(s, workload, target, in);
    case PrimitiveKind::vectorize:
      return vectorize(s, in.stage, in.loops[0]);
    case PrimitiveKind::parallel:
      return parallel(s, in.stage, in.loops[0]);
    case PrimitiveKind::place:
      return place(s, workload, target, in.access, in.scope, in.residency, in.narrow);
    case PrimitiveKind::annotate: {
      const bool known = in.name >= 0 && in.name < static_cast<int>(trace.names.size());
      return annotate(s, in.stage, known ? trace.names[static_cast<size_t>(in.name)] : "",
                      in.decisions[0].n);
    }
  }
  return {};
}

Legal<void> replay_into(Schedule& s, const Workload& workload, const TargetDesc& target,
                        const Trace& trace) {
  s = Schedule::initial(workload);
  for (size_t i = 0; i < trace.instructions.size(); ++i) {
    auto done = apply(s, workload, target, trace, trace.instructions[i]);
    if (done) continue;
    Rejection r = done.error();
    r.instruction = static_cast<int16_t>(std::min<size_t>(i, INT16_MAX));
    return tl::unexpected(r);
  }
  return check_schedule(workload, target, s);
}

Legal<Schedule> replay(const Workload& workload, const TargetDesc& target, const Trace& trace) {
  Schedule s;
  auto legal = replay_into(s, workload, target, trace);
  if (!legal) return tl::unexpected(legal.error());
  return s;
}

}  // namespace pimjit
