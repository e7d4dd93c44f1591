#include "pimjit/core/schedule/direct_plan.h"

#include <algorithm>

#include "pimjit/core/schedule/nest.h"

namespace pimjit {
namespace {

constexpr int64_t kTileBytes = 128;      // of a row of results that is alone
constexpr int64_t kLaneBytes = 4;        // a lane is an element of 4 bytes
constexpr int64_t kRows = 8;             // at most, of a tile of results that share what they read
constexpr int64_t kStreams = 4;          // at most, rows of an operand that are read side by side
constexpr int64_t kBlock = 256;          // iterations of a reduction whose operands stay in caches
constexpr int64_t kSmallestWork = 4096;  // iterations worth an instance
constexpr int64_t kColumns = 8;          // rows' worth of lanes where there is one row only
constexpr int64_t kInstances = 16;       // evens out threads; more are not worth partial results
constexpr int64_t kShortest = 256;       // iterations of a reduction worth a partial result
constexpr int64_t kReuse = 8;            // tiles that read an operand worth packing it

bool depends(const Access& access, size_t axis) {
  return std::any_of(access.index.begin(), access.index.end(),
                     [axis](const AffineIndex& i) { return i.coefficients[axis] != 0; });
}

// Neighbours on the axis are neighbours in memory.
bool contiguous(const Access& access, size_t axis) {
  for (size_t d = 0; d < access.index.size(); ++d) {
    const int64_t step = access.index[d].coefficients[axis];
    if (step != 0 && (step != 1 || d + 1 != access.index.size())) return false;
  }
  return true;
}

class Planner {
 public:
  Planner(const Workload& w, const TargetDesc& target, int stage)
      : w_(w), target_(target), stage_(w.stages[static_cast<size_t>(stage)]) {}

  std::vector<DirectPlan> plans() const {
    DirectPlan base;
    const int home = target_.home_scope();
    const Scope& memory = target_.scopes[static_cast<size_t>(home)];
    if (memory.host != HostAccess::direct || !memory.element_access || !memory.element_writes ||
        !target_.limits.control_flow)
      return {};
    base.level = instances();
    if (base.level < 0) return {};
    if (reduces() && near_scopes(home).empty()) return {};
    base.axes.resize(stage_.axes.size());
    std::vector<DirectPlan> all;
    for (const int lanes : lane_axes()) {
      DirectPlan plan = base;
      plan.lanes = lanes;
      add_tiles(plan);
      add_scope(plan);
      share(plan);
      all.push_back(plan);
    }
    add_scope(base);
    share(base);
    all.push_back(base);
    return all;
  }

 private:
  bool reduces() const { return static_cast<size_t>(stage_.rank) < stage_.axes.size(); }
  int64_t extent(int axis) const { return stage_.axes[static_cast<size_t>(axis)].extent; }

  // The one level of instances; -1 where there are several or they are in step.
  int instances() const {
    int found = -1;
    for (size_t l = 0; l < target_.levels.size(); ++l) {
      const LevelKind kind = target_.levels[l].kind;
      if (kind == LevelKind::lockstep) return -1;
      if (kind != LevelKind::independent) continue;
      if (found >= 0) return -1;
      found = static_cast<int>(l);
    }
    return found;
  }

  // Where tiles of results can be, smallest first: registers come before caches.
  std::vector<int> near_scopes(int home) const {
    std::vector<int> found;
    for (size_t s = 0; s < target_.scopes.size(); ++s) {
      const int scope = static_cast<int>(s);
      const Scope& near = target_.scopes[s];
      if (scope == home || !near.element_access || !near.element_writes) continue;
      if (target_.find_link(home, scope) >= 0 && target_.find_link(scope, home) >= 0)
        found.push_back(scope);
    }
    std::stable_sort(found.begin(), found.end(),
                     [this](int a, int b) { return capacity(a) < capacity(b); });
    return found;
  }
  int64_t capacity(int scope) const { return target_.scopes[static_cast<size_t>(scope)].capacity; }

  // The smallest scope that takes the tile of results.
  void add_scope(DirectPlan& plan) const {
    if (!reduces()) return;
    int64_t bytes = bytes_of(stage_.compute);
    for (const DirectPlan::Parts& parts : plan.axes) bytes *= parts.tile;
    const std::vector<int> scopes = near_scopes(target_.home_scope());
    const auto fits = std::find_if(scopes.begin(), scopes.end(),
                                   [&](int scope) { return bytes <= capacity(scope); });
    plan.near = fits != scopes.end() ? *fits : scopes.back();
  }

  // Bytes of a row of a tile: two vectors, so that an element of the other operand serves both.
  int64_t row_bytes() const {
    for (const Level& level : target_.levels) {
      if (level.kind == LevelKind::lane) return 2 * kLaneBytes * level.count;
    }
    return kTileBytes;
  }

  // Rows that leave a quarter of the smallest scope to operands.
  int64_t rows_of(int64_t bytes) const {
    const int64_t room = capacity(near_scopes(target_.home_scope()).front());
    return std::clamp<int64_t>(room * 3 / 4 / bytes, 1, kRows);
  }

  // The last axis of the results first; then reductions, which keep a partial result per lane.
  std::vector<int> lane_axes() const {
    std::vector<int> found;
    const auto consider = [&](int axis) {
      const auto a = static_cast<size_t>(axis);
      bool used = false;
      for (const Access& access : stage_.accesses) {
        if (!contiguous(access, a)) return;
        used = used || depends(access, a);
      }
      if (used && extent(axis) > 1) found.push_back(axis);
    };
    if (stage_.rank > 0) consider(stage_.rank - 1);
    for (auto a = static_cast<int>(stage_.axes.size()); a-- > stage_.rank;) consider(a);
    return found;
  }

  // An axis of the results some operand does not depend on: the tile's rows share its elements.
  int row_axis(int lanes) const {
    for (int a = stage_.rank; a-- > 0;) {
      if (a == lanes || extent(a) < 2) continue;
      for (const Access& access : stage_.accesses) {
        if (depends(access, static_cast<size_t>(lanes)) && !depends(access, static_cast<size_t>(a)))
          return a;
      }
    }
    return -1;
  }

  void add_tiles(DirectPlan& plan) const {
    auto& lanes = plan.axes[static_cast<size_t>(plan.lanes)];
    if (!reduces()) {
      lanes.tile = extent(plan.lanes);
      return;
    }
    const int64_t row = kTileBytes / bytes_of(stage_.compute);
    lanes.tile = std::min(extent(plan.lanes), row);
    if (plan.lanes >= stage_.rank) return add_streams(plan);
    plan.rows = row_axis(plan.lanes);
    if (plan.rows < 0) {
      lanes.tile = std::min(extent(plan.lanes), kColumns * row);
      return;
    }
    const int64_t vectors = std::max<int64_t>(row_bytes() / bytes_of(stage_.compute), 1);
    lanes.tile = std::min(extent(plan.lanes), vectors);
    auto& rows = plan.axes[static_cast<size_t>(plan.rows)];
    rows.tile = std::min(extent(plan.rows), rows_of(row_bytes()));
    const int inner = static_cast<int>(stage_.axes.size()) - 1;
    if (extent(inner) > 2 * kBlock) plan.axes[static_cast<size_t>(inner)].block = kBlock;
    pack(plan);
  }

  // Lanes of a reduction: rows that share what the lanes read, where there are enough of them for
  // all instances.
  void add_streams(DirectPlan& plan) const {
    const int rows = row_axis(plan.lanes);
    if (rows < 0) return;
    const int64_t lanes = std::max<int64_t>(row_bytes() / bytes_of(stage_.compute), 1);
    const int64_t tile = std::min(kStreams, rows_of(row_bytes()));
    if (extent(plan.lanes) < lanes ||
        extent(rows) < tile * target_.levels[static_cast<size_t>(plan.level)].count)
      return;
    plan.rows = rows;
    plan.axes[static_cast<size_t>(plan.lanes)].tile = lanes;
    plan.axes[static_cast<size_t>(rows)].tile = tile;
  }

  // The operand that rows share, where many tiles read a part that fits near the instance: its rows
  // lie far apart otherwise. Where the part of the whole reduction fits, it runs through.
  void pack(DirectPlan& plan) const {
    if (ceil_div(extent(plan.rows), plan.axes[static_cast<size_t>(plan.rows)].tile) < kReuse)
      return;
    for (size_t a = 0; a < stage_.accesses.size(); ++a) {
      const Access& access = stage_.accesses[a];
      if (!depends(access, static_cast<size_t>(plan.lanes)) ||
          depends(access, static_cast<size_t>(plan.rows)))
        continue;
      DirectPlan through = plan;
      for (DirectPlan::Parts& parts : through.axes) parts.block = 1;
      for (const DirectPlan& candidate : {through, plan}) {
        const int scope = scope_for(part_bytes(candidate, access));
        if (scope < 0) continue;
        plan = candidate;
        plan.packed = static_cast<int>(a);
        plan.packed_in = scope;
        return;
      }
    }
  }

  // What a column of tiles reads of an operand, in one block of the reduction.
  double part_bytes(const DirectPlan& plan, const Access& access) const {
    const Tensor& tensor = w_.tensors[static_cast<size_t>(access.tensor)];
    double bytes = static_cast<double>(bytes_of(tensor.dtype) *
                                       plan.axes[static_cast<size_t>(plan.lanes)].tile);
    for (auto a = static_cast<size_t>(stage_.rank); a < stage_.axes.size(); ++a) {
      const int64_t block = plan.axes[a].block * plan.axes[a].tile;
      if (depends(access, a))
        bytes *= static_cast<double>(block > 1 ? block : stage_.axes[a].extent);
    }
    return bytes;
  }

  // The smallest one that takes as much again, -1.
  int scope_for(double bytes) const {
    for (const int scope : near_scopes(target_.home_scope())) {
      if (2 * bytes <= static_cast<double>(capacity(scope))) return scope;
    }
    return -1;
  }

  // Spatial axes, in whole tiles; that of the lanes first where rows share what the lanes read, so
  // that an instance has a block of columns and its own part of that operand.
  void share(DirectPlan& plan) const {
    double work = 1;
    for (const Axis& axis : stage_.axes) work *= static_cast<double>(axis.extent);
    int64_t free = target_.levels[static_cast<size_t>(plan.level)].count;
    free = std::min(free, static_cast<int64_t>(std::min(work / kSmallestWork, 1e9)));
    std::vector<int> order;
    if (plan.rows >= 0 && plan.lanes < stage_.rank) order.push_back(plan.lanes);
    for (int a = 0; a < stage_.rank; ++a) {
      if (order.empty() || order[0] != a) order.push_back(a);
    }
    for (const int a : order) {
      auto& parts = plan.axes[static_cast<size_t>(a)];
      const bool divisible = !reduces() && a == plan.lanes;  // its tile is what is left
      const int64_t tile = divisible ? kTileBytes / bytes_of(stage_.compute) : parts.tile;
      const int64_t tiles = ceil_div(extent(a), tile);
      if (free < 2 || tiles < 2) continue;
      const int64_t each = ceil_div(tiles, free);
      parts.bound = ceil_div(tiles, each);
      if (divisible) parts.tile = each * tile;
      free /= parts.bound;
    }
    if (reduces()) share_reduction(plan, free);
  }

  // Where results leave instances idle and the host adds up what they leave, the longest reduction.
  void share_reduction(DirectPlan& plan, int64_t free) const {
    const std::vector<int>& stages = target_.reduction_stages;
    const bool host = std::find(stages.begin(), stages.end(), kHost) != stages.end();
    if (!host || combines_over(target_, plan.level)) return;
    int64_t busy = 1;
    double length = 1;
    int longest = stage_.rank;
    for (int a = 0; a < static_cast<int>(stage_.axes.size()); ++a) {
      busy *= plan.axes[static_cast<size_t>(a)].bound;
      if (a < stage_.rank) continue;
      length *= static_cast<double>(extent(a));
      if (extent(a) > extent(longest)) longest = a;
    }
    auto& parts = plan.axes[static_cast<size_t>(longest)];
    const int64_t tiles = ceil_div(extent(longest), parts.tile);
    const auto worth = static_cast<int64_t>(std::min(length / kShortest, 1e9));
    const int64_t wanted = std::min({free, kInstances / busy, tiles, worth});
    if (wanted < 2) return;
    parts.bound = ceil_div(tiles, ceil_div(tiles, wanted));
    if (parts.block > 1 && ceil_div(tiles, parts.bound) <= 2 * parts.block) parts.block = 1;
  }

  const Workload& w_;
  const TargetDesc& target_;
  const Stage& stage_;
};

// The loops of a stage by their role.
struct Roles {
  std::vector<LoopId> bound, blocks, serial, rows, reductions, lanes;
  std::vector<LoopId> shared;  // of the bound ones, reductions
  LoopId row_tile = kRoot;
};

void split_axis(TraceBuilder& trace, const Stage& stage, int number, int a, const DirectPlan& plan,
                Roles& roles) {
  const auto& parts = plan.axes[static_cast<size_t>(a)];
  const int64_t extent = stage.axes[static_cast<size_t>(a)].extent;
  const bool spatial = a < stage.rank;
  const bool nothing_bound = std::all_of(plan.axes.begin(), plan.axes.end(),
                                         [](const DirectPlan::Parts& p) { return p.bound == 1; });
  std::vector<std::vector<LoopId>*> role;
  std::vector<int64_t> counts;
  std::vector<LoopId> row;
  const auto part = [&](std::vector<LoopId>& of, int64_t count) {
    role.push_back(&of);
    counts.push_back(count);
  };
  const int64_t rest = ceil_div(extent, parts.bound);
  const int64_t tiles = ceil_div(rest, parts.tile);
  if (parts.bound > 1 || (a == 0 && nothing_bound)) part(roles.bound, parts.bound);
  if (!spatial && parts.block > 1) {
    part(roles.blocks, ceil_div(tiles, parts.block));
    part(roles.reductions, parts.block);
  } else if (tiles > 1 || parts.tile == 1) {
    part(!spatial ? roles.reductions : a == plan.rows ? roles.rows : roles.serial, tiles);
  }
  if (parts.tile > 1) part(a == plan.lanes ? roles.lanes : row, parts.tile);
  std::vector<LoopId> loops{a};
  if (counts.size() > 1)
    loops =
        trace.split(number, a, std::vector<int64_t>(counts.begin() + 1, counts.end()), Edge::guard);
  for (size_t p = 0; p < loops.size(); ++p) role[p]->push_back(loops[p]);
  if (!row.empty()) roles.row_tile = row.front();
  if (!spatial && parts.bound > 1) roles.shared.push_back(loops.front());
}

}  // namespace

std::vector<DirectPlan> direct_plans(const Workload& workload, const TargetDesc& target,
                                     int stage) {
  return Planner(workload, target, stage).plans();
}

void emit_direct(TraceBuilder& trace, const Workload& workload, int number,
                 const DirectPlan& plan) {
  const Stage& stage = workload.stages[static_cast<size_t>(number)];
  Roles roles;
  for (int a = 0; a < static_cast<int>(stage.axes.size()); ++a)
    split_axis(trace, stage, number, a, plan, roles);
  std::vector<LoopId> order = roles.bound;
  const auto append = [&order](const std::vector<LoopId>& loops) {
    order.insert(order.end(), loops.begin(), loops.end());
  };
  if (plan.packed < 0) append(roles.blocks);
  append(roles.serial);
  if (plan.packed >= 0) append(roles.blocks);
  const LoopId read_at = order.empty() ? kRoot : order.back();
  append(roles.rows);
  const LoopId write_at = order.empty() ? kRoot : order.back();
  append(roles.reductions);
  if (roles.row_tile != kRoot) order.push_back(roles.row_tile);
  append(roles.lanes);
  if (order.size() > 1) trace.reorder(number, order);
  for (const LoopId loop : roles.bound) trace.bind(number, loop, plan.level);
  for (const LoopId loop : roles.shared) trace.rfactor(number, loop);
  for (const LoopId loop : roles.lanes) {
    if (plan.lanes >= stage.rank) trace.rfactor(number, loop);
    trace.vectorize(number, loop);
  }
  if (plan.packed >= 0) trace.cache_read(number, plan.packed, plan.packed_in, read_at);
  if (plan.near >= 0) trace.cache_write(number, plan.near, write_at);
}

}  // namespace pimjit
