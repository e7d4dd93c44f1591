#ifndef PIMJIT_PLUGINS_SIM_TIMING_ISSUE_ORDER_H_
#define PIMJIT_PLUGINS_SIM_TIMING_ISSUE_ORDER_H_

#include <array>
#include <cstdint>

#include "pimjit/plugins/sim/timing/timed_run.h"

namespace pimjit::sim {

// One issue slot: who gets it, since when it was able to.
struct Issue {
  std::uint64_t cycle = 0, ready = 0;
  unsigned thread = 0;
  bool woken = false;  // first after a transfer, a boot or a resume
};

// In which cycle which thread issues: one instruction per cycle, the thread that has been ready for
// longest first (of several, the lowest number), each again `reissue` cycles after its last.
// Threads come back from the pipeline in the order in which they entered it; those that something
// else woke wait beside it. Of each thread it is known how many instructions it issues before it
// may do anything else: over these, whole rounds are passed at once.
class IssueOrder {
 public:
  explicit IssueOrder(std::uint64_t reissue) : reissue_(reissue) {}

  // The first cycle that has not been given away.
  std::uint64_t now() const { return now_; }
  // Cycles not given to anybody so far: while an instruction was in the pipeline; later.
  std::uint64_t idle_reissue() const { return idle_reissue_; }
  std::uint64_t idle_long() const { return idle_long_; }

  std::uint64_t left(unsigned thread) const { return left_[thread]; }
  void set_left(unsigned thread, std::uint64_t instructions) { left_[thread] = instructions; }

  // The next issue; at least one thread is in the pipeline or woken.
  Issue next() const;
  // Gives the slot away. The thread is out of the order until it is entered again.
  void take(const Issue& issue);
  // The thread has issued one of the instructions left and comes back.
  void go_on(const Issue& issue) {
    --left_[issue.thread];
    enter(issue.thread, issue.cycle);
  }
  // The thread has issued at `cycle` and comes back.
  void enter(unsigned thread, std::uint64_t cycle) {
    pipeline_[(first_ + count_++) & kMask] = {cycle + reissue_, thread};
  }
  // The thread can issue from cycle `ready` on.
  void wake(unsigned thread, std::uint64_t ready);
  // The thread does not run any more; it need not be here.
  void remove(unsigned thread);

  // Whether every thread in the pipeline has had its turn since the last time that this was so.
  bool round_begins() { return turns_-- == 0; }
  // Gives away all rounds of the threads in the pipeline that end before one of them has nothing
  // left, before a woken thread is ready and before cycle `limit`, where the rounds repeat each
  // other. Whether there were any.
  bool pass_rounds(std::array<ThreadTimes, upmem::kThreads>& times, std::uint64_t limit);

 private:
  struct Entry {
    std::uint64_t ready = 0;
    unsigned thread = 0;
    bool before(const Entry& other) const {
      return ready < other.ready || (ready == other.ready && thread < other.thread);
    }
  };
  static constexpr unsigned kMask = 31;
  static_assert(upmem::kThreads <= kMask);

  void count_idle(std::uint64_t cycles);
  std::uint64_t rounds_left(std::uint64_t last, std::uint64_t period, std::uint64_t limit) const;

  std::uint64_t reissue_;
  std::uint64_t now_ = 0, idle_reissue_ = 0, idle_long_ = 0;
  unsigned first_ = 0, count_ = 0, woken_count_ = 0, turns_ = 0;
  std::array<Entry, kMask + 1> pipeline_;     // a ring, by `ready`
  std::array<Entry, upmem::kThreads> woken_;  // by `ready` and number
  std::array<std::uint64_t, upmem::kThreads> left_{};
};

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_TIMING_ISSUE_ORDER_H_
