#include "pimjit/search/space/row_tiling.h"

#include <algorithm>

#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

// Two results make up a granule of eight bytes, so an instance works on rows in pairs.
constexpr int64_t kRowsAtOnce = 2;

bool is_scalar(const Access& access) {
  return std::all_of(access.index.begin(), access.index.end(), [](const AffineIndex& index) {
    return std::all_of(index.coefficients.begin(), index.coefficients.end(),
                       [](int64_t c) { return c == 0; });
  });
}

class RowTiler {
 public:
  RowTiler(const MachineView& machine, const Stage& stage, const RowTiling& tiling)
      : machine_(machine),
        stage_(stage),
        tiling_(tiling),
        rank_(static_cast<size_t>(stage.rank)),
        reduces_(rank_ < stage.axes.size()),
        rows_(std::any_of(stage.axes.begin(), stage.axes.begin() + stage.rank,
                          [](const Axis& axis) { return axis.extent > 1; })) {}

  StagePoint run() {
    point_.axes.assign(stage_.axes.size(), {});
    for (AxisTiling& axis : point_.axes) {
      axis.parts.assign(machine_.levels.size(), 1);
      axis.padded = machine_.only_padding;
    }
    for (size_t l = 0; l < machine_.levels.size(); ++l) spread(l);
    tile();
    place_caches();
    point_.units_reduce_first = tiling_.column_units > 1;
    return point_;
  }

 private:
  int64_t rest(size_t a) const { return rest_of(point_.axes[a], stage_.axes[a].extent); }
  bool in_pairs(size_t a) const { return reduces_ && rows_ && a + 1 == rank_; }

  // The instances of level l over rows, first axis first; over the reduction where there are none.
  void spread(size_t l) {
    const bool units = machine_.levels[l].up_to_unit;
    int64_t free = std::min(units ? tiling_.units : tiling_.instances, machine_.levels[l].count);
    const size_t begin = rows_ ? 0 : rank_, end = rows_ ? rank_ : stage_.axes.size();
    for (size_t a = begin; a < end && free > 1; ++a) {
      const int64_t work = in_pairs(a) ? (rest(a) + kRowsAtOnce - 1) / kRowsAtOnce : rest(a);
      point_.axes[a].parts[l] = std::min(free, work);
      free /= point_.axes[a].parts[l];
    }
    if (units && reduces_ && rows_ && tiling_.column_units > 1) {
      point_.axes.back().parts[l] = std::min(tiling_.column_units, rest(stage_.axes.size() - 1));
    }
  }

  // The last axis is the one whose neighbours are neighbours in memory.
  void tile() {
    if (stage_.axes.empty()) return;
    point_.axes.back().tiles[1] = tiling_.cache;
    clamp_tiles(point_.axes.back(), stage_.axes.back().extent);
    if (!reduces_ || !rows_) return;
    point_.axes[rank_ - 1].tiles[1] = kRowsAtOnce;
    clamp_tiles(point_.axes[rank_ - 1], stage_.axes[rank_ - 1].extent);
  }

  void place_caches() {
    point_.cache_scope = machine_.cache_scopes.empty() ? -1 : 0;
    for (const Access& access : stage_.accesses) {
      point_.read_at.push_back(is_scalar(access) ? 1 : reduces_ ? 3 : 2);
    }
    point_.write_at = reduces_ && !rows_ ? 1 : 2;
    point_.shared_place.assign(stage_.accesses.size(), false);
  }

  const MachineView& machine_;
  const Stage& stage_;
  const RowTiling& tiling_;
  size_t rank_;
  bool reduces_, rows_;
  StagePoint point_;
};

}  // namespace

Point row_tiled(const DesignSpace& space, const RowTiling& tiling) {
  Point point;
  RandomStream random(0, "row tiling");
  const Point base = space.sample(space.families().front(), random);
  for (size_t s = 0; s < base.stages.size(); ++s) {
    if (base.stages[s].on_device) {
      point.stages.push_back(RowTiler(space.machine(), space.workload().stages[s], tiling).run());
    } else {
      point.stages.push_back(base.stages[s]);
      point.stages.back().host_parallel = false;
    }
  }
  return point;
}

std::vector<Trace> conventional_schedules(const DesignSpace& space) {
  std::vector<Trace> traces;
  for (const int64_t share : {8, 4, 2, 1}) {
    const int64_t units = std::max<int64_t>(1, space.machine().unit_count / share);
    Trace trace = space.emit(row_tiled(space, {units, 16, 256}));
    if (replay(space.workload(), space.target(), trace)) traces.push_back(std::move(trace));
  }
  return traces;
}

}  // namespace pimjit
