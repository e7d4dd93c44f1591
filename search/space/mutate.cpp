// Changing and mixing decisions.
#include <algorithm>

#include "pimjit/search/space/design_space.h"
#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

constexpr double kNarrowing = 0.06;  // share of changes that widen or narrow a tensor

class StageMutator {
 public:
  StageMutator(const MachineView& machine, const Stage& stage, const SpaceOptions& options,
               StagePoint& point, RandomStream& random)
      : machine_(machine), stage_(stage), options_(options), point_(point), random_(random) {}

  // Tiles decide most, so most changes are to them.
  void run() {
    const double kind = random_.unit();
    if (kind < 0.35) return move_factor();
    if (kind < 0.50) return trade_instances();
    if (kind < 0.60) return change_instances();
    if (kind < 0.68) return redraw_tile();
    if (kind < 0.84) return move_cache();
    if (kind < 0.92) return change_unroll();
    flip();
  }

 private:
  size_t draw_index(size_t n) {
    return static_cast<size_t>(random_.between(0, static_cast<int64_t>(n) - 1));
  }
  size_t draw_axis() { return draw_index(stage_.axes.size()); }
  int64_t extent(size_t a) const { return stage_.axes[a].extent; }

  bool may_take(size_t a, size_t l) const {
    if (a < static_cast<size_t>(stage_.rank)) return true;
    const ParallelLevel& level = machine_.levels[l];
    return level.combines ? point_.cache_scope >= 0
                          : machine_.host_reduces && options_.split_reductions;
  }

  int64_t used(size_t l) const {
    int64_t n = 1;
    for (const AxisTiling& axis : point_.axes) n *= axis.parts[l];
    return n;
  }

  // Gives `parts` of level l to the axis if there are so many.
  void set_parts(size_t a, size_t l, int64_t parts) {
    AxisTiling& axis = point_.axes[a];
    const int64_t others = used(l) / axis.parts[l];
    const int64_t left = rest_of(axis, extent(a)) * axis.parts[l];
    axis.parts[l] =
        std::clamp<int64_t>(parts, 1, std::min(left, machine_.levels[l].count / others));
    clamp_tiles(axis, extent(a));
  }

  // A prime factor from one part of an axis to another; rounds give and take what is left over.
  void move_factor() {
    const size_t a = draw_axis();
    AxisTiling& axis = point_.axes[a];
    const size_t slots = machine_.levels.size() + 3;
    const size_t from = draw_index(slots), to = draw_index(slots);
    const int64_t source = slot_value(axis, from, a);
    const int64_t factor = draw_prime_factor(source, random_);
    if (factor == 1 || from == to) return redraw_tile();
    set_slot(a, from, source / factor);
    set_slot(a, to, slot_value(axis, to, a) * factor);
  }

  int64_t slot_value(const AxisTiling& axis, size_t slot, size_t a) const {
    if (slot < machine_.levels.size()) return axis.parts[slot];
    const size_t tile = slot - machine_.levels.size();
    if (tile < 2) return axis.tiles[tile];
    const int64_t inside = axis.tiles[0] * axis.tiles[1];
    return (rest_of(axis, extent(a)) + inside - 1) / inside;
  }

  void set_slot(size_t a, size_t slot, int64_t value) {
    AxisTiling& axis = point_.axes[a];
    const size_t levels = machine_.levels.size();
    if (slot < levels) {
      if (may_take(a, slot)) set_parts(a, slot, value);
    } else if (slot < levels + 2) {
      axis.tiles[slot - levels] = value;
      clamp_tiles(axis, extent(a));
    }
  }

  // Instances of a level from one axis to another.
  void trade_instances() {
    if (machine_.levels.empty()) return;
    const size_t l = draw_index(machine_.levels.size());
    const size_t from = draw_axis(), to = draw_axis();
    const int64_t factor = draw_prime_factor(point_.axes[from].parts[l], random_);
    if (from == to || factor == 1 || !may_take(to, l)) return change_instances();
    set_parts(from, l, point_.axes[from].parts[l] / factor);
    set_parts(to, l, point_.axes[to].parts[l] * factor);
  }

  void change_instances() {
    if (machine_.levels.empty()) return;
    const size_t a = draw_axis(), l = draw_index(machine_.levels.size());
    if (!may_take(a, l)) return redraw_tile();
    const int64_t room = machine_.levels[l].count / (used(l) / point_.axes[a].parts[l]);
    const double kind = random_.unit();
    int64_t parts =
        draw_factor(rest_of(point_.axes[a], extent(a)) * point_.axes[a].parts[l], room, random_);
    if (kind < 0.4) parts = room;
    if (kind > 0.8) parts = point_.axes[a].parts[l] + (random_.chance(0.5) ? 1 : -1);
    set_parts(a, l, parts);
  }

  void redraw_tile() {
    const size_t a = draw_axis();
    AxisTiling& axis = point_.axes[a];
    const size_t tile = draw_index(2);
    const int64_t rest = rest_of(axis, extent(a));
    axis.tiles[tile] = random_.chance(0.1) ? rest : draw_factor(rest, rest, random_);
    clamp_tiles(axis, extent(a));
  }

  void move_cache() {
    const size_t which = draw_index(point_.read_at.size() + 1);
    int& at = which < point_.read_at.size() ? point_.read_at[which] : point_.write_at;
    const int step = random_.chance(0.5) ? 1 : -1;
    at = random_.chance(0.3) ? static_cast<int>(random_.between(0, kPositions - 1))
                             : std::clamp(at + step, 0, kPositions - 1);
    if (machine_.direct_home && !machine_.cache_scopes.empty() && random_.chance(0.2)) {
      point_.cache_scope = static_cast<int>(
          random_.between(-1, static_cast<int64_t>(machine_.cache_scopes.size()) - 1));
    }
  }

  void change_unroll() {
    if (machine_.tunes_reduction && random_.chance(0.2)) {
      point_.final = draw_final_reduction(random_);
      return;
    }
    point_.unroll = random_.chance(0.5) ? point_.unroll * 2 : point_.unroll / 2;
    point_.unroll = std::clamp<int64_t>(point_.unroll, 1, 256);
  }

  void flip() {
    switch (random_.between(0, machine_.shared_scope >= 0 ? 4 : 3)) {
      case 0:
        point_.reduction_outside = !point_.reduction_outside;
        break;
      case 1:
        point_.units_reduce_first = !point_.units_reduce_first;
        break;
      case 2:
        point_.vectorized = machine_.has_lanes && !point_.vectorized;
        break;
      case 3: {
        AxisTiling& axis = point_.axes[draw_axis()];
        axis.padded = machine_.only_padding || !axis.padded;
        break;
      }
      default: {
        if (point_.shared_place.empty()) break;
        const size_t a = draw_index(point_.shared_place.size());
        point_.shared_place[a] = !point_.shared_place[a];
      }
    }
  }

  const MachineView& machine_;
  const Stage& stage_;
  const SpaceOptions& options_;
  StagePoint& point_;
  RandomStream& random_;
};

}  // namespace

Point DesignSpace::mutate(const Point& point, RandomStream& random) const {
  Point changed = point;
  const int changes = random.chance(0.3) ? 2 : 1;
  for (int c = 0; c < changes; ++c) {
    if (!narrowable_.empty() && random.chance(kNarrowing)) {
      const auto n = random.between(0, static_cast<int64_t>(narrowable_.size()) - 1);
      const int tensor = narrowable_[static_cast<size_t>(n)];
      if (changed.narrow.erase(tensor) == 0) changed.narrow.insert(tensor);
      continue;
    }
    const auto s =
        static_cast<size_t>(random.between(0, static_cast<int64_t>(changed.stages.size()) - 1));
    StagePoint& stage = changed.stages[s];
    if (!stage.on_device) {
      stage.host_parallel = !stage.host_parallel;
    } else if (!stage.axes.empty()) {
      StageMutator(machine_, workload_->stages[s], options_, stage, random).run();
    }
  }
  return changed;
}

Point DesignSpace::cross(const Point& a, const Point& b, RandomStream& random) const {
  Point child = a;
  for (size_t s = 0; s < child.stages.size(); ++s) {
    StagePoint& to = child.stages[s];
    const StagePoint& from = b.stages[s];
    const auto take = [&random](auto& mine, const auto& other) {
      if (random.chance(0.5)) mine = other;
    };
    for (size_t x = 0; x < to.axes.size(); ++x) {
      if (!random.chance(0.5)) continue;
      const AxisTiling kept = to.axes[x];
      to.axes[x] = from.axes[x];
      for (size_t l = 0; l < machine_.levels.size(); ++l) {
        int64_t used = 1;
        for (const AxisTiling& axis : to.axes) used *= axis.parts[l];
        if (used > machine_.levels[l].count) to.axes[x] = kept;
      }
    }
    for (size_t r = 0; r < to.read_at.size(); ++r) take(to.read_at[r], from.read_at[r]);
    take(to.write_at, from.write_at);
    take(to.reduction_outside, from.reduction_outside);
    take(to.units_reduce_first, from.units_reduce_first);
    take(to.vectorized, from.vectorized);
    take(to.unroll, from.unroll);
    take(to.host_parallel, from.host_parallel);
    if (machine_.tunes_reduction) take(to.final, from.final);
  }
  for (const int tensor : narrowable_) {
    if (!random.chance(0.5)) continue;
    child.narrow.erase(tensor);
    if (b.narrow.count(tensor) > 0) child.narrow.insert(tensor);
  }
  return child;
}

}  // namespace pimjit
