#include "pimjit/plugins/sim/timing/issue_order.h"

#include <algorithm>

namespace pimjit::sim {

void IssueOrder::count_idle(std::uint64_t cycles) {
  const std::uint64_t in_pipeline = std::min(cycles, reissue_ - 1);
  idle_reissue_ += in_pipeline;
  idle_long_ += cycles - in_pipeline;
}

Issue IssueOrder::next() const {
  const Entry& head = pipeline_[first_];
  const bool woken = woken_count_ > 0 && (count_ == 0 || woken_[0].before(head));
  const Entry& entry = woken ? woken_[0] : head;
  return {std::max(now_, entry.ready), entry.ready, entry.thread, woken};
}

void IssueOrder::take(const Issue& issue) {
  if (issue.woken) {
    std::copy(woken_.begin() + 1, woken_.begin() + woken_count_, woken_.begin());
    --woken_count_;
  } else {
    first_ = (first_ + 1) & kMask;
    --count_;
  }
  if (issue.cycle != now_) count_idle(issue.cycle - now_);
  now_ = issue.cycle + 1;
}

void IssueOrder::wake(unsigned thread, std::uint64_t ready) {
  const Entry entry{ready, thread};
  unsigned at = woken_count_++;
  for (; at > 0 && entry.before(woken_[at - 1]); --at) woken_[at] = woken_[at - 1];
  woken_[at] = entry;
}

void IssueOrder::remove(unsigned thread) {
  const auto is_it = [thread](const Entry& entry) { return entry.thread == thread; };
  woken_count_ = static_cast<unsigned>(
      std::remove_if(woken_.begin(), woken_.begin() + woken_count_, is_it) - woken_.begin());
  unsigned kept = 0;
  for (unsigned i = 0; i < count_; ++i) {
    const Entry entry = pipeline_[(first_ + i) & kMask];
    if (!is_it(entry)) pipeline_[(first_ + kept++) & kMask] = entry;
  }
  count_ = kept;
}

// How many rounds can be passed of which the first ends at cycle `last`.
std::uint64_t IssueOrder::rounds_left(std::uint64_t last, std::uint64_t period,
                                      std::uint64_t limit) const {
  std::uint64_t rounds = UINT64_MAX;
  for (unsigned i = 0; i < count_; ++i)
    rounds = std::min(rounds, left_[pipeline_[(first_ + i) & kMask].thread]);
  if (woken_count_ > 0) limit = std::min(limit, woken_[0].ready);
  return last < limit ? std::min(rounds, (limit - 1 - last) / period + 1) : 0;
}

bool IssueOrder::pass_rounds(std::array<ThreadTimes, upmem::kThreads>& times, std::uint64_t limit) {
  turns_ = count_;
  if (count_ == 0) return false;
  // The cycles of the next round.
  std::array<std::uint64_t, kMask + 1> cycles;
  std::uint64_t free = now_;
  for (unsigned i = 0; i < count_; ++i) {
    cycles[i] = std::max(free, pipeline_[(first_ + i) & kMask].ready);
    free = cycles[i] + 1;
  }
  // Shorter than `reissue`, every later round is the same `reissue` cycles later: each thread is
  // back before its turn and the slot that it had is free. Without a gap, the threads take turns.
  // Other rounds are on their way to one of the two.
  const std::uint64_t last = cycles[count_ - 1], length = last - cycles[0] + 1;
  const bool gapless = length == count_;
  if (length > reissue_ && !gapless) return false;
  const std::uint64_t period = std::max<std::uint64_t>(reissue_, length);
  const std::uint64_t rounds = rounds_left(last, period, limit);
  if (rounds == 0) return false;
  const std::uint64_t later = (rounds - 1) * period;
  for (unsigned i = 0; i < count_; ++i) {
    Entry& entry = pipeline_[(first_ + i) & kMask];
    ThreadTimes& thread = times[entry.thread];
    thread.issued += rounds;
    thread.slot_wait += cycles[i] - entry.ready + (rounds - 1) * (period - reissue_);
    left_[entry.thread] -= rounds;
    entry.ready = cycles[i] + later + reissue_;
  }
  idle_reissue_ += last + later + 1 - now_ - rounds * count_;
  now_ = last + later + 1;
  return true;
}

}  // namespace pimjit::sim
