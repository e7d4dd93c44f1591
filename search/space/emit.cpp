// Decisions -> instructions.
#include <algorithm>
#include <map>
#include <set>

#include "pimjit/core/schedule/trace_builder.h"
#include "pimjit/core/support/hash.h"
#include "pimjit/search/space/design_space.h"
#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

// The loops of one stage by the place they have in the nest.
struct Placed {
  std::vector<std::vector<LoopId>> bound[2];  // spatial, reduction: per level of the view
  std::vector<LoopId> serial[2][3];           // spatial, reduction: rounds, middle, inner
};

class StageEmitter {
 public:
  StageEmitter(const DesignSpace& space, int number, const StagePoint& point,
               const std::set<int>& narrow, TraceBuilder& trace)
      : space_(space),
        machine_(space.machine()),
        number_(number),
        stage_(space.workload().stages[static_cast<size_t>(number)]),
        point_(point),
        narrow_(narrow),
        trace_(trace) {
    for (auto& kind : placed_.bound) kind.resize(machine_.levels.size());
  }

  void run() {
    for (size_t a = 0; a < stage_.axes.size(); ++a) split_axis(a);
    order_nest();
    if (nest_.size() > 1) trace_.reorder(number_, nest_);
    for (size_t l = 0; l < machine_.levels.size(); ++l) {
      for (const auto& kind : placed_.bound) {
        for (const LoopId loop : kind[l]) trace_.bind(number_, loop, machine_.levels[l].level);
      }
    }
    for (const auto& level : placed_.bound[1]) {
      for (const LoopId loop : level) trace_.rfactor(number_, loop);
    }
    place_shared();
    add_caches();
    unroll();
    reduce_on_host();
  }

 private:
  struct Part {
    int level = -1;  // of the view; -1: serial
    int tile = 0;
    int64_t count = 1;
  };

  std::vector<Part> parts_of(size_t a) const {
    AxisTiling axis = point_.axes[a];
    const int64_t extent = stage_.axes[a].extent;
    clamp_tiles(axis, extent);
    std::vector<Part> parts;
    for (size_t l = 0; l < axis.parts.size(); ++l) {
      if (axis.parts[l] > 1) parts.push_back({static_cast<int>(l), 0, axis.parts[l]});
    }
    // One instance has to be bound for the stage to run on the device.
    if (a == 0 && nothing_spread()) parts.push_back({first_unit_level(), 0, 1});
    const int64_t tile = axis.tiles[0] * axis.tiles[1];
    const int64_t rounds = (rest_of(axis, extent) + tile - 1) / tile;
    if (rounds > 1 || (parts.empty() && tile == 1)) parts.push_back({-1, 0, rounds});
    for (int t = 0; t < 2; ++t) {
      if (axis.tiles[static_cast<size_t>(t)] > 1) {
        parts.push_back({-1, t + 1, axis.tiles[static_cast<size_t>(t)]});
      }
    }
    return parts;
  }

  bool nothing_spread() const {
    return std::all_of(point_.axes.begin(), point_.axes.end(),
                       [](const AxisTiling& axis) { return spread_of(axis) == 1; });
  }
  int first_unit_level() const {
    int level = 0;
    for (size_t l = 0; l < machine_.levels.size(); ++l) {
      if (machine_.levels[l].up_to_unit) level = static_cast<int>(l);
    }
    return level;
  }

  void split_axis(size_t a) {
    const std::vector<Part> parts = parts_of(a);
    const size_t kind = a < static_cast<size_t>(stage_.rank) ? 0 : 1;
    std::vector<LoopId> loops{static_cast<LoopId>(a)};
    if (parts.size() > 1) {
      std::vector<int64_t> factors;
      int64_t inside = 1;
      for (size_t p = 1; p < parts.size(); ++p) {
        factors.push_back(parts[p].count);
        inside *= parts[p].count;
      }
      const bool overshoots = stage_.axes[a].extent % inside != 0;
      const bool pad = overshoots && (point_.axes[a].padded || machine_.only_padding);
      loops = trace_.split(number_, static_cast<LoopId>(a), factors, pad ? Edge::pad : Edge::guard);
    }
    for (size_t p = 0; p < parts.size(); ++p) {
      if (parts[p].level >= 0) {
        placed_.bound[kind][static_cast<size_t>(parts[p].level)].push_back(loops[p]);
      } else {
        placed_.serial[kind][parts[p].tile].push_back(loops[p]);
        if (parts[p].count > 1) serial_extent_[loops[p]] = parts[p].count;
      }
    }
  }

  void append(const std::vector<LoopId>& loops) {
    nest_.insert(nest_.end(), loops.begin(), loops.end());
  }

  void order_nest() {
    const size_t first = point_.units_reduce_first ? 1 : 0;
    for (size_t l = 0; l < machine_.levels.size(); ++l) {
      if (!machine_.levels[l].up_to_unit && at_.empty()) at_.push_back(last());
      append(placed_.bound[first][l]);
      append(placed_.bound[1 - first][l]);
    }
    if (at_.empty()) at_.push_back(last());
    at_.push_back(last());
    for (int tile = 0; tile < 3; ++tile) {
      const size_t outer = tile == 2 && point_.reduction_outside ? 1 : 0;
      append(placed_.serial[outer][tile]);
      at_.push_back(last());
      append(placed_.serial[1 - outer][tile]);
      at_.push_back(last());
    }
  }
  LoopId last() const { return nest_.empty() ? kRoot : nest_.back(); }

  bool same_for_all_units(const Access& access) const {
    for (const AffineIndex& index : access.index) {
      for (size_t a = 0; a < index.coefficients.size(); ++a) {
        if (index.coefficients[a] == 0) continue;
        for (size_t l = 0; l < machine_.levels.size(); ++l) {
          if (machine_.levels[l].up_to_unit && point_.axes[a].parts[l] > 1) return false;
        }
      }
    }
    return true;
  }

  void place_shared() {
    if (machine_.shared_scope < 0) return;
    for (size_t a = 0; a < stage_.accesses.size(); ++a) {
      const Access& access = stage_.accesses[a];
      const bool first = std::none_of(
          stage_.accesses.begin(), stage_.accesses.begin() + static_cast<std::ptrdiff_t>(a),
          [&access](const Access& other) { return other.tensor == access.tensor; });
      if (first && point_.shared_place[a] && same_for_all_units(access)) {
        trace_.place(access.tensor, machine_.shared_scope, Residency::streamed,
                     narrow_.count(access.tensor) > 0);
      }
    }
  }

  void add_caches() {
    const bool cached = point_.cache_scope >= 0;
    const int scope = cached ? machine_.cache_scopes[static_cast<size_t>(point_.cache_scope)] : -1;
    for (size_t a = 0; cached && a < stage_.accesses.size(); ++a) {
      const int at = point_.read_at[a];
      if (at == kNoCache) continue;
      trace_.cache_read(number_, static_cast<int>(a), scope, at_[static_cast<size_t>(at)]);
    }
    if (cached && point_.write_at != kNoCache) {
      trace_.cache_write(number_, scope, at_[static_cast<size_t>(point_.write_at)]);
      return;
    }
    // Without a cache results start apart from the loop that adds them up, where elements can be
    // written in place.
    const Scope& home = space_.target().scopes[static_cast<size_t>(space_.target().home_scope())];
    if (stage_.reducer != Reducer::none && home.element_access && home.element_writes) {
      trace_.decompose_reduction(number_, at_[2]);
    }
  }

  // From the inside out: whole loops while their copies fit, then a part of the next one.
  void unroll() {
    if (point_.vectorized && machine_.has_lanes && !nest_.empty() &&
        serial_extent_.count(nest_.back()) > 0) {
      trace_.vectorize(number_, nest_.back());
      return;
    }
    int64_t copies = point_.unroll;
    for (size_t p = nest_.size(); p-- > 0 && copies > 1;) {
      const auto extent = serial_extent_.find(nest_[p]);
      if (extent == serial_extent_.end()) return;
      if (extent->second <= copies) {
        trace_.unroll(number_, nest_[p], 0);
        copies /= extent->second;
        continue;
      }
      int64_t part = copies;
      while (extent->second % part != 0) --part;
      if (part > 1) trace_.unroll(number_, nest_[p], part);
      return;
    }
  }

  void reduce_on_host() {
    bool adds_up = false;
    for (size_t l = 0; l < machine_.levels.size(); ++l)
      adds_up = adds_up || (!machine_.levels[l].combines && !placed_.bound[1][l].empty());
    if (!adds_up) return;
    const FinalReduction& how = point_.final;
    if (how.reduce_threads > 0) trace_.annotate(number_, "reduce_threads", how.reduce_threads);
    if (how.reduce_group > 0) trace_.annotate(number_, "reduce_group", how.reduce_group);
  }

  const DesignSpace& space_;
  const MachineView& machine_;
  int number_;
  const Stage& stage_;
  const StagePoint& point_;
  const std::set<int>& narrow_;  // Point::narrow
  TraceBuilder& trace_;
  Placed placed_;
  std::map<LoopId, int64_t> serial_extent_;
  std::vector<LoopId> nest_;
  std::vector<LoopId> at_;  // per position: the loop a cache is inside of
};

void emit_host_stage(const DesignSpace& space, int number, const StagePoint& point,
                     TraceBuilder& trace) {
  const Stage& stage = space.workload().stages[static_cast<size_t>(number)];
  if (point.host_parallel && stage.rank > 0 && stage.axes[0].extent > 1) trace.parallel(number, 0);
}

}  // namespace

Trace DesignSpace::emit(const Point& point) const {
  TraceBuilder trace(*workload_);
  std::set<int> placed = point.narrow;
  placed.insert(options_.resident.begin(), options_.resident.end());
  for (const int tensor : placed) {
    const bool resident =
        std::count(options_.resident.begin(), options_.resident.end(), tensor) > 0;
    trace.place(tensor, target_->home_scope(), resident ? Residency::resident : Residency::streamed,
                point.narrow.count(tensor) > 0);
  }
  for (size_t s = 0; s < point.stages.size(); ++s) {
    const int number = static_cast<int>(s);
    if (point.stages[s].on_device) {
      StageEmitter(*this, number, point.stages[s], point.narrow, trace).run();
    } else {
      emit_host_stage(*this, number, point.stages[s], trace);
    }
  }
  return trace.take();
}

uint64_t trace_hash(const Trace& trace) {
  std::vector<int64_t> words;
  words.reserve(trace.instructions.size() * (sizeof(Instruction) / sizeof words[0]));
  for (const Instruction& i : trace.instructions) {
    words.insert(words.end(),
                 {static_cast<int64_t>(i.kind), i.stage, i.loop_count, i.decision_count,
                  static_cast<int64_t>(i.edge), i.access, i.scope, i.level, i.name,
                  static_cast<int64_t>(i.residency), i.narrow ? 1 : 0});
    for (int8_t l = 0; l < i.loop_count; ++l) words.push_back(i.loops[static_cast<size_t>(l)]);
    for (int8_t d = 0; d < i.decision_count; ++d) {
      const Decision& decision = i.decisions[static_cast<size_t>(d)];
      words.insert(words.end(),
                   {static_cast<int64_t>(decision.kind), decision.n, decision.d, decision.scope});
    }
  }
  uint64_t hash = hash_bytes(words.data(), words.size() * sizeof words[0]);
  for (const std::string& name : trace.names) hash = hash_text(name, hash);
  return hash;
}

}  // namespace pimjit
