#include "pimjit/search/space/row_tiling.h"

#include <algorithm>

#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

// Spreads `free` instances of level l over the axes [begin, end) in order; returns what is left.
int64_t spread(StagePoint& point, const Stage& stage, size_t l, size_t begin, size_t end,
               int64_t free) {
  for (size_t a = begin; a < end && free > 1; ++a) {
    const int64_t parts = std::min(free, rest_of(point.axes[a], stage.axes[a].extent));
    point.axes[a].parts[l] = parts;
    free /= parts;
  }
  return free;
}

StagePoint row_tiled_stage(const DesignSpace& space, const Stage& stage, const RowTiling& tiling) {
  const MachineView& machine = space.machine();
  StagePoint point;
  point.axes.assign(stage.axes.size(), {});
  for (AxisTiling& axis : point.axes) {
    axis.parts.assign(machine.levels.size(), 1);
    axis.padded = machine.only_padding;
  }
  const auto rank = static_cast<size_t>(stage.rank);
  const bool rows = std::any_of(stage.axes.begin(), stage.axes.begin() + stage.rank,
                                [](const Axis& axis) { return axis.extent > 1; });
  for (size_t l = 0; l < machine.levels.size(); ++l) {
    const int64_t most = machine.levels[l].up_to_unit ? tiling.units : tiling.instances;
    const int64_t free = std::min(most, machine.levels[l].count);
    const size_t begin = rows ? 0 : rank, end = rows ? rank : stage.axes.size();
    (void)spread(point, stage, l, begin, end, free);
  }
  // The last axis is the one whose neighbours are neighbours in memory.
  if (!stage.axes.empty()) {
    point.axes.back().tiles[1] = tiling.cache;
    clamp_tiles(point.axes.back(), stage.axes.back().extent);
  }
  const bool reduces = rank < stage.axes.size();
  // Two results make up a granule of eight bytes, so an instance works on rows in pairs.
  if (reduces && rows) {
    point.axes[rank - 1].tiles[1] = 2;
    clamp_tiles(point.axes[rank - 1], stage.axes[rank - 1].extent);
  }
  point.cache_scope = machine.cache_scopes.empty() ? -1 : 0;
  point.read_at.assign(stage.accesses.size(), reduces ? 3 : 2);
  point.write_at = reduces && !rows ? 1 : 2;
  point.shared_place.assign(stage.accesses.size(), false);
  return point;
}

}  // namespace

Point row_tiled(const DesignSpace& space, const RowTiling& tiling) {
  Point point;
  RandomStream random(0, "row tiling");
  const Point base = space.sample(space.families().front(), random);
  for (size_t s = 0; s < base.stages.size(); ++s) {
    if (base.stages[s].on_device) {
      point.stages.push_back(row_tiled_stage(space, space.workload().stages[s], tiling));
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
