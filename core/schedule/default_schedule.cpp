#include "pimjit/core/schedule/default_schedule.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pimjit/core/schedule/direct_plan.h"
#include "pimjit/core/schedule/features.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/rough_time.h"
#include "pimjit/core/schedule/trace_builder.h"

namespace pimjit {
namespace {

bool runs_instances(const Level& level) {
  return level.kind == LevelKind::independent || level.kind == LevelKind::lockstep;
}

// What is decided about one axis: how many parts go to each level, and how many iterations make up
// a tile.
struct AxisPlan {
  std::vector<int64_t> parts;  // per level
  int64_t tile = 1;
  int64_t spread() const {
    int64_t n = 1;
    for (int64_t p : parts) n *= p;
    return n;
  }
};

struct StagePlan {
  std::vector<AxisPlan> axes;
  bool cached = true;
  bool broadcast = false;  // place operands that all units share in a scope the host writes once
  bool exact =
      false;  // reductions are split by divisors only, for bodies without a neutral padding
  bool factor_reductions = true;
  int64_t inner_divisor = 1;  // use fewer inner instances than there are
  int64_t unit_divisor = 1;   // and fewer units
  bool balanced = false;      // spatial axes share the instances, rather than the first taking all
  int64_t unroll = 1;         // copies of the innermost loop
  std::optional<DirectPlan> direct;  // instead of all of the above
};

// Largest divisor of n that is at most `limit`.
int64_t largest_divisor(int64_t n, int64_t limit) {
  for (int64_t d = std::min(n, limit); d > 1; --d) {
    if (n % d == 0) return d;
  }
  return 1;
}

class StageScheduler {
 public:
  StageScheduler(const Workload& w, const TargetDesc& target, int stage)
      : w_(w), target_(target), number_(stage), stage_(w.stages[static_cast<size_t>(stage)]) {
    for (const Level& level : target.levels)
      lockstep_ = lockstep_ || level.kind == LevelKind::lockstep;
    edge_ = lockstep_ || !target.limits.control_flow ? Edge::pad : Edge::guard;
    cache_scope_ = find_cache_scope();
  }

  // Appends this stage's instructions to what `prefix` gives for the earlier stages.
  Legal<StagePlan> find(const std::vector<std::optional<StagePlan>>& earlier) {
    for (DirectPlan& direct : direct_plans(w_, target_, number_)) {
      StagePlan plan;
      plan.direct = std::move(direct);
      if (attempt(earlier, plan)) return plan;
    }
    std::optional<Rejection> last;
    for (StagePlan plan : candidates()) {
      spread_over_levels(plan);
      auto legal = attempt(earlier, plan);
      if (legal) return best_spread(earlier, std::move(plan));
      last = legal.error();
    }
    return reject(*last);
  }

  void emit(TraceBuilder& trace, const StagePlan& plan) const;

 private:
  void emit_storage(TraceBuilder& trace, const StagePlan& plan, LoopId read_at,
                    LoopId write_at) const;
  int find_cache_scope() const {
    const int home = target_.home_scope();
    for (size_t s = 0; s < target_.scopes.size(); ++s) {
      const int scope = static_cast<int>(s);
      if (!target_.scopes[s].element_access || !target_.scopes[s].element_writes || scope == home)
        continue;
      if (target_.find_link(home, scope) >= 0 && target_.find_link(scope, home) >= 0) return scope;
    }
    return -1;
  }

  bool host_reduces() const {
    const auto& stages = target_.reduction_stages;
    return std::find(stages.begin(), stages.end(), kHost) != stages.end();
  }
  // From ambitious to modest.
  std::vector<StagePlan> candidates() const {
    int64_t inner = 1;
    for (size_t l = static_cast<size_t>(target_.unit_level() + 1); l < target_.levels.size(); ++l) {
      if (runs_instances(target_.levels[l])) inner = std::max(inner, target_.levels[l].count);
    }
    std::vector<StagePlan> plans;
    for (const bool cached : {true, false}) {
      if (cached && cache_scope_ < 0) continue;
      for (const bool exact : {false, true}) {
        if (exact && edge_ == Edge::guard) continue;
        for (const bool broadcast : {true, false}) {
          if (broadcast && shared_scope() < 0) continue;
          for (const bool factor : {true, false}) {
            for (int64_t divisor = 1; divisor <= inner; divisor *= 2) {
              StagePlan plan;
              plan.cached = cached;
              plan.exact = exact;
              plan.broadcast = broadcast;
              plan.factor_reductions = factor;
              plan.inner_divisor = divisor;
              plans.push_back(std::move(plan));
            }
          }
        }
      }
    }
    return plans;
  }

  // The plan with all units, with fewer, with reductions over units or without: what the
  // description says is fastest. More units make kernels shorter and transfers longer.
  StagePlan best_spread(const std::vector<std::optional<StagePlan>>& earlier,
                        StagePlan first) const {
    std::optional<StagePlan> best;
    double least = 0;
    for (StagePlan plan : spreads(first)) {
      spread_over_levels(plan);
      if (!attempt(earlier, plan)) continue;
      plan = unrolled(earlier, enlarge_tiles(earlier, std::move(plan)));
      const auto schedule = attempt(earlier, plan);
      const auto time = rough_time(w_, target_, *schedule);
      if (!time || (best && time->total() >= least)) continue;
      best = plan;
      least = time->total();
    }
    if (!best) best = enlarge_tiles(earlier, std::move(first));
    return *best;
  }

  std::vector<StagePlan> spreads(const StagePlan& first) const {
    std::vector<StagePlan> plans;
    for (const bool factor : {true, false}) {
      if (factor && !first.factor_reductions) continue;
      for (const bool balanced : {false, true}) {
        if (balanced && stage_.rank < 2) continue;
        for (int64_t divisor = 1; divisor <= kFewestUnits; divisor *= 2) {
          StagePlan plan = first;
          plan.factor_reductions = factor;
          plan.balanced = balanced;
          plan.unit_divisor = divisor;
          plans.push_back(std::move(plan));
        }
      }
    }
    return plans;
  }

  // Loop ends cost as much as operations where operands are near.
  StagePlan unrolled(const std::vector<std::optional<StagePlan>>& earlier, StagePlan plan) const {
    const Scope& home = target_.scopes[static_cast<size_t>(target_.home_scope())];
    if (!plan.cached || lockstep_ || home.host == HostAccess::direct) return plan;
    for (plan.unroll = kUnroll; plan.unroll > 1; plan.unroll /= 2) {
      if (fits(plan.unroll) && attempt(earlier, plan)) break;
    }
    return plan;
  }

  // Whether a loop with so many copies of the body leaves half of a program's room to the rest.
  // Code generators may write the copies a second time for the last round.
  bool fits(int64_t copies) const {
    const double operations = body_slots(w_, target_, stage_) * static_cast<double>(2 * copies);
    return operations <= static_cast<double>(target_.limits.program_ops) / 2;
  }

  // A scope the host writes once for all units, or -1.
  int shared_scope() const {
    for (size_t s = 0; s < target_.scopes.size(); ++s) {
      const Scope& scope = target_.scopes[s];
      if (scope.host == HostAccess::broadcast && scope.element_access) return static_cast<int>(s);
    }
    return -1;
  }

  void spread_over_levels(StagePlan& plan) const {
    plan.axes.assign(stage_.axes.size(),
                     AxisPlan{std::vector<int64_t>(target_.levels.size(), 1), 1});
    for (size_t l = 0; l < target_.levels.size(); ++l) {
      if (!runs_instances(target_.levels[l])) continue;
      int64_t free = target_.levels[l].count;
      if (static_cast<int>(l) > target_.unit_level())
        free = std::max<int64_t>(1, free / plan.inner_divisor);
      if (static_cast<int>(l) == target_.unit_level())
        free = std::max<int64_t>(1, free / plan.unit_divisor);
      for (int a = 0; a < stage_.rank && free > 1; ++a) {
        const double share = std::pow(static_cast<double>(free), 1.0 / (stage_.rank - a));
        const int64_t most = plan.balanced ? std::max<int64_t>(std::llround(share), 1) : free;
        free = free / most * give(plan, a, l, most, 1);
      }
      const bool combines = combines_over(target_, static_cast<int>(l));
      const bool reduces = combines ? plan.cached : host_reduces();
      if (!reduces || !plan.factor_reductions) continue;
      for (size_t a = static_cast<size_t>(stage_.rank); a < stage_.axes.size() && free > 1; ++a) {
        free = give(plan, static_cast<int>(a), l, free, kSmallestPart);
      }
    }
  }

  // Gives level l up to `free` parts of the axis, each of at least `smallest` iterations; returns
  // what is left.
  int64_t give(StagePlan& plan, int a, size_t l, int64_t free, int64_t smallest) const {
    AxisPlan& axis = plan.axes[static_cast<size_t>(a)];
    const int64_t extent = ceil_div(stage_.axes[static_cast<size_t>(a)].extent, axis.spread());
    int64_t parts = std::min(free, std::max<int64_t>(1, extent / smallest));
    if (plan.exact && a >= stage_.rank) parts = largest_divisor(extent, parts);
    if (parts <= 1) return free;
    parts = ceil_div(extent, ceil_div(extent, parts));
    axis.parts[l] = parts;
    return free / parts;
  }

  Trace trace_of(const std::vector<std::optional<StagePlan>>& earlier,
                 const StagePlan& plan) const {
    TraceBuilder trace(w_);
    for (size_t s = 0; s < earlier.size(); ++s) {
      if (earlier[s]) StageScheduler(w_, target_, static_cast<int>(s)).emit(trace, *earlier[s]);
    }
    emit(trace, plan);
    return trace.take();
  }

  Legal<Schedule> attempt(const std::vector<std::optional<StagePlan>>& earlier,
                          const StagePlan& plan) const {
    return replay(w_, target_, trace_of(earlier, plan));
  }

  // Axes whose neighbours are neighbours in memory first: they make long copies; then the others,
  // for reuse.
  std::vector<std::pair<int, int64_t>> tile_order() const {
    std::vector<std::pair<int, int64_t>> order;
    std::vector<bool> contiguous(stage_.axes.size(), false);
    for (const Access& access : stage_.accesses) {
      if (access.index.empty()) continue;
      const AffineIndex& last = access.index.back();
      for (size_t a = 0; a < last.coefficients.size(); ++a)
        contiguous[a] = contiguous[a] || last.coefficients[a] != 0;
    }
    for (const bool first : {true, false}) {
      for (size_t a = stage_.axes.size(); a-- > 0;) {
        if (contiguous[a] == first)
          order.emplace_back(static_cast<int>(a), first ? kLongestTile : kReuseTile);
      }
    }
    return order;
  }

  StagePlan enlarge_tiles(const std::vector<std::optional<StagePlan>>& earlier,
                          StagePlan plan) const {
    for (const auto& [a, longest] : tile_order()) {
      AxisPlan& axis = plan.axes[static_cast<size_t>(a)];
      const int64_t extent = ceil_div(stage_.axes[static_cast<size_t>(a)].extent, axis.spread());
      while (axis.tile < std::min(extent, longest)) {
        const int64_t kept = axis.tile;
        axis.tile = std::min(extent, axis.tile * 2);
        if (plan.exact && a >= stage_.rank) axis.tile = largest_divisor(extent, axis.tile);
        if (axis.tile == kept || !attempt(earlier, plan)) {
          axis.tile = kept;
          break;
        }
      }
    }
    return plan;
  }

  // One iteration is still one unit's work: something must be bound for the stage to run on the
  // device.
  static bool nothing_spread(const StagePlan& plan) {
    return std::all_of(plan.axes.begin(), plan.axes.end(),
                       [](const AxisPlan& axis) { return axis.spread() == 1; });
  }

  bool same_for_all_units(const Access& access, const StagePlan& plan) const {
    for (const AffineIndex& index : access.index) {
      for (size_t a = 0; a < index.coefficients.size(); ++a) {
        if (index.coefficients[a] == 0) continue;
        for (int l = 0; l <= target_.unit_level(); ++l) {
          if (plan.axes[a].parts[static_cast<size_t>(l)] > 1) return false;
        }
      }
    }
    return true;
  }

  // The last axis of the kind that is innermost with a tile.
  int axis_of_innermost(const StagePlan& plan) const {
    for (size_t a = stage_.axes.size(); a-- > 0;) {
      if (a >= static_cast<size_t>(stage_.rank) && plan.axes[a].tile > 1)
        return static_cast<int>(a);
    }
    for (size_t a = static_cast<size_t>(stage_.rank); a-- > 0;) {
      if (plan.axes[a].tile > 1) return static_cast<int>(a);
    }
    return 0;
  }

  static constexpr int64_t kSmallestPart = 16;  // iterations of a reduction worth a partial result
  static constexpr int64_t kLongestTile =
      128;  // elements; longer copies gain little on any link described so far
  static constexpr int64_t kReuseTile = 8;
  static constexpr int64_t kFewestUnits = 64;  // the smallest share of the units tried, inverted
  static constexpr int64_t kUnroll = 16;
  static constexpr int64_t kFewestRounds = 3;  // of an unrolled loop; fewer are as well left alone

  const Workload& w_;
  const TargetDesc& target_;
  int number_;
  const Stage& stage_;
  bool lockstep_ = false;
  Edge edge_ = Edge::guard;
  int cache_scope_ = -1;
};

void StageScheduler::emit(TraceBuilder& trace, const StagePlan& plan) const {
  if (plan.direct) return emit_direct(trace, w_, number_, *plan.direct);
  std::vector<std::vector<LoopId>> bound(target_.levels.size());
  std::vector<LoopId> factored, serial[2], tile[2];
  for (size_t a = 0; a < stage_.axes.size(); ++a) {
    const AxisPlan& axis = plan.axes[a];
    const size_t kind = a < static_cast<size_t>(stage_.rank) ? 0 : 1;
    std::vector<std::pair<int, int64_t>> parts;  // level or -1 serial, -2 tile; count
    if (a == 0 && nothing_spread(plan)) parts.emplace_back(std::max(target_.unit_level(), 0), 1);
    for (size_t l = 0; l < axis.parts.size(); ++l) {
      if (axis.parts[l] > 1) parts.emplace_back(static_cast<int>(l), axis.parts[l]);
    }
    const int64_t rest = ceil_div(stage_.axes[a].extent, axis.spread());
    const int64_t rounds = ceil_div(rest, axis.tile);
    if (rounds > 1 || parts.empty()) parts.emplace_back(-1, rounds);
    if (axis.tile > 1) parts.emplace_back(-2, axis.tile);
    std::vector<LoopId> loops{static_cast<int>(a)};
    if (parts.size() > 1) {
      std::vector<int64_t> factors;
      for (size_t p = 1; p < parts.size(); ++p) factors.push_back(parts[p].second);
      loops = trace.split(number_, static_cast<int>(a), factors, edge_);
    }
    for (size_t p = 0; p < parts.size(); ++p) {
      if (parts[p].first >= 0) {
        bound[static_cast<size_t>(parts[p].first)].push_back(loops[p]);
        if (kind == 1 && parts[p].second > 1) factored.push_back(loops[p]);
      } else {
        (parts[p].first == -1 ? serial : tile)[kind].push_back(loops[p]);
      }
    }
  }
  std::vector<LoopId> order;
  const auto append = [&order](const std::vector<LoopId>& loops) {
    order.insert(order.end(), loops.begin(), loops.end());
  };
  for (const auto& loops : bound) append(loops);
  append(serial[0]);
  const LoopId write_at = order.empty() ? kRoot : order.back();
  append(serial[1]);
  const LoopId read_at = order.empty() ? kRoot : order.back();
  append(tile[0]);
  append(tile[1]);
  if (order.size() > 1) trace.reorder(number_, order);
  for (size_t l = 0; l < bound.size(); ++l) {
    for (LoopId loop : bound[l]) trace.bind(number_, loop, static_cast<int>(l));
  }
  for (LoopId loop : factored) trace.rfactor(number_, loop);
  const std::vector<LoopId>& innermost = tile[1].empty() ? tile[0] : tile[1];
  if (plan.unroll > 1 && !innermost.empty()) {
    const auto axis = static_cast<size_t>(axis_of_innermost(plan));
    if (plan.axes[axis].tile >= kFewestRounds * plan.unroll)
      trace.unroll(number_, innermost.back(), plan.unroll);
  }
  emit_storage(trace, plan, read_at, write_at);
}

// Where operands live, and where results start without a cache.
void StageScheduler::emit_storage(TraceBuilder& trace, const StagePlan& plan, LoopId read_at,
                                  LoopId write_at) const {
  if (plan.broadcast) {
    for (const Access& access : stage_.accesses) {
      if (same_for_all_units(access, plan))
        trace.place(access.tensor, shared_scope(), Residency::streamed);
    }
  }
  if (!plan.cached) {
    const bool starts_apart =
        stage_.reducer != Reducer::none &&
        target_.scopes[static_cast<size_t>(target_.home_scope())].element_access;
    if (starts_apart) trace.decompose_reduction(number_, write_at);
    return;
  }
  for (size_t a = 0; a < stage_.accesses.size(); ++a)
    trace.cache_read(number_, static_cast<int>(a), cache_scope_, read_at);
  trace.cache_write(number_, cache_scope_, write_at);
}

// Contractions go to the device; what follows them element by element stays with the host, which
// has the data by then.
bool belongs_on_device(const Workload& w, size_t stage) {
  for (const Axis& axis : w.stages[stage].axes) {
    if (axis.extent == 0) return false;
  }
  return w.stages.size() == 1 || w.stages[stage].reducer != Reducer::none;
}

}  // namespace

Legal<Trace> default_schedule(const Workload& workload, const TargetDesc& target) {
  std::vector<std::optional<StagePlan>> plans;
  for (size_t s = 0; s < workload.stages.size(); ++s) {
    if (!belongs_on_device(workload, s)) {
      plans.emplace_back();
      continue;
    }
    auto plan = StageScheduler(workload, target, static_cast<int>(s)).find(plans);
    if (!plan) return tl::unexpected(plan.error());
    plans.emplace_back(std::move(*plan));
  }
  TraceBuilder trace(workload);
  for (size_t s = 0; s < plans.size(); ++s) {
    const Stage& stage = workload.stages[s];
    if (plans[s]) {
      StageScheduler(workload, target, static_cast<int>(s)).emit(trace, *plans[s]);
    } else if (stage.rank > 0 && stage.axes[0].extent > 1) {
      trace.parallel(static_cast<int>(s), 0);
    }
  }
  return trace.take();
}

}  // namespace pimjit
