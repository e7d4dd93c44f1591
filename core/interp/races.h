#ifndef PIMJIT_CORE_INTERP_RACES_H_
#define PIMJIT_CORE_INTERP_RACES_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace pimjit {

// Instances of a launch by linear number, outermost level slowest: an instance of level l contains
// a contiguous range of them. Level -1 is the whole device.
class InstanceTree {
 public:
  InstanceTree() = default;
  explicit InstanceTree(const std::vector<int64_t>& counts);  // per level, outer to inner

  int levels() const { return static_cast<int>(inside_.size()) - 1; }
  int64_t total() const { return inside_[0]; }
  // Innermost instances inside one instance of `level`.
  int64_t inside(int level) const { return inside_[static_cast<size_t>(level + 1)]; }
  int64_t instances(int level) const { return total() / inside(level); }
  // The instance of `level` that innermost instance `i` is in.
  int64_t ancestor(int64_t i, int level) const { return i / inside(level); }
  int64_t index(int64_t i, int level) const {
    return ancestor(i, level) % counts_[static_cast<size_t>(level)];
  }

 private:
  std::vector<int64_t> counts_, inside_;
};

// When each group of instances last met at a barrier, on a clock that advances at each barrier.
class BarrierClock {
 public:
  BarrierClock() = default;
  explicit BarrierClock(const InstanceTree* tree);
  int64_t now() const { return now_; }
  // All instances inside instance `parent` of level `parent_level` meet.
  void meet(int parent_level, int64_t parent);
  // Whether a barrier lies between what `a` did at `time` and what `b` does now.
  bool separates(int64_t a, int64_t time, int64_t b) const;

 private:
  const InstanceTree* tree_ = nullptr;
  int64_t now_ = 0;
  std::vector<std::vector<int64_t>> last_;  // per level from -1, per instance
};

// Who touched which element and which granule of one scope instance, and when. Two instances must
// not write one granule, nor one write what the other reads, without a barrier between. Of several
// readers of an element the two latest are remembered.
class AccessTracker {
 public:
  AccessTracker(int64_t base, int64_t elements, int element_bytes, int64_t granule);

  // The other instance of a conflict.
  struct Conflict {
    int64_t instance;
    bool wrote;  // what the other one did
    int64_t element;
  };
  std::optional<Conflict> read(const BarrierClock& clock, int64_t who, int64_t first,
                               int64_t count);
  std::optional<Conflict> write(const BarrierClock& clock, int64_t who, int64_t first,
                                int64_t count);

 private:
  struct Touch {
    int64_t who = -1, time = 0;
  };
  static bool conflicts(const BarrierClock& clock, const Touch& touch, int64_t who) {
    return touch.who >= 0 && touch.who != who && !clock.separates(touch.who, touch.time, who);
  }
  int64_t base_, granule_;
  int element_bytes_;
  std::vector<Touch> writers_, readers_, earlier_readers_, granules_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_RACES_H_
