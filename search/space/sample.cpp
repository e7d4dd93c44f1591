// Drawing a point of a family.
#include <algorithm>
#include <cmath>

#include "pimjit/search/space/design_space.h"
#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

constexpr int64_t kLargestTile = 256;  // iterations of one tile of one axis
constexpr double kAllInstances = 0.6;  // chance to use every instance of a level
constexpr double kWholeRest = 0.15;    // chance that a tile is all that is left
constexpr int64_t kUnrolls[] = {1, 1, 2, 4, 8, 16, 32, 64};

class StageSampler {
 public:
  StageSampler(const MachineView& machine, const Stage& stage, const DesignFamily& family,
               RandomStream& random)
      : machine_(machine), stage_(stage), family_(family), random_(random) {}

  StagePoint run() {
    point_.axes.assign(stage_.axes.size(), {});
    for (AxisTiling& axis : point_.axes) axis.parts.assign(machine_.levels.size(), 1);
    for (size_t l = 0; l < machine_.levels.size(); ++l) spread_over(l);
    for (size_t a = 0; a < stage_.axes.size(); ++a) tile(a);
    place_caches();
    for (AxisTiling& axis : point_.axes) axis.padded = machine_.only_padding || random_.chance(0.3);
    point_.reduction_outside = random_.chance(0.5);
    point_.units_reduce_first = random_.chance(0.5);
    point_.vectorized = machine_.has_lanes && random_.chance(0.6);
    point_.unroll = kUnrolls[random_.between(0, std::size(kUnrolls) - 1)];
    if (machine_.tunes_reduction) point_.final = draw_final_reduction(random_);
    return point_;
  }

 private:
  bool may_take(size_t a, size_t l) const {
    if (a < static_cast<size_t>(stage_.rank)) return true;
    const ParallelLevel& level = machine_.levels[l];
    return level.combines ? family_.by_device : family_.by_host;
  }

  int64_t rest(size_t a) const { return rest_of(point_.axes[a], stage_.axes[a].extent); }

  // Shares the instances of a level out among the axes, in random order, reductions that the family
  // asks for first.
  void spread_over(size_t l) {
    int64_t free = machine_.levels[l].count;
    if (!random_.chance(kAllInstances)) free = draw_factor(free, free, random_);
    std::vector<size_t> order;
    for (size_t a = 0; a < stage_.axes.size(); ++a) {
      if (may_take(a, l)) order.push_back(a);
    }
    for (size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1],
                order[static_cast<size_t>(random_.between(0, static_cast<int64_t>(i) - 1))]);
    }
    std::stable_partition(order.begin(), order.end(),
                          [this](size_t a) { return a >= static_cast<size_t>(stage_.rank); });
    for (size_t i = 0; i < order.size() && free > 1; ++i) {
      const size_t a = order[i];
      const bool reduces = a >= static_cast<size_t>(stage_.rank);
      const bool last = i + 1 == order.size();
      int64_t parts = last ? largest_share(rest(a), free) : draw_factor(rest(a), free, random_);
      if (reduces && parts < 2) parts = std::min<int64_t>({2, rest(a), free});
      point_.axes[a].parts[l] = parts;
      free /= parts;
    }
  }

  // All that is free, unless a slightly smaller number divides what there is to do.
  static int64_t largest_share(int64_t n, int64_t free) {
    const int64_t most = std::min(n, free);
    for (int64_t d = most; d > most / 2; --d) {
      if (n % d == 0) return d;
    }
    return most;
  }

  void tile(size_t a) {
    AxisTiling& axis = point_.axes[a];
    const int64_t left = rest(a);
    const auto draw = [this](int64_t n) {
      if (n <= kLargestTile && random_.chance(kWholeRest)) return n;
      return draw_factor(n, kLargestTile, random_);
    };
    axis.tiles[1] = draw(left);
    axis.tiles[0] = draw((left + axis.tiles[1] - 1) / axis.tiles[1]);
    clamp_tiles(axis, stage_.axes[a].extent);
  }

  void place_caches() {
    const auto scopes = static_cast<int64_t>(machine_.cache_scopes.size());
    // A machine that works on the tensors in place may do without, unless it combines results.
    const bool optional = machine_.direct_home && !family_.by_device;
    point_.cache_scope =
        static_cast<int>(scopes == 0 ? -1 : random_.between(optional ? -1 : 0, scopes - 1));
    for (size_t a = 0; a < stage_.accesses.size(); ++a) {
      point_.read_at.push_back(static_cast<int>(random_.between(0, kPositions - 2)));
      point_.shared_place.push_back(machine_.shared_scope >= 0 && random_.chance(0.7));
    }
    point_.write_at = static_cast<int>(random_.between(1, 4));
  }

  const MachineView& machine_;
  const Stage& stage_;
  DesignFamily family_;
  RandomStream& random_;
  StagePoint point_;
};

}  // namespace

Point DesignSpace::sample(const DesignFamily& family, RandomStream& random) const {
  Point point;
  for (size_t s = 0; s < workload_->stages.size(); ++s) {
    if (on_device_[s]) {
      point.stages.push_back(StageSampler(machine_, workload_->stages[s], family, random).run());
      continue;
    }
    StagePoint host;
    host.on_device = false;
    host.host_parallel = random.chance(0.8);
    point.stages.push_back(std::move(host));
  }
  for (const int tensor : narrowable_) {
    if (random.chance(0.5)) point.narrow.insert(tensor);
  }
  return point;
}

}  // namespace pimjit
