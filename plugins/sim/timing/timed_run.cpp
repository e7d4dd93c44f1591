#include "pimjit/plugins/sim/timing/timed_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace pimjit::sim {
namespace {

using upmem::kThreads;
using upmem::Outcome;
using upmem::StepEvent;
using upmem::StepKind;

constexpr double kNever = std::numeric_limits<double>::infinity();
// Instructions that a thread is run ahead at most, so that budgets are noticed.
constexpr std::uint64_t kAhead = 1 << 16;

std::string threads_in(std::uint32_t mask) {
  std::string text;
  for (int t = 0; t < kThreads; ++t)
    if (mask >> t & 1) text += (text.empty() ? "" : " ") + std::to_string(t);
  return text;
}

class Clock {
 public:
  Clock(upmem::Executor& dpu, const TimingParameters& parameters, std::uint64_t max_cycles)
      : dpu_(dpu), p_(parameters), max_cycles_(static_cast<double>(max_cycles)) {}

  TimedRun run() {
    const std::uint64_t before = dpu_.counters().issued;
    dpu_.boot();
    update_threads();
    while (ready_ != 0 || blocked_ != 0) {
      if (dpu_.fault() || now_ >= max_cycles_ || deadlocked_) break;
      advance();
    }
    conclude(dpu_.counters().issued - before);
    return result_;
  }

 private:
  // Threads that became runnable or stopped since the last look.
  void update_threads() {
    const std::uint32_t alive = dpu_.running_threads();
    const std::uint32_t known = ready_ | blocked_;
    for (std::uint32_t left = alive & ~known; left != 0; left &= left - 1)
      make_ready(static_cast<unsigned>(__builtin_ctz(left)));
    ready_ &= alive;
    blocked_ &= alive;
  }

  // Runs the thread up to its next meeting; it takes place when the thread's share of issue slots
  // has come round that often.
  void make_ready(unsigned thread) {
    blocked_ &= ~(1u << thread);
    ready_ |= 1u << thread;
    const std::uint64_t ahead = dpu_.run_ahead(thread, kAhead);
    meets_[thread] = ahead < kAhead;
    turns_[thread] = turn_ + static_cast<double>(ahead) + (meets_[thread] ? 1 : 0);
  }

  double cycles_per_turn() const {
    return std::max(p_.reissue, static_cast<double>(__builtin_popcount(ready_)));
  }

  // To the next meeting or finished transfer.
  void advance() {
    unsigned meeting = kThreads, waking = kThreads;
    double turn = kNever, wake = kNever;
    for (std::uint32_t left = ready_; left != 0; left &= left - 1) {
      const auto t = static_cast<unsigned>(__builtin_ctz(left));
      if (turns_[t] < turn) turn = turns_[t], meeting = t;
    }
    for (std::uint32_t left = blocked_; left != 0; left &= left - 1) {
      const auto t = static_cast<unsigned>(__builtin_ctz(left));
      if (wakes_[t] < wake) wake = wakes_[t], waking = t;
    }
    const double pace = cycles_per_turn();
    const double meets_at = meeting < kThreads ? now_ + (turn - turn_) * pace : kNever;
    if (wake <= meets_at) {
      pass(wake - now_, pace);
      make_ready(waking);
      return;
    }
    pass(meets_at - now_, pace);
    turn_ = turn;
    if (meets_[meeting])
      meet(meeting);
    else
      make_ready(meeting);
  }

  void pass(double cycles, double pace) {
    if (cycles <= 0) return;
    const double ready = __builtin_popcount(ready_);
    now_ += cycles;
    if (ready > 0) turn_ += cycles / pace;
    thread_cycles_ += cycles * ready;
    dma_wait_ += cycles * __builtin_popcount(blocked_);
    if (ready == 0)
      idle_dma_ += cycles;
    else
      idle_reissue_ += cycles * (1 - ready / pace);
  }

  void meet(unsigned thread) {
    dpu_.set_clock(static_cast<std::uint64_t>(now_));
    const StepEvent event = dpu_.step(thread);
    if (event.retry) {
      deadlocked_ = ++retries_ > 2 * kThreads && blocked_ == 0 && all_retry();
      if (!all_retry()) retries_ = 0;
      retrying_ |= 1u << thread;
      turns_[thread] = turn_ + 1;
      return;
    }
    retries_ = 0;
    retrying_ = 0;
    if (event.kind == StepKind::dma_read || event.kind == StepKind::dma_write) {
      transfer(thread, event);
      return;
    }
    if (dpu_.running(thread)) make_ready(thread);
    update_threads();
  }
  bool all_retry() const { return (ready_ & ~retrying_) == 0; }

  void transfer(unsigned thread, const StepEvent& event) {
    const double moving = p_.per_byte * event.bytes;
    const double start = std::max(now_, engine_free_);
    engine_free_ = start + p_.engine_start + moving;
    engine_busy_ += p_.engine_start + moving;
    ++result_.transfers;
    // The latency counts from the issue of the instruction, whose slot has passed by now.
    const double latency = event.kind == StepKind::dma_read ? p_.read_latency : p_.write_latency;
    wakes_[thread] = start + std::max(0.0, latency - p_.reissue) + moving;
    ready_ &= ~(1u << thread);
    blocked_ |= 1u << thread;
  }

  void conclude(std::uint64_t issued) {
    result_.cycles = static_cast<std::uint64_t>(std::ceil(std::max(now_, engine_free_)));
    result_.idle_dma = static_cast<std::uint64_t>(idle_dma_);
    result_.idle_reissue = static_cast<std::uint64_t>(idle_reissue_);
    result_.thread_cycles = thread_cycles_;
    result_.dma_wait = dma_wait_;
    result_.engine_busy = engine_busy_;
    upmem::RunReport& report = result_.report;
    report.issued = issued;
    report.fault = dpu_.fault();
    report.asleep = dpu_.asleep_threads();
    report.running = dpu_.running_threads();
    if (report.fault) {
      report.outcome = Outcome::fault;
      report.what = "thread " + std::to_string(report.fault.thread) + " at instruction " +
                    std::to_string(report.fault.pc) + ": " + report.fault.what;
    } else if (deadlocked_) {
      report.outcome = Outcome::deadlock;
      report.what = "threads " + threads_in(report.running) +
                    " retry an acquire or a resume that can never succeed";
      if (report.asleep != 0) report.what += "; threads " + threads_in(report.asleep) + " sleep";
    } else if (report.running != 0) {
      report.outcome = Outcome::budget;
      report.what = "threads " + threads_in(report.running) + " still ran after " +
                    std::to_string(result_.cycles) + " cycles";
    } else if (report.asleep != 0) {
      report.outcome = Outcome::asleep;
      report.what = "threads " + threads_in(report.asleep) +
                    " ended in a `stop` without a target, where a resume would let them go on";
    }
  }

  upmem::Executor& dpu_;
  const TimingParameters& p_;
  double max_cycles_;
  double now_ = 0;
  double turn_ = 0;  // issue slots that a thread able to issue all along has had
  std::uint32_t ready_ = 0, blocked_ = 0, retrying_ = 0;
  std::array<double, kThreads> turns_{}, wakes_{};  // of ready, of blocked threads
  std::array<bool, kThreads> meets_{};
  int retries_ = 0;
  bool deadlocked_ = false;
  double engine_free_ = 0, engine_busy_ = 0;
  double idle_dma_ = 0, idle_reissue_ = 0, thread_cycles_ = 0, dma_wait_ = 0;
  TimedRun result_;
};

}  // namespace

TimedRun run_timed(upmem::Executor& dpu, const TimingParameters& parameters,
                   std::uint64_t max_cycles) {
  return Clock(dpu, parameters, max_cycles).run();
}

}  // namespace pimjit::sim
