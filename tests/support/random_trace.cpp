#include "pimjit/tests/support/random_trace.h"

#include <algorithm>

#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/stored_type.h"

namespace pimjit {
namespace {

// Draws the instructions of one stage on top of a legal trace for the stages before it.
class StageDraw {
 public:
  StageDraw(const Workload& w, const TargetDesc& target, RandomStream& random, int stage,
            const Trace& before)
      : w_(w), target_(target), random_(random), stage_(stage), trace_(before) {
    schedule_ = *replay(w, target, before);
    no_guards_ = !target.limits.control_flow ||
                 std::any_of(target.levels.begin(), target.levels.end(),
                             [](const Level& l) { return l.kind == LevelKind::lockstep; });
  }

  Trace draw() {
    on_host_ = random_.chance(0.08);
    split_loops();
    if (random_.chance(0.15)) fuse_two();
    if (on_host_) {
      if (random_.chance(0.5)) add(make_parallel(stage_, any_loop()));
    } else {
      bind_levels();
      order_loops();
      factor_serial();
      place_operands();
      add_caches();
    }
    add_roles();
    return trace_;
  }

 private:
  const StageSchedule& s() const { return schedule_.stages[static_cast<size_t>(stage_)]; }
  const Loop& loop(LoopId id) const { return s().loops[static_cast<size_t>(id)]; }
  LoopId any_loop() {
    return s().nest[static_cast<size_t>(random_.between(0, std::ssize(s().nest) - 1))];
  }

  // Keeps the instruction if the primitive takes it.
  bool add(const Instruction& in) {
    if (!apply(schedule_, w_, target_, trace_, in)) return false;
    trace_.instructions.push_back(in);
    return true;
  }

  int64_t draw_factor(int64_t extent) {
    int64_t factor = random_.between(2, std::max<int64_t>(2, std::min<int64_t>(extent, 24)));
    for (int n = 0; n < 6 && extent % factor == 0 && random_.chance(0.6); ++n)
      factor = random_.between(2, std::max<int64_t>(2, std::min<int64_t>(extent, 24)));
    return std::min(factor, std::max<int64_t>(extent, 1));
  }

  Decision draw_decision(int64_t extent) {
    const double x = random_.unit();
    if (x < 0.05) return all();
    if (x < 0.12) return ratio(random_.between(1, 3), random_.between(2, 9));
    if (x < 0.15)
      return fills(static_cast<int>(random_.between(0, std::ssize(target_.scopes) - 1)),
                   random_.between(8, 64));
    return absolute(draw_factor(extent));
  }

  void split_loops() {
    const std::vector<LoopId> axes = s().nest;
    for (LoopId axis : axes) {
      LoopId id = axis;
      for (int64_t n = random_.between(0, 2); n > 0 && loop(id).extent != 1; --n) {
        const Edge edge = no_guards_ || random_.chance(0.2) ? Edge::pad : Edge::guard;
        std::vector<Decision> factors{draw_decision(loop(id).extent)};
        if (random_.chance(0.25))
          factors.insert(factors.begin(), draw_decision(loop(id).extent / 2 + 1));
        const int made = static_cast<int>(s().loops.size());
        if (!add(make_split(stage_, id, factors, edge)) &&
            !add(make_split(stage_, id, std::vector<int64_t>{nearest(loop(id).extent)},
                            Edge::guard)))
          break;
        id = made + static_cast<int>(no_guards_ ? 0 : random_.between(0, 1));
      }
    }
  }

  // Some divisor: what machines without guards can always split by.
  int64_t nearest(int64_t extent) {
    for (int64_t d = random_.between(2, 8); d > 1; --d) {
      if (extent % d == 0) return d;
    }
    return 1;
  }

  void fuse_two() {
    const std::vector<LoopId>& nest = s().nest;
    if (nest.size() < 2) return;
    const size_t p = static_cast<size_t>(random_.between(0, std::ssize(nest) - 2));
    add(make_fuse(stage_, {nest[p], nest[p + 1]}));
  }

  void bind_levels() {
    for (size_t l = 0; l < target_.levels.size(); ++l) {
      const LevelKind kind = target_.levels[l].kind;
      const bool parallel = kind == LevelKind::independent || kind == LevelKind::lockstep;
      const int times = parallel              ? static_cast<int>(random_.between(1, 2))
                        : random_.chance(0.3) ? 1
                                              : 0;
      for (int t = 0; t < times; ++t) {
        if (random_.chance(0.1)) continue;
        bind_one(static_cast<int>(l), parallel);
      }
    }
  }

  void bind_one(int level, bool parallel) {
    std::vector<LoopId> free;
    for (LoopId id : s().nest) {
      const Loop& l = loop(id);
      const bool reduction = l.axis_kind == AxisKind::reduction;
      if (l.level < 0 && l.kind == LoopKind::serial &&
          l.extent <= target_.levels[static_cast<size_t>(level)].count &&
          (!reduction || random_.chance(0.6)))
        free.push_back(id);
    }
    if (free.empty()) return;
    const LoopId id = free[static_cast<size_t>(random_.between(0, std::ssize(free) - 1))];
    if (!add(make_bind(stage_, id, level)) || !parallel) return;
    if (loop(id).axis_kind == AxisKind::reduction) add(make_rfactor(stage_, id));
  }

  void order_loops() {
    std::vector<LoopId> order = s().nest;
    for (size_t i = order.size(); i-- > 1;)
      std::swap(order[i], order[static_cast<size_t>(random_.between(0, static_cast<int64_t>(i)))]);
    const bool loose = random_.chance(0.3);
    const int unit = target_.unit_level();
    // Unit loops first; inner levels next, or anywhere as long as they are in order among
    // themselves.
    const auto rank = [&](LoopId id) {
      const Loop& l = loop(id);
      if (!runs_in_parallel(target_, l)) return l.kind == LoopKind::vectorized ? 1000 : 100;
      return l.level <= unit || !loose ? l.level : 100;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](LoopId a, LoopId b) { return rank(a) < rank(b); });
    std::vector<size_t> positions;
    std::vector<LoopId> inner;
    for (size_t p = 0; p < order.size(); ++p) {
      if (!runs_in_parallel(target_, loop(order[p]))) continue;
      positions.push_back(p);
      inner.push_back(order[p]);
    }
    std::stable_sort(inner.begin(), inner.end(),
                     [&](LoopId a, LoopId b) { return loop(a).level < loop(b).level; });
    for (size_t p = 0; p < positions.size(); ++p) order[positions[p]] = inner[p];
    if (order.size() <= 16) add(make_reorder(stage_, order));
  }

  void factor_serial() {
    for (LoopId id : std::vector<LoopId>(s().nest)) {
      const Loop& l = loop(id);
      if (l.axis_kind == AxisKind::reduction && !l.rfactored && random_.chance(0.2))
        add(make_rfactor(stage_, id));
    }
  }

  void place_operands() {
    for (size_t t = 0; t < w_.tensors.size(); ++t) {
      const bool narrow = narrow_type(w_, static_cast<int>(t)).has_value() && random_.chance(0.4);
      if (narrow && random_.chance(0.7)) {
        add(make_place(static_cast<int>(t), target_.home_scope(), Residency::streamed, true));
        continue;
      }
      if (!random_.chance(0.12)) continue;
      const int scope = static_cast<int>(random_.between(0, std::ssize(target_.scopes) - 1));
      add(make_place(static_cast<int>(t), scope,
                     random_.chance(0.5) ? Residency::resident : Residency::streamed, narrow));
    }
  }

  // Mostly a scope kernels can use, at times any.
  int draw_scope() {
    for (int n = 0; n < 8; ++n) {
      const int scope = static_cast<int>(random_.between(0, std::ssize(target_.scopes) - 1));
      if (target_.scopes[static_cast<size_t>(scope)].element_writes || random_.chance(0.1))
        return scope;
    }
    return 0;
  }

  LoopId draw_position() { return random_.chance(0.12) ? kRoot : any_loop(); }

  void add_caches() {
    const int accesses = s().access_count;
    for (int a = 0; a < accesses; ++a) {
      if (!random_.chance(0.6)) continue;
      LoopId outer = draw_position(), inner = draw_position();
      if (s().depth(inner) < s().depth(outer)) std::swap(outer, inner);
      add(make_cache_read(stage_, a, draw_scope(), outer));
      if (random_.chance(0.2)) add(make_cache_read(stage_, a, draw_scope(), inner));
    }
    const auto& loops = s().loops;
    const bool factored =
        std::any_of(loops.begin(), loops.end(), [](const Loop& l) { return l.rfactored; });
    if (!random_.chance(factored ? 0.95 : 0.6)) return;
    LoopId outer = draw_position(), inner = draw_position();
    if (factored && random_.chance(0.7)) outer = innermost_parallel();
    if (s().depth(inner) < s().depth(outer)) std::swap(outer, inner);
    add(make_cache_write(stage_, draw_scope(), outer));
    if (random_.chance(0.2)) add(make_cache_write(stage_, draw_scope(), inner));
  }

  LoopId innermost_parallel() const {
    LoopId found = kRoot;
    for (LoopId id : s().nest) {
      if (runs_in_parallel(target_, loop(id))) found = id;
    }
    return found;
  }

  void add_roles() {
    if (random_.chance(0.2)) add(make_decompose_reduction(stage_, draw_position()));
    if (random_.chance(0.15)) add(make_vectorize(stage_, s().nest.back()));
    if (random_.chance(0.3)) {
      const LoopId id = any_loop();
      const int64_t extent = loop(id).extent;
      add(make_unroll(
          stage_, id,
          extent > 1 && random_.chance(0.7) ? absolute(random_.between(0, extent)) : all()));
    }
    annotate();
  }

  void annotate() {
    if (!random_.chance(0.3)) return;
    constexpr const char* kNames[] = {"note", "reduce_threads", "reduce_lanes", "reduce_group",
                                      "reduce_block"};
    const int64_t choice = random_.between(0, std::ssize(kNames) - 1);
    const auto known = std::find(trace_.names.begin(), trace_.names.end(), kNames[choice]);
    const auto name = static_cast<int>(known - trace_.names.begin());
    if (known == trace_.names.end()) trace_.names.emplace_back(kNames[choice]);
    add(make_annotate(stage_, name, choice == 0 ? random_.between(-9, 9) : random_.between(0, 20)));
  }

  const Workload& w_;
  const TargetDesc& target_;
  RandomStream& random_;
  int stage_;
  Trace trace_;
  Schedule schedule_;
  bool no_guards_ = false, on_host_ = false;
};

// Drops what is not essential, one instruction at a time, until the trace is legal.
bool simplify(Trace& trace, size_t keep, const Workload& w, const TargetDesc& target) {
  for (;;) {
    auto legal = replay_with_repair(w, target, trace);
    if (legal) {
      trace = std::move(legal->trace);
      return true;
    }
    size_t last = trace.instructions.size();
    const auto expendable = [&](size_t i) {
      const PrimitiveKind k = trace.instructions[i].kind;
      return k == PrimitiveKind::cache_read || k == PrimitiveKind::cache_write ||
             k == PrimitiveKind::place || k == PrimitiveKind::decompose_reduction;
    };
    while (last > keep && !expendable(last - 1)) --last;
    if (last == keep) return false;
    trace.instructions.erase(trace.instructions.begin() + static_cast<std::ptrdiff_t>(last) - 1);
  }
}

}  // namespace

Trace random_trace(const Workload& workload, const TargetDesc& target, RandomStream& random) {
  constexpr int kDraws = 40;
  Trace trace;
  for (size_t stage = 0; stage < workload.stages.size(); ++stage) {
    for (int draw = 0; draw < kDraws; ++draw) {
      Trace drawn = StageDraw(workload, target, random, static_cast<int>(stage), trace).draw();
      const bool legal =
          replay(workload, target, drawn).has_value() ||
          (draw % 4 == 3 && simplify(drawn, trace.instructions.size(), workload, target));
      if (!legal) continue;
      trace = std::move(drawn);
      break;
    }
  }
  return trace;
}

}  // namespace pimjit
