#include "pimjit/plugins/upmem/compiler/gaps.h"

#include <algorithm>
#include <array>
#include <map>

namespace pimjit::upmem {
namespace {

constexpr int kRegisters = 24;

// Segments in which a register is taken: end by start.
class Taken {
 public:
  bool free_for(const std::vector<LiveRange>& live) const {
    return std::all_of(live.begin(), live.end(), [this](const LiveRange& s) {
      const auto after = taken_.upper_bound(s.end);
      return after == taken_.begin() || std::prev(after)->second < s.start;
    });
  }
  void take(const std::vector<LiveRange>& live) {
    for (const LiveRange& s : live) taken_.emplace(s.start, s.end);
  }

 private:
  std::map<int, int> taken_;
};

class Fit {
 public:
  Fit(const Code& code, const std::vector<int>& hints, std::uint32_t reserved)
      : code_(code), hints_(hints), reserved_(reserved), registers_(code.is_pair.size(), -1) {}

  bool place(const Interval& interval) {
    const bool pair = code_.is_pair[static_cast<std::size_t>(interval.vreg)];
    const int r = choose(interval, pair);
    if (r < 0) return false;
    registers_[static_cast<std::size_t>(interval.vreg)] = r;
    taken_[static_cast<std::size_t>(r)].take(interval.live);
    if (pair) taken_[static_cast<std::size_t>(r + 1)].take(interval.live);
    return true;
  }
  std::vector<int> registers() const { return registers_; }

 private:
  bool fits(int r, const Interval& interval) const {
    return ((reserved_ | interval.forbidden) >> r & 1) == 0 &&
           taken_[static_cast<std::size_t>(r)].free_for(interval.live);
  }
  int choose(const Interval& interval, bool pair) const {
    const int hinted = hints_[static_cast<std::size_t>(interval.vreg)];
    const int hint = hinted < 0 ? -1 : registers_[static_cast<std::size_t>(hinted)];
    const auto good = [&](int r) {
      return fits(r, interval) && (!pair || (r % 2 == 0 && fits(r + 1, interval)));
    };
    if (hint >= 0 && good(hint)) return hint;
    int found = -1;
    for (int r = 0; r < kRegisters; r += pair ? 2 : 1) {
      if (!good(r)) continue;
      if (pair || !fits(r ^ 1, interval)) return r;  // half of a pair that is broken anyway
      if (found < 0) found = r;
    }
    return found;
  }

  const Code& code_;
  const std::vector<int>& hints_;
  std::uint32_t reserved_;
  std::vector<int> registers_;
  std::array<Taken, kRegisters> taken_;
};

int length(const Interval& interval) {
  int sum = 0;
  for (const LiveRange& s : interval.live) sum += s.end - s.start + 1;
  return sum;
}

}  // namespace

std::vector<int> fit_into_gaps(const Code& code, const std::vector<Interval>& intervals,
                               const std::vector<int>& hints, std::uint32_t reserved) {
  std::vector<const Interval*> order;
  for (const Interval& interval : intervals) order.push_back(&interval);
  const auto is_pair = [&](const Interval* i) {
    return static_cast<bool>(code.is_pair[static_cast<std::size_t>(i->vreg)]);
  };
  const auto longer = [](const Interval* a, const Interval* b) { return length(*a) > length(*b); };
  const auto pairs_first = [&](const Interval* a, const Interval* b) {
    return is_pair(a) > is_pair(b);
  };
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (attempt == 1) std::stable_sort(order.begin(), order.end(), pairs_first);  // then by start
    if (attempt == 2) std::stable_sort(order.begin(), order.end(), longer);
    if (attempt == 3) std::stable_sort(order.begin(), order.end(), pairs_first);  // then longest
    Fit fit(code, hints, reserved);
    const auto left = std::find_if_not(order.begin(), order.end(),
                                       [&](const Interval* i) { return fit.place(*i); });
    if (left == order.end()) return fit.registers();
  }
  return {};
}

}  // namespace pimjit::upmem
