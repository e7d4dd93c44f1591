#include "pimjit/plugins/sim/timing/timed_run.h"

#include <algorithm>
#include <limits>

#include "pimjit/plugins/sim/timing/issue_order.h"
#include "pimjit/plugins/sim/timing/outcome.h"
#include "pimjit/plugins/sim/timing/strict_run.h"

namespace pimjit::sim {
namespace {

using upmem::kThreads;
using upmem::StepEvent;
using upmem::StepKind;

// Instructions that a thread is run ahead at a time at most.
constexpr std::uint64_t kAhead = 1 << 16;

class FastClock {
 public:
  FastClock(upmem::Executor& dpu, const TimingParameters& parameters, std::uint64_t max_cycles)
      : dpu_(dpu), cycles_(parameters), order_(cycles_.reissue()), max_cycles_(max_cycles) {}

  TimedRun run() {
    dpu_.boot();
    notice_threads(0);
    bool within = true;
    while (within && alive_ != 0 && !dpu_.fault() && !deadlocked_) {
      if (order_.round_begins() && order_.pass_rounds(run_.threads, max_cycles_)) retrying_ = 0;
      within = issue();
    }
    end(within);
    conclude(run_, dpu_, cycles_.reissue(), deadlocked_);
    return run_;
  }

 private:
  // What follows the instructions that a thread has been run ahead.
  enum class Then : std::uint8_t { meeting, fault, more };

  void run_ahead(unsigned t) {
    // As many as can issue before the budget is spent.
    const std::uint64_t budget =
        (max_cycles_ - std::min(max_cycles_, order_.now())) / cycles_.reissue() + 1;
    const std::uint64_t most = std::min(kAhead, budget);
    std::uint64_t count = dpu_.run_ahead(t, most);
    then_[t] = count < most ? Then::meeting : Then::more;
    if (dpu_.fault()) {
      faults_[t] = dpu_.take_fault();
      then_[t] = Then::fault;
      --count;
    }
    order_.set_left(t, count);
  }

  // The next instruction in the order of cycles; false when the budget is spent.
  bool issue() {
    const Issue issue = order_.next();
    if (issue.cycle >= max_cycles_) return false;
    order_.take(issue);
    const unsigned t = issue.thread;
    ThreadTimes& times = run_.threads[t];
    ++times.issued;
    times.slot_wait += issue.cycle - issue.ready;
    if (issue.woken) count_waits(t);
    if (order_.left(t) == 0 && then_[t] == Then::more) run_ahead(t);
    if (order_.left(t) > 0) {
      retrying_ = 0;
      order_.go_on(issue);
      return true;
    }
    if (then_[t] == Then::fault)
      dpu_.put_fault(std::move(faults_[t]));
    else
      meet(issue);
    return true;
  }

  void count_waits(unsigned t) {
    ThreadTimes& times = run_.threads[t];
    times.transfer_wait += waits_[t].transfer_wait;
    times.engine_wait += waits_[t].engine_wait;
    times.asleep += waits_[t].asleep;
    waits_[t] = {};
  }

  void meet(const Issue& issue) {
    const unsigned t = issue.thread;
    const StepKind kind = dpu_.next_kind(t);
    dpu_.set_clock(issue.cycle, kind == StepKind::time ? instructions_ahead() : 0);
    const StepEvent event = dpu_.step(t);
    if (event.retry) {
      ++run_.threads[t].retries;
      order_.enter(t, issue.cycle);
      retrying_ |= 1u << t;
      deadlocked_ = (alive_ & ~retrying_) == 0;
      return;
    }
    retrying_ = 0;
    if (dpu_.fault()) return;
    if (kind == StepKind::dma_read || kind == StepKind::dma_write) {
      transfer(issue, event);
      run_ahead(t);
      return;
    }
    if (dpu_.running(t)) {
      order_.enter(t, issue.cycle);
      run_ahead(t);
    }
    if (kind != StepKind::acquire && kind != StepKind::release && kind != StepKind::time)
      notice_threads(issue.cycle + cycles_.reissue());
  }

  void transfer(const Issue& issue, const StepEvent& event) {
    const TransferCycles transfer = cycles_.transfer(event.kind == StepKind::dma_read, event.bytes);
    const std::uint64_t arrives = issue.cycle + cycles_.reissue();
    const std::uint64_t start = std::max(arrives, engine_free_at_);
    engine_free_at_ = start + transfer.occupies;
    run_.engine_busy += transfer.occupies;
    ++run_.transfers;
    waits_[issue.thread].transfer_wait = start + transfer.blocks - arrives;
    waits_[issue.thread].engine_wait = start - arrives;
    order_.wake(issue.thread, start + transfer.blocks);
  }

  // Threads that an instruction started or stopped which leaves the pipeline at `leaves`.
  void notice_threads(std::uint64_t leaves) {
    const std::uint32_t running = dpu_.running_threads();
    std::uint32_t changed = running ^ alive_;
    alive_ = running;
    for (; changed != 0; changed &= changed - 1) {
      const auto t = static_cast<unsigned>(__builtin_ctz(changed));
      waits_[t] = {};
      if (running >> t & 1) {
        if (stopped_ >> t & 1) waits_[t].asleep = leaves - stopped_at_[t];
        order_.wake(t, leaves);
        run_ahead(t);
      } else {
        stopped_ |= 1u << t;
        stopped_at_[t] = leaves;
        order_.remove(t);
      }
    }
  }

  // Executed, but not issued yet; without the instruction that issues now.
  std::uint64_t instructions_ahead() const {
    std::uint64_t count = 0;
    for (std::uint32_t left = alive_; left != 0; left &= left - 1) {
      const auto t = static_cast<unsigned>(__builtin_ctz(left));
      count += order_.left(t) + (then_[t] == Then::fault ? 1 : 0);
    }
    return count;
  }

  void end(bool within) {
    const std::uint64_t empty = order_.now() + cycles_.reissue() - 1;
    run_.cycles = within ? std::max(empty, engine_free_at_) : max_cycles_;
    run_.idle_reissue = order_.idle_reissue();
    run_.idle_dma = order_.idle_long();
    if (run_.cycles > order_.now()) {
      const std::uint64_t rest = run_.cycles - order_.now();
      const std::uint64_t drains = std::min(rest, cycles_.reissue() - 1);
      run_.idle_reissue += drains;
      run_.idle_dma += rest - drains;
    }
  }

  upmem::Executor& dpu_;
  WholeCycles cycles_;
  IssueOrder order_;
  std::uint64_t max_cycles_;
  std::uint64_t engine_free_at_ = 0;
  std::uint32_t alive_ = 0, stopped_ = 0, retrying_ = 0;
  bool deadlocked_ = false;
  std::array<Then, kThreads> then_{};
  std::array<ThreadTimes, kThreads> waits_{};  // of woken threads, counted when they issue
  std::array<std::uint64_t, kThreads> stopped_at_{};
  std::array<upmem::Fault, kThreads> faults_;  // found ahead of their cycle
  TimedRun run_;
};

}  // namespace

TimedRun run_timed(upmem::Executor& dpu, const TimingParameters& parameters,
                   std::uint64_t max_cycles) {
  // The closed forms hold where every instruction takes one issue slot.
  if (parameters.register_banks != 0) return run_strict(dpu, parameters, max_cycles);
  return FastClock(dpu, parameters, max_cycles).run();
}

}  // namespace pimjit::sim
