#include "pimjit/plugins/sim/timing/strict_run.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <limits>

#include "pimjit/plugins/sim/timing/outcome.h"
#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::sim {
namespace {

using upmem::kThreads;
using upmem::StepEvent;
using upmem::StepKind;

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// A pair of registers of one bank is read one after the other.
std::vector<std::uint8_t> bank_cycles(const upmem::Program& program) {
  std::vector<std::uint8_t> cycles(upmem::kIramInstructions + 1, 0);
  for (std::uint32_t i = 0; i < program.size(); ++i) {
    const auto instruction = upmem::decode(program.word(i));
    if (!instruction) continue;
    const std::uint32_t reads = register_use(*instruction).reads;
    cycles[i] = static_cast<std::uint8_t>(std::popcount(reads & 0x555555) / 2 +
                                          std::popcount(reads & 0xaaaaaa) / 2);
  }
  return cycles;
}

class StrictClock {
 public:
  StrictClock(upmem::Executor& dpu, const TimingParameters& parameters, std::uint64_t max_cycles,
              InstructionProfile* profile)
      : dpu_(dpu), cycles_(parameters), max_cycles_(max_cycles) {
    if (parameters.register_banks != 0) bank_cycles_ = bank_cycles(dpu.program());
    profile_.resize(upmem::kIramInstructions + 1);
    profile_out_ = profile;
  }

  TimedRun run() {
    dpu_.boot();
    notice_threads(0, 0);
    while (!over()) {
      if (now_ >= max_cycles_ && issuing()) break;
      take_transfer();
      issue_or_idle();
      ++now_;
    }
    run_.cycles = now_;
    conclude(run_, dpu_, cycles_.reissue(), deadlocked_);
    if (profile_out_ != nullptr) *profile_out_ = std::move(profile_);
    return run_;
  }

 private:
  struct Thread {
    bool alive = false;
    std::uint64_t ready_at = kNever;  // kNever while the engine has not taken its transfer
    std::uint64_t stopped_at = kNever;
    std::uint16_t waits_for = 0;  // the instruction that it is not ready because of
    bool for_transfer = false;
    std::uint64_t transfer_wait = 0, engine_wait = 0, asleep = 0;  // counted when it issues next
  };
  struct Request {
    int thread;  // -1: its thread does not run any more
    std::uint64_t arrives;
    TransferCycles cycles;
  };

  bool issuing() const { return !dpu_.fault() && !deadlocked_ && dpu_.running_threads() != 0; }
  bool over() const {
    return !issuing() && now_ >= pipeline_empty_at_ && now_ >= engine_free_at_ && queue_.empty();
  }

  // The engine serves one transfer after the other in the order of their instructions.
  void take_transfer() {
    if (queue_.empty() || now_ < engine_free_at_ || now_ < queue_.front().arrives) return;
    const Request request = queue_.front();
    queue_.pop_front();
    engine_free_at_ = now_ + request.cycles.occupies;
    if (request.thread < 0) return;
    Thread& thread = threads_[static_cast<std::size_t>(request.thread)];
    thread.ready_at = now_ + request.cycles.blocks;
    thread.transfer_wait = thread.ready_at - request.arrives;
    thread.engine_wait = now_ - request.arrives;
  }

  // The thread that has been ready for longest, of several the one with the lowest number.
  int next_thread() const {
    int next = -1;
    for (int t = 0; t < kThreads; ++t) {
      const Thread& thread = threads_[static_cast<std::size_t>(t)];
      if (!thread.alive || thread.ready_at > now_) continue;
      if (next < 0 || thread.ready_at < threads_[static_cast<std::size_t>(next)].ready_at) next = t;
    }
    return next;
  }

  void issue_or_idle() {
    if (now_ < issue_busy_until_) {
      ++run_.banks;
      ++profile_[last_pc_].banks;
      return;
    }
    const int thread = issuing() ? next_thread() : -1;
    if (thread >= 0)
      issue(static_cast<unsigned>(thread));
    else
      idle();
  }

  void idle() {
    const bool pipeline_empty = now_ >= pipeline_empty_at_;
    ++(pipeline_empty ? run_.idle_dma : run_.idle_reissue);
    // Nobody issues after the last instruction: what is left of the run is its own.
    InstructionTimes& owner = issuing() ? gap_ : profile_[last_pc_];
    ++(pipeline_empty ? owner.idle_dma : owner.idle_reissue);
  }

  void issue(unsigned t) {
    count_waits(t);
    dpu_.set_clock(now_);
    const std::uint16_t pc = dpu_.pc(t);
    const StepEvent event = dpu_.step(t);
    const std::uint64_t extra = bank_cycles_.empty() ? 0 : bank_cycles_[pc];
    issue_busy_until_ = now_ + 1 + extra;
    pipeline_empty_at_ = now_ + extra + cycles_.reissue();
    last_pc_ = pc;
    count_issue(t, pc, event);
    Thread& thread = threads_[t];
    thread.ready_at = pipeline_empty_at_;
    thread.waits_for = pc;
    const bool reads = event.kind == StepKind::dma_read;
    thread.for_transfer = reads || event.kind == StepKind::dma_write;
    if (thread.for_transfer) {
      thread.ready_at = kNever;
      const TransferCycles transfer = cycles_.transfer(reads, event.bytes);
      queue_.push_back({static_cast<int>(t), pipeline_empty_at_, transfer});
      ++run_.transfers;
      run_.engine_busy += transfer.occupies;
    }
    notice_threads(pipeline_empty_at_, pc);
    notice_retry(t, event.retry);
  }

  void count_waits(unsigned t) {
    Thread& thread = threads_[t];
    ThreadTimes& times = run_.threads[t];
    times.slot_wait += now_ - thread.ready_at;
    times.transfer_wait += thread.transfer_wait;
    times.engine_wait += thread.engine_wait;
    times.asleep += thread.asleep;
    InstructionTimes& cause = profile_[thread.waits_for];
    cause.transfer_wait += thread.transfer_wait;
    cause.engine_wait += thread.engine_wait;
    cause.idle_reissue += gap_.idle_reissue;
    cause.idle_dma += gap_.idle_dma;
    profile_[dpu_.pc(t)].slot_wait += now_ - thread.ready_at;
    gap_ = {};
    thread.transfer_wait = thread.engine_wait = thread.asleep = 0;
  }

  void count_issue(unsigned t, std::uint16_t pc, const StepEvent& event) {
    ++run_.threads[t].issued;
    ++profile_[pc].issued;
    if (!event.retry) return;
    ++run_.threads[t].retries;
    ++profile_[pc].retries;
  }

  // Threads that the last instruction, of index `pc`, started or stopped; it leaves the pipeline
  // at `leaves`.
  void notice_threads(std::uint64_t leaves, std::uint16_t pc) {
    for (unsigned t = 0; t < kThreads; ++t) {
      Thread& thread = threads_[t];
      if (dpu_.running(t) == thread.alive) continue;
      if (thread.alive) {
        thread = {};
        thread.stopped_at = leaves;
        for (Request& request : queue_)
          if (request.thread == static_cast<int>(t)) request.thread = -1;
      } else {
        thread.alive = true;
        thread.ready_at = leaves;
        thread.waits_for = pc;
        if (thread.stopped_at != kNever) thread.asleep = leaves - thread.stopped_at;
      }
    }
  }

  // Where every thread that runs has retried since anything else was issued, nothing will change.
  void notice_retry(unsigned t, bool retry) {
    retrying_ = retry ? retrying_ | 1u << t : 0;
    deadlocked_ = retry && (dpu_.running_threads() & ~retrying_) == 0;
  }

  upmem::Executor& dpu_;
  WholeCycles cycles_;
  std::uint64_t max_cycles_;
  std::vector<std::uint8_t> bank_cycles_;  // by instruction; empty: no instruction has any
  std::uint64_t now_ = 0;
  std::array<Thread, kThreads> threads_{};
  std::deque<Request> queue_;
  std::uint64_t engine_free_at_ = 0, pipeline_empty_at_ = 0, issue_busy_until_ = 0;
  std::uint16_t last_pc_ = 0;
  std::uint32_t retrying_ = 0;
  bool deadlocked_ = false;
  InstructionTimes gap_;  // idle cycles since the last issue
  TimedRun run_;
  InstructionProfile profile_;
  InstructionProfile* profile_out_;
};

}  // namespace

TimedRun run_strict(upmem::Executor& dpu, const TimingParameters& parameters,
                    std::uint64_t max_cycles, InstructionProfile* profile) {
  return StrictClock(dpu, parameters, max_cycles, profile).run();
}

}  // namespace pimjit::sim
