#ifndef PIMJIT_PLUGINS_UPMEM_EXECUTOR_EXECUTOR_H_
#define PIMJIT_PLUGINS_UPMEM_EXECUTOR_EXECUTOR_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/plugins/upmem/executor/mram.h"
#include "pimjit/plugins/upmem/executor/program.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

enum class FaultCause : std::uint8_t {
  none,
  breakpoint,  // the program executed `fault`; code is its immediate
  memory,      // WRAM access outside 64 KB or not naturally aligned
  dma,         // transfer outside WRAM or MRAM
  undefined,   // no instruction at the PC
  refused,     // an instruction whose effect is not known
};

struct Fault {
  FaultCause cause = FaultCause::none;
  std::uint8_t thread = 0;
  std::uint16_t pc = 0;
  std::uint32_t code = 0;     // breakpoint
  std::uint32_t address = 0;  // memory, dma
  std::string what;           // one sentence, with the instruction

  explicit operator bool() const { return cause != FaultCause::none; }
};
const char* to_string(FaultCause cause);

// What one instruction did, for a clock.
struct StepEvent {
  StepKind kind = StepKind::fault;
  std::uint8_t thread = 0;
  std::uint16_t pc = 0;
  // acquire: the lock was obtained. boot, resume, run_bit: the bit was clear before.
  bool success = false;
  // The instruction branched to itself and changed nothing: a retry.
  bool retry = false;
  std::uint8_t bit = 0;     // acquire, release: atomic bit; boot, resume, run_bit: run bit
  std::uint16_t bytes = 0;  // dma
  std::uint32_t wram = 0, mram = 0;
};

// Issued instructions. Retries of acquire and resume are issued instructions, as on the machine.
struct Counters {
  std::uint64_t issued = 0;
  std::array<std::uint64_t, kThreads> by_thread{};
  std::array<std::uint64_t, static_cast<int>(StepKind::count)> by_kind{};
  std::uint64_t retries = 0;
  std::uint64_t dma_read_bytes = 0, dma_write_bytes = 0;
};

enum class Outcome : std::uint8_t {
  finished,  // every thread ended with a taken `stop`
  asleep,  // no thread runs, some stopped with `stop` alone: waiting for a resume, or their way to
           // end
  deadlock,  // every running thread retries forever
  fault,
  budget,  // max_instructions reached
};
const char* to_string(Outcome outcome);

struct RunOptions {
  std::uint64_t max_instructions = std::uint64_t{1} << 40;
  // A thread keeps running for at most this many instructions before the next one gets its turn; 1
  // is strict rotation.
  std::uint32_t quantum = 4096;
};

struct RunReport {
  Outcome outcome = Outcome::finished;
  Fault fault;
  std::uint64_t issued = 0;   // in this run
  std::uint32_t asleep = 0;   // threads that stopped without a taken branch, one bit each
  std::uint32_t running = 0;  // threads still runnable (deadlock, budget)
  std::string what;           // one sentence for outcomes other than finished
};

// One DPU without a clock: executes instructions exactly, in an order that its driver chooses.
// run() is the built-in driver (rotation); a timing model calls boot(), run_ahead() and step()
// itself. Not thread-safe; different executors may run on different threads and share a Program.
class Executor {
 public:
  explicit Executor(std::shared_ptr<const Program> program);
  static Expected<Executor> from_elf(std::span<const std::uint8_t> bytes);

  const Program& program() const { return *program_; }

  // Copies the segments of the executable into the memories, as loading on a device does: other
  // bytes, registers and MRAM keep what they hold.
  void load();
  // Exchanges the program and loads it.
  void load(std::shared_ptr<const Program> program);

  // Memories.
  std::span<std::uint8_t> wram() { return wram_; }
  std::span<const std::uint8_t> wram() const { return wram_; }
  Mram& mram() { return mram_; }
  const Mram& mram() const { return mram_; }
  Status write(Space space, std::uint32_t offset, std::span<const std::uint8_t> bytes);
  Status read(Space space, std::uint32_t offset, std::span<std::uint8_t> bytes) const;
  // Bytes of a symbol in WRAM or MRAM; errors: unknown symbol, beyond its size. A symbol of size 0
  // (and __sys_used_mram_end) reaches to the end of its memory.
  Status write_symbol(std::string_view name, std::uint32_t offset,
                      std::span<const std::uint8_t> bytes);
  Status read_symbol(std::string_view name, std::uint32_t offset,
                     std::span<std::uint8_t> bytes) const;

  // Boots thread 0 and runs until no thread is runnable.
  RunReport run(const RunOptions& options = {});

  // For a driver with a clock. boot() clears the fault and starts thread 0 at instruction 0.
  void boot();
  std::uint32_t running_threads() const { return static_cast<std::uint32_t>(run_bits_) & 0xffffff; }
  bool running(unsigned thread) const { return run_bits_ >> thread & 1; }
  // Threads whose last stop was not taken.
  std::uint32_t asleep_threads() const { return asleep_; }
  StepKind next_kind(unsigned thread) const { return program_->slots()[threads_[thread].pc].kind; }
  // Executes up to `max` instructions of a running thread, stopping before the first interaction or
  // at a fault. Returns how many were issued.
  std::uint64_t run_ahead(unsigned thread, std::uint64_t max);
  // Executes one instruction of a running thread, whatever it is.
  StepEvent step(unsigned thread);
  const Fault& fault() const { return fault_; }
  // For a clock that is behind what run_ahead has executed: takes a fault away, so that the other
  // threads can go on, and puts it back when its cycle has come.
  Fault take_fault();
  void put_fault(Fault fault) { fault_ = std::move(fault); }
  // What `time` reads: the cycle, in cycle mode (the untimed run uses the instructions issued so
  // far); in instruction mode the instructions issued but for `ahead`, those executed that the
  // clock has not reached yet.
  void set_clock(std::uint64_t cycles, std::uint64_t ahead = 0) {
    clock_ = cycles;
    ahead_ = ahead;
  }

  // State, for tests and debuggers.
  std::uint16_t pc(unsigned thread) const { return threads_[thread].pc; }
  std::uint32_t register_value(unsigned thread, int code) const {
    return threads_[thread].regs[code];
  }
  void set_register(unsigned thread, int code, std::uint32_t value) {
    threads_[thread].regs[code] = value;
  }
  bool atomic_bit(unsigned index) const { return atomic_[index]; }
  void clear_atomic_bits() { atomic_.reset(); }

  Counters counters() const;
  // How often each instruction was issued, by index.
  std::span<const std::uint64_t> issued_at() const { return issued_at_; }
  void reset_counters();

 private:
  struct alignas(64) Thread {
    std::uint32_t regs[36] = {};
    std::uint32_t zero_source = 1;  // ZF is (zero_source == 0)
    std::uint32_t carry = 0;        // bit 0 carry or borrow, bit 1 set by a subtraction
    std::uint16_t pc = 0;
    std::uint64_t issued = 0;
  };

  StepEvent interact(unsigned thread);
  void transfer(Thread& thread, const Slot& slot, StepEvent& event);
  void change_atomic(Thread& thread, const Slot& slot, StepEvent& event);
  void change_run_bit(Thread& thread, const Slot& slot, StepEvent& event);
  void stop_thread(Thread& thread, const Slot& slot, StepEvent& event);
  void read_time(Thread& thread, const Slot& slot);
  std::uint64_t counter_value() const;
  void raise(unsigned thread, FaultCause cause, std::string what, std::uint32_t address = 0,
             std::uint32_t code = 0);
  void raise_in_loop(unsigned thread, FaultCause cause, std::uint32_t address);
  std::string describe(std::uint32_t pc) const;
  bool run_slice(unsigned thread, std::uint64_t slice, std::uint64_t& issued);
  void conclude(RunReport& report, bool budget, bool deadlock) const;
  Expected<const Symbol*> data_symbol(std::string_view name, std::uint32_t offset,
                                      std::size_t size) const;

  std::shared_ptr<const Program> program_;
  std::vector<std::uint8_t> wram_;
  Mram mram_;
  std::array<Thread, kThreads> threads_;
  std::uint64_t run_bits_ = 0;
  std::uint32_t asleep_ = 0;
  std::bitset<256> atomic_;
  Fault fault_;
  std::vector<std::uint64_t> issued_at_;
  std::uint64_t issued_ = 0, retries_ = 0, dma_read_bytes_ = 0, dma_write_bytes_ = 0;
  std::uint64_t clock_ = 0, ahead_ = 0, counter_origin_ = 0, counter_frozen_ = 0;
  std::uint8_t counter_mode_ = 3;
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_EXECUTOR_EXECUTOR_H_
