#include "pimjit/plugins/upmem/compiler/allocate.h"

#include <algorithm>
#include <limits>

#include "pimjit/plugins/upmem/compiler/clobbers.h"
#include "pimjit/plugins/upmem/compiler/gaps.h"
#include "pimjit/plugins/upmem/compiler/spill.h"

namespace pimjit::upmem {
namespace {

constexpr int kRegisters = 24;
constexpr int kMostRounds = 1000;
constexpr double kNever = std::numeric_limits<double>::infinity();

// By virtual register: the one it is moved from, or whose place the operation that gives it may
// take; -1.
std::vector<int> move_hints(const Code& code) {
  std::vector<int> hints(code.is_pair.size(), -1);
  const auto pair = [&](VReg r) { return code.is_pair[static_cast<std::size_t>(r.id)]; };
  for (const CodeItem& item : code.items) {
    if (!item.defines || item.count < 2 || !item.operands[0].is_virtual()) continue;
    const CodeOperand &to = item.operands[0], &from = item.operands[1];
    if (!from.is_virtual() || pair(from.vreg()) != pair(to.vreg())) continue;
    int& hint = hints[static_cast<std::size_t>(to.value)];
    if (hint < 0) hint = from.vreg().id;
  }
  return hints;
}

// One pass of linear scan.
class Scan {
 public:
  Scan(const Code& code, const std::vector<Interval>& intervals, const std::vector<int>& hints,
       std::uint32_t reserved)
      : code_(code),
        intervals_(intervals),
        hints_(hints),
        reserved_(reserved),
        registers_(code.is_pair.size(), -1) {}

  void run() {
    for (const Interval& interval : intervals_) place(interval);
  }
  const std::vector<int>& registers() const { return registers_; }
  const std::vector<int>& spilled() const { return spilled_; }

 private:
  bool is_pair(int vreg) const { return code_.is_pair[static_cast<std::size_t>(vreg)]; }
  bool is_free(int r) const {
    return owner_[static_cast<std::size_t>(r)] == nullptr && !(unfit_ >> r & 1);
  }
  // What it costs to take register r from its owner.
  double price(int r) const {
    const Interval* owner = owner_[static_cast<std::size_t>(r)];
    if (unfit_ >> r & 1) return kNever;
    if (!owner) return 0;
    return code_.is_reload[static_cast<std::size_t>(owner->vreg)] ? kNever : weight(*owner);
  }
  static double weight(const Interval& interval) {
    return interval.weight / (interval.end - interval.start + 1);
  }

  void expire(int position) {
    for (const Interval*& owner : owner_)
      if (owner && owner->end < position) owner = nullptr;
  }

  int free_word(int hint) const {
    if (hint >= 0 && is_free(hint)) return hint;
    int found = -1;
    for (int r = 0; r < kRegisters; ++r) {
      if (!is_free(r)) continue;
      if (!is_free(r ^ 1)) return r;  // half of a pair that is broken anyway
      if (found < 0) found = r;
    }
    return found;
  }
  int free_pair(int hint) const {
    if (hint >= 0 && is_free(hint) && is_free(hint + 1)) return hint;
    for (int r = 0; r < kRegisters; r += 2)
      if (is_free(r) && is_free(r + 1)) return r;
    return -1;
  }

  void evict(int r) {
    const Interval* owner = owner_[static_cast<std::size_t>(r)];
    if (!owner) return;
    spilled_.push_back(owner->vreg);
    registers_[static_cast<std::size_t>(owner->vreg)] = -1;
    for (const Interval*& slot : owner_)
      if (slot == owner) slot = nullptr;
  }

  void place(const Interval& interval) {
    expire(interval.start);
    unfit_ = reserved_ | interval.forbidden;
    const bool pair = is_pair(interval.vreg);
    const int hinted = hints_[static_cast<std::size_t>(interval.vreg)];
    const int hint = hinted < 0 ? -1 : registers_[static_cast<std::size_t>(hinted)];
    int chosen = pair ? free_pair(hint) : free_word(hint);
    if (chosen < 0) {
      const bool reload = code_.is_reload[static_cast<std::size_t>(interval.vreg)];
      double best = reload ? kNever : weight(interval);
      for (int r = 0; r < kRegisters; r += pair ? 2 : 1) {
        const double cost = price(r) + (pair ? price(r + 1) : 0);
        if (cost >= best) continue;
        best = cost;
        chosen = r;
      }
      if (chosen < 0) {
        spilled_.push_back(interval.vreg);
        return;
      }
      evict(chosen);
      if (pair) evict(chosen + 1);
    }
    registers_[static_cast<std::size_t>(interval.vreg)] = chosen;
    owner_[static_cast<std::size_t>(chosen)] = &interval;
    if (pair) owner_[static_cast<std::size_t>(chosen + 1)] = &interval;
  }

  const Code& code_;
  const std::vector<Interval>& intervals_;
  const std::vector<int>& hints_;
  std::uint32_t reserved_, unfit_ = 0;  // unfit: for the interval being placed
  std::vector<int> registers_;
  std::vector<int> spilled_;
  std::array<const Interval*, kRegisters> owner_{};
};

// The one of `vregs` that loads and stores in memory cost least.
int cheapest(const std::vector<Interval>& intervals, const std::vector<int>& vregs) {
  int found = -1;
  double least = kNever;
  for (const Interval& interval : intervals) {
    if (std::find(vregs.begin(), vregs.end(), interval.vreg) == vregs.end()) continue;
    const double density = interval.weight / (interval.end - interval.start + 1);
    if (density >= least) continue;
    least = density;
    found = interval.vreg;
  }
  return found;
}

}  // namespace

Allocation allocate_registers(Code& code, std::int64_t first_slot, std::uint32_t reserved,
                              bool may_spill) {
  Allocation result;
  for (int round = 0;; ++round) {
    std::vector<Interval> intervals = live_intervals(code);
    forbid_overwritten(code, intervals);
    const std::vector<int> hints = move_hints(code);
    Scan scan(code, intervals, hints, reserved);
    scan.run();
    result.registers = scan.registers();
    // Every spill shortens intervals, so that this ends; the bound is for defects only.
    if (scan.spilled().empty() || round == kMostRounds) return result;
    std::vector<int> fit = fit_into_gaps(code, intervals, hints, reserved);
    if (!fit.empty()) {
      result.registers = std::move(fit);
      return result;
    }
    bool computed_again = false;
    for (const int vreg : scan.spilled()) computed_again |= rematerialise(code, intervals, vreg);
    if (computed_again) continue;
    if (!may_spill) {
      result.complete = false;
      return result;
    }
    spill(code, cheapest(intervals, scan.spilled()), first_slot + 8 * 24 * result.spilled);
    ++result.spilled;
  }
}

}  // namespace pimjit::upmem
