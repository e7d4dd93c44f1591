#include "pimjit/core/run/unit_classes.h"

#include <algorithm>
#include <map>

#include "pimjit/core/schedule/layout.h"

namespace pimjit {
namespace {

// Values of loops and axes in numbers, for one unit at a time.
class UnitSpans {
 public:
  UnitSpans(const LoweredModule& m, int kernel)
      : kernel_(m.kernels[static_cast<size_t>(kernel)]),
        stage_(
            m.workload->stages[static_cast<size_t>(m.kernel_stages[static_cast<size_t>(kernel)])]),
        s_(m.schedule.stages[static_cast<size_t>(m.kernel_stages[static_cast<size_t>(kernel)])]),
        unit_level_(m.target->unit_level()),
        low_(s_.loops.size(), 0),
        high_(s_.loops.size(), 0) {}

  // Per axis, how many of its values inside the extent the unit may run over.
  std::vector<int64_t> inside(int64_t unit) { return range(unit).count; }

  UnitRange range(int64_t unit) {
    for (LoopId id : s_.nest) {
      const Loop& loop = s_.loops[static_cast<size_t>(id)];
      const bool picks = loop.level >= 0 && loop.level <= unit_level_;
      low_[static_cast<size_t>(id)] = picks ? digit(id, unit) : 0;
      high_[static_cast<size_t>(id)] =
          picks ? low_[static_cast<size_t>(id)] : std::max<int64_t>(loop.extent - 1, 0);
    }
    UnitRange range;
    for (size_t a = 0; a < stage_.axes.size(); ++a) {
      const int64_t low = value(static_cast<LoopId>(a), low_);
      const int64_t high = value(static_cast<LoopId>(a), high_);
      const int64_t last = std::min(high, stage_.axes[a].extent - 1);
      range.low.push_back(low);
      range.count.push_back(std::max<int64_t>(last - low + 1, 0));
      if (high - low + 1 != values_of(static_cast<LoopId>(a))) range.dense = false;
    }
    return range;
  }

 private:
  // The value of a loop bound to a level, in the mixed-radix number of the level's index.
  int64_t digit(LoopId id, int64_t unit) const {
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    int64_t inner = 1;
    for (int level = loop.level + 1; level <= unit_level_; ++level)
      inner *= kernel_.levels[static_cast<size_t>(level)].count;
    int64_t stride = 1;
    for (size_t p = static_cast<size_t>(s_.depth(id)) + 1; p < s_.nest.size(); ++p) {
      const Loop& other = s_.loops[static_cast<size_t>(s_.nest[p])];
      if (other.level == loop.level) stride *= std::max<int64_t>(other.extent, 1);
    }
    const int64_t index = unit / inner % kernel_.levels[static_cast<size_t>(loop.level)].count;
    return index / stride % std::max<int64_t>(loop.extent, 1);
  }

  // How many values the loops that the unit runs itself give the axis, repeated ones counted.
  int64_t values_of(LoopId axis) const {
    int64_t n = 1;
    const LoopMask leaves = leaves_of(s_, axis);
    for (LoopId id : s_.nest) {
      const Loop& loop = s_.loops[static_cast<size_t>(id)];
      const bool picks = loop.level >= 0 && loop.level <= unit_level_;
      if (!picks && (leaves >> id & 1) != 0) n *= std::max<int64_t>(loop.extent, 1);
    }
    return n;
  }

  int64_t value(LoopId id, const std::vector<int64_t>& leaf) const {
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (loop.in_nest) return leaf[static_cast<size_t>(id)];
    if (loop.fused_into != kRoot) {
      const Loop& fused = s_.loops[static_cast<size_t>(loop.fused_into)];
      const int64_t quotient = value(loop.fused_into, leaf) / loop.fuse_stride;
      return loop.fuse_stride * loop.extent >= fused.extent
                 ? quotient
                 : quotient % std::max<int64_t>(loop.extent, 1);
    }
    int64_t sum = 0;
    for (int c = 0; c < loop.child_count; ++c) {
      const LoopId child = loop.children[static_cast<size_t>(c)];
      sum += value(child, leaf) * s_.loops[static_cast<size_t>(child)].stride;
    }
    return sum;
  }

  const Kernel& kernel_;
  const Stage& stage_;
  const StageSchedule& s_;
  int unit_level_;
  std::vector<int64_t> low_, high_;  // per loop, of those in the nest
};

}  // namespace

std::vector<UnitClass> unit_classes(const LoweredModule& module, int kernel) {
  UnitSpans spans(module, kernel);
  std::map<std::vector<int64_t>, UnitClass> found;
  const int64_t units = module.kernel_units[static_cast<size_t>(kernel)];
  for (int64_t unit = 0; unit < units; ++unit) {
    const std::vector<int64_t> inside = spans.inside(unit);
    const auto [it, fresh] = found.try_emplace(inside);
    if (fresh) {
      it->second.first = unit;
      it->second.iterations = 1;
      for (int64_t n : inside) it->second.iterations *= n;
    }
    ++it->second.units;
  }
  std::vector<UnitClass> classes;
  for (const auto& [inside, c] : found) classes.push_back(c);
  std::sort(classes.begin(), classes.end(), [](const UnitClass& a, const UnitClass& b) {
    return a.iterations != b.iterations ? a.iterations > b.iterations : a.first < b.first;
  });
  return classes;
}

UnitRange unit_range(const LoweredModule& module, int kernel, int64_t unit) {
  return UnitSpans(module, kernel).range(unit);
}

std::vector<int64_t> representatives(const std::vector<UnitClass>& classes, size_t at_most) {
  std::vector<int64_t> units;
  for (size_t i = 0; i < std::min(at_most, classes.size()); ++i) units.push_back(classes[i].first);
  std::sort(units.begin(), units.end());
  return units;
}

}  // namespace pimjit
