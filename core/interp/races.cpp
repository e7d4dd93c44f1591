#include "pimjit/core/interp/races.h"

namespace pimjit {

InstanceTree::InstanceTree(const std::vector<int64_t>& counts)
    : counts_(counts), inside_(counts.size() + 1, 1) {
  for (size_t l = counts.size(); l-- > 0;) inside_[l] = inside_[l + 1] * counts[l];
}

BarrierClock::BarrierClock(const InstanceTree* tree) : tree_(tree) {
  for (int level = -1; level < tree->levels(); ++level) {
    last_.emplace_back(static_cast<size_t>(tree->instances(level)), -1);
  }
}

void BarrierClock::meet(int parent_level, int64_t parent) {
  last_[static_cast<size_t>(parent_level + 1)][static_cast<size_t>(parent)] = now_;
  ++now_;
}

bool BarrierClock::separates(int64_t a, int64_t time, int64_t b) const {
  // Barriers are stamped before the clock advances, so one that came after an access at `time` has
  // a stamp of at least `time`.
  for (int level = -1; level < tree_->levels(); ++level) {
    const int64_t shared = tree_->ancestor(a, level);
    if (shared != tree_->ancestor(b, level)) return false;
    if (last_[static_cast<size_t>(level + 1)][static_cast<size_t>(shared)] >= time) return true;
  }
  return false;
}

AccessTracker::AccessTracker(int64_t base, int64_t elements, int element_bytes, int64_t granule)
    : base_(base % granule), granule_(granule), element_bytes_(element_bytes) {
  const auto n = static_cast<size_t>(elements);
  writers_.resize(n), readers_.resize(n), earlier_readers_.resize(n);
  if (granule > element_bytes) {
    granules_.resize(static_cast<size_t>((base_ + elements * element_bytes) / granule + 1));
  }
}

std::optional<AccessTracker::Conflict> AccessTracker::read(const BarrierClock& clock, int64_t who,
                                                           int64_t first, int64_t count) {
  for (int64_t e = first; e < first + count; ++e) {
    const auto i = static_cast<size_t>(e);
    if (conflicts(clock, writers_[i], who)) return Conflict{writers_[i].who, true, e};
    if (readers_[i].who != who) {
      earlier_readers_[i] = readers_[i];
      readers_[i].who = who;
    }
    readers_[i].time = clock.now();
  }
  return std::nullopt;
}

std::optional<AccessTracker::Conflict> AccessTracker::write(const BarrierClock& clock, int64_t who,
                                                            int64_t first, int64_t count) {
  for (int64_t e = first; e < first + count; ++e) {
    const auto i = static_cast<size_t>(e);
    if (conflicts(clock, writers_[i], who)) return Conflict{writers_[i].who, true, e};
    if (conflicts(clock, readers_[i], who)) return Conflict{readers_[i].who, false, e};
    if (conflicts(clock, earlier_readers_[i], who)) {
      return Conflict{earlier_readers_[i].who, false, e};
    }
    writers_[i] = {who, clock.now()};
  }
  if (granules_.empty() || count <= 0) return std::nullopt;
  const int64_t low = (base_ + first * element_bytes_) / granule_;
  const int64_t high = (base_ + (first + count) * element_bytes_ - 1) / granule_;
  for (int64_t g = low; g <= high; ++g) {
    Touch& touch = granules_[static_cast<size_t>(g)];
    if (conflicts(clock, touch, who)) return Conflict{touch.who, true, first};
    touch = {who, clock.now()};
  }
  return std::nullopt;
}

}  // namespace pimjit
