#include <algorithm>
#include <cmath>

#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/trace_edit.h"

namespace pimjit {
namespace {

// One factor of one split, with its value.
struct Factor {
  int instruction;
  int decision;
  int64_t value;
  int64_t inner;   // product of the factors inside it
  int64_t extent;  // of the loop that is split
};

class Repairer {
 public:
  Repairer(const Workload& workload, const TargetDesc& target, const Trace& trace)
      : workload_(workload), target_(target), edit_(trace) {}

  Legal<Repaired> run() {
    const size_t rounds = 16 + 4 * edit_.trace().instructions.size();
    Legal<void> legal;
    for (size_t round = 0; round <= rounds; ++round) {
      legal = replay_into(s_, workload_, target_, edit_.trace());
      if (legal) return Repaired{std::move(s_), edit_.trace(), edit_.repairs()};
      if (!fix(legal.error())) break;
    }
    return tl::unexpected(legal.error());
  }

 private:
  const Instruction& instruction(int i) const {
    return edit_.trace().instructions[static_cast<size_t>(i)];
  }
  const Loop* loop(int stage, LoopId id) const {
    const std::vector<Loop>& loops = s_.stages[static_cast<size_t>(stage)].loops;
    return id >= 0 && id < static_cast<int>(loops.size()) ? &loops[static_cast<size_t>(id)]
                                                          : nullptr;
  }

  bool fix(const Rejection& r) {
    switch (r.code) {
      case RejectionCode::bad_factor:
        return clamp_factors(r);
      case RejectionCode::nest_too_large:
        return make_divide(r.instruction, r.code);
      case RejectionCode::level_overflow:
        return fit_level(r);
      case RejectionCode::scope_overflow:
        return fit_scope(r) || nearest_legal(r);
      case RejectionCode::inner_padding:
        return change_edge(r.instruction, Edge::guard, r.code);
      case RejectionCode::no_neutral_padding:
        return guard_axis(r);
      case RejectionCode::guard_without_control_flow:
        return change_edge(splitter(r.stage, r.place), Edge::pad, r.code) || nearest_legal(r);
      case RejectionCode::lockstep_guard:
        return change_edge(splitter(r.stage, static_cast<LoopId>(r.have)), Edge::pad, r.code) ||
               nearest_legal(r);
      case RejectionCode::bad_unroll:
        return fit_unroll(r);
      case RejectionCode::bad_vectorize:
        return drop(PrimitiveKind::vectorize, r, r.place);
      case RejectionCode::bad_parallel:
        return drop(PrimitiveKind::parallel, r, r.place);
      case RejectionCode::bad_decompose:
      case RejectionCode::decompose_inside_reduction:
        return drop_decompose(r);
      default:
        return nearest_legal(r);
    }
  }

  // --- Splits

  int splitter(int stage, LoopId id) const {
    return instruction_on(edit_.trace(), PrimitiveKind::split, stage, id);
  }
  std::vector<int64_t> factors(int i, int64_t extent) const {
    return resolve_factors(instruction(i), extent, workload_, target_);
  }

  bool clamp_factors(const Rejection& r) {
    const Loop* l = loop(r.stage, r.place);
    if (l == nullptr || instruction(r.instruction).decision_count == 0) return false;
    const std::vector<int64_t> now = factors(r.instruction, l->extent);
    int64_t inner = 1;
    bool changed = false;
    for (size_t f = now.size(); f-- > 0;) {
      const int64_t limit = std::max<int64_t>(ceil_div(l->extent, inner), 1);
      const int64_t value = std::clamp<int64_t>(now[f], 1, limit);
      changed |= edit_.set(r.instruction, static_cast<int>(f), now[f], value, r.code);
      inner *= value;
    }
    return changed;
  }

  bool make_divide(int i, RejectionCode reason) {
    if (i < 0 || instruction(i).kind != PrimitiveKind::split) return false;
    const Loop* l = loop(instruction(i).stage, instruction(i).loops[0]);
    if (l == nullptr || l->extent == 0) return false;
    const std::vector<int64_t> now = factors(i, l->extent);
    int64_t rest = l->extent;
    bool changed = false;
    for (size_t f = now.size(); f-- > 0;) {
      const int64_t value = nearest_divisor(rest, now[f]);
      changed |= edit_.set(i, static_cast<int>(f), now[f], value, reason);
      rest /= value;
    }
    return changed;
  }

  // The other edge; where that was tried, factors without one.
  bool change_edge(int i, Edge edge, RejectionCode reason) {
    if (i < 0) return false;
    return edit_.set_edge(i, edge, reason) || make_divide(i, reason);
  }

  bool guard_axis(const Rejection& r) {
    LoopId id = r.place;
    for (;;) {
      const Loop* l = loop(r.stage, id);
      if (l == nullptr) return false;
      if (l->padded) return change_edge(splitter(r.stage, id), Edge::guard, r.code);
      if (l->child_count == 0) return false;
      id = l->children[0];
    }
  }

  // --- Levels

  bool fit_level(const Rejection& r) {
    const Instruction& in = instruction(r.instruction);
    const Loop* l = loop(r.stage, in.loops[0]);
    if (l == nullptr) return false;
    const int64_t others = r.have / std::max<int64_t>(l->extent, 1);
    return shrink_loop(r.stage, in.loops[0], r.limit / std::max<int64_t>(others, 1), r.code);
  }

  bool is_bound(int stage, LoopId id) const {
    return instruction_on(edit_.trace(), PrimitiveKind::bind, stage, id) >= 0;
  }

  // Changes the split a loop comes from so that its extent is at most `most`.
  bool shrink_loop(int stage, LoopId id, int64_t most, RejectionCode reason) {
    const Loop* l = loop(stage, id);
    if (l == nullptr || most < 1) return false;
    if (l->origin == LoopOrigin::fuse) return shrink_member(stage, id, most, reason);
    if (l->origin != LoopOrigin::split) return false;
    const Maker maker = maker_of(edit_.trace(), workload_, stage, id);
    const Loop* parent = loop(stage, l->parent);
    if (maker.instruction < 0 || parent == nullptr) return false;
    const std::vector<int64_t> now = factors(maker.instruction, parent->extent);
    if (maker.part > 0)
      return edit_.set(maker.instruction, maker.part - 1, now[static_cast<size_t>(maker.part - 1)],
                       most, reason);
    // The outermost part shrinks when another one grows: one that is not bound, or one whose level
    // has room.
    const auto is_part_bound = [&](size_t f) {
      return is_bound(stage, id + 1 + static_cast<int>(f));
    };
    for (const bool bound : {false, true}) {
      for (size_t f = 0; f < now.size(); ++f) {
        if (is_part_bound(f) != bound) continue;
        int64_t inner = 1, others = 1;
        for (size_t o = 0; o < now.size(); ++o) {
          others *= o == f ? 1 : now[o];
          inner *= o > f ? now[o] : 1;
        }
        const int64_t value = ceil_div(ceil_div(parent->extent, most), others);
        const Factor factor{maker.instruction, static_cast<int>(f), now[f], inner, parent->extent};
        if (bound && !fits_levels(factor, value)) continue;
        return edit_.set(factor.instruction, factor.decision, factor.value, value, reason);
      }
    }
    return false;
  }

  // Whether the value leaves every level with enough instances, whatever else is wrong.
  bool fits_levels(const Factor& f, int64_t value) {
    const Legal<void> outcome = with(f, value);
    return outcome || (outcome.error().code != RejectionCode::level_overflow &&
                       outcome.error().code != RejectionCode::bad_factor);
  }

  bool shrink_member(int stage, LoopId fused, int64_t most, RejectionCode reason) {
    const std::vector<Loop>& loops = s_.stages[static_cast<size_t>(stage)].loops;
    std::vector<LoopId> members;
    for (size_t m = 0; m < loops.size(); ++m) {
      if (loops[m].fused_into == fused) members.push_back(static_cast<LoopId>(m));
    }
    const auto extent = [&](LoopId m) { return loops[static_cast<size_t>(m)].extent; };
    std::stable_sort(members.begin(), members.end(),
                     [&](LoopId a, LoopId b) { return extent(a) > extent(b); });
    for (LoopId m : members) {
      const int64_t others = extent(fused) / std::max<int64_t>(extent(m), 1);
      const int64_t share = std::max<int64_t>(most / std::max<int64_t>(others, 1), 1);
      if (share < extent(m) && shrink_loop(stage, m, share, reason)) return true;
    }
    return false;
  }

  // --- Values of factors found by trying

  std::vector<Factor> all_factors(int stage) const {
    std::vector<Factor> found;
    for (size_t i = 0; i < edit_.trace().instructions.size(); ++i) {
      const Instruction& in = instruction(static_cast<int>(i));
      if (in.kind != PrimitiveKind::split || in.stage != stage) continue;
      const Loop* l = loop(stage, in.loops[0]);
      if (l == nullptr) continue;
      const std::vector<int64_t> now = factors(static_cast<int>(i), l->extent);
      int64_t inner = 1;
      for (size_t f = now.size(); f-- > 0; inner *= now[f])
        found.push_back({static_cast<int>(i), static_cast<int>(f), now[f], inner, l->extent});
    }
    return found;
  }

  Legal<void> with(const Factor& f, int64_t value) {
    Trace trial = edit_.trace();
    trial.instructions[static_cast<size_t>(f.instruction)]
        .decisions[static_cast<size_t>(f.decision)] = absolute(value);
    Schedule ignored;
    return replay_into(ignored, workload_, target_, trial);
  }

  // Whether a value ends the overflow without an obstacle that growing the tile would have to undo.
  static bool settles(const Legal<void>& outcome, const Rejection& overflow) {
    if (outcome) return true;
    const Rejection& r = outcome.error();
    switch (r.code) {
      case RejectionCode::level_overflow:
      case RejectionCode::bad_factor:
      case RejectionCode::nest_too_large:
      case RejectionCode::inner_padding:
      case RejectionCode::guard_without_control_flow:
      case RejectionCode::lockstep_guard:
      case RejectionCode::size_overflow:
        return false;
      case RejectionCode::scope_overflow:
        return r.stage != overflow.stage || r.place != overflow.place;
      default:
        return true;
    }
  }

  bool fit_scope(const Rejection& r) {
    std::vector<Factor> candidates = all_factors(r.stage);
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Factor& a, const Factor& b) { return a.value > b.value; });
    const Factor* helps = nullptr;
    for (const Factor& f : candidates) {
      if (f.value <= 1) continue;
      const Legal<void> smallest = with(f, 1);
      if (settles(smallest, r))
        return edit_.set(f.instruction, f.decision, f.value, largest_settling(f, r), r.code);
      const Rejection& left = smallest.error();
      if (helps == nullptr && left.code == r.code && left.place == r.place && left.have < r.have)
        helps = &f;
    }
    if (helps == nullptr) return false;
    return edit_.set(helps->instruction, helps->decision, helps->value, helps->value / 2, r.code);
  }

  // The largest value below the present one that settles, given that 1 does; a divisor if one is
  // near.
  int64_t largest_settling(const Factor& f, const Rejection& r) {
    int64_t low = 1, high = f.value;
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (settles(with(f, middle), r) ? low : high) = middle;
    }
    const int64_t whole = std::max<int64_t>(f.extent / f.inner, 1);
    for (int64_t d = low; d >= std::max<int64_t>(low / 2, 1) && low - d < 4096; --d) {
      if (whole % d == 0 && settles(with(f, d), r)) return d;
    }
    return low;
  }

  // The nearest value of one factor that makes the whole legal.
  bool nearest_legal(const Rejection& r) {
    const Factor* best = nullptr;
    int64_t best_value = 0;
    double best_distance = 0;
    const std::vector<Factor> candidates = all_factors(r.stage);
    for (const Factor& f : candidates) {
      const int64_t limit = std::max<int64_t>(ceil_div(f.extent, f.inner), 1);
      const int64_t whole = std::max<int64_t>(f.extent / f.inner, 1);
      const int64_t values[] = {nearest_divisor(whole, f.value),
                                f.value / 2,
                                f.value * 2,
                                f.value / 4,
                                f.value * 4,
                                limit,
                                1};
      for (int64_t wanted : values) {
        const int64_t value = std::clamp<int64_t>(wanted, 1, limit);
        const double distance =
            std::abs(std::log2(static_cast<double>(value)) -
                     std::log2(static_cast<double>(std::max<int64_t>(f.value, 1))));
        if (value == f.value || (best != nullptr && distance >= best_distance)) continue;
        if (!with(f, value)) continue;
        best = &f;
        best_value = value;
        best_distance = distance;
      }
    }
    return best != nullptr &&
           edit_.set(best->instruction, best->decision, best->value, best_value, r.code);
  }

  // --- Roles

  bool fit_unroll(const Rejection& r) {
    if (r.limit > 1 && r.have > r.limit && instruction(r.instruction).decision_count > 0)
      return edit_.set(r.instruction, 0, r.have, r.limit, r.code);
    edit_.drop(r.instruction, r.code);
    return true;
  }

  bool drop(PrimitiveKind kind, const Rejection& r, LoopId id) {
    const int i = instruction_on(edit_.trace(), kind, r.stage, id);
    if (i < 0) return false;
    edit_.drop(i, r.code);
    return true;
  }

  bool drop_decompose(const Rejection& r) {
    for (size_t i = edit_.trace().instructions.size(); i-- > 0;) {
      const Instruction& in = instruction(static_cast<int>(i));
      if (in.kind != PrimitiveKind::decompose_reduction || in.stage != r.stage) continue;
      edit_.drop(static_cast<int>(i), r.code);
      return true;
    }
    return false;
  }

  const Workload& workload_;
  const TargetDesc& target_;
  TraceEdit edit_;
  Schedule s_;
};

}  // namespace

Legal<Repaired> replay_with_repair(const Workload& workload, const TargetDesc& target,
                                   const Trace& trace) {
  return Repairer(workload, target, trace).run();
}

}  // namespace pimjit
