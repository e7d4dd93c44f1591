#include "pimjit/plugins/upmem/executor/executor.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pimjit::upmem {
namespace {

std::string thread_list(std::uint32_t mask) {
  std::string text;
  for (int thread = 0; thread < kThreads; ++thread) {
    if ((mask >> thread & 1) == 0) continue;
    if (!text.empty()) text += ' ';
    text += std::to_string(thread);
  }
  return text;
}

// Registers are undefined at boot; a recognisable value shows code that relies on them.
constexpr std::uint32_t kUndefinedRegister = 0xbad00000;

}  // namespace

const char* to_string(FaultCause cause) {
  constexpr const char* kNames[] = {"none", "breakpoint", "memory", "dma", "undefined", "refused"};
  return kNames[static_cast<int>(cause)];
}

const char* to_string(Outcome outcome) {
  constexpr const char* kNames[] = {"finished", "asleep", "deadlock", "fault", "budget"};
  return kNames[static_cast<int>(outcome)];
}

Executor::Executor(std::shared_ptr<const Program> program)
    : wram_(kWramBytes, 0), issued_at_(kIramInstructions + 1, 0) {
  for (unsigned id = 0; id < kThreads; ++id) {
    std::uint32_t* regs = threads_[id].regs;
    for (unsigned code = 0; code < 24; ++code) regs[code] = kUndefinedRegister | id << 8 | code;
    const std::uint32_t constants[] = {0, 1, 0xffffffff, 0x80000000, id, id * 2, id * 4, id * 8};
    std::copy(std::begin(constants), std::end(constants), regs + 24);
  }
  load(std::move(program));
}

Expected<Executor> Executor::from_elf(std::span<const std::uint8_t> bytes) {
  auto program = Program::from_elf(bytes);
  if (!program) return tl::unexpected(program.error());
  return Executor(std::move(*program));
}

void Executor::load(std::shared_ptr<const Program> program) {
  program_ = std::move(program);
  load();
}

void Executor::load() {
  for (const Segment& segment : program_->image().segments) {
    const Space space = space_of(segment.address);
    if (space == Space::iram) continue;
    const auto filled = static_cast<std::uint32_t>(segment.bytes.size());
    const std::uint32_t offset = offset_of(segment.address);
    // The reader has checked the segment against its memory.
    (void)write(space, offset, segment.bytes);
    const std::uint32_t rest = segment.memory_size - filled;
    if (space == Space::mram)
      mram_.clear(offset + filled, rest);
    else
      std::memset(wram_.data() + offset + filled, 0, rest);
  }
  run_bits_ = 0;
  asleep_ = 0;
  fault_ = {};
  for (Thread& thread : threads_) thread.pc = 0;
}

Status Executor::write(Space space, std::uint32_t offset, std::span<const std::uint8_t> bytes) {
  const std::uint64_t end = std::uint64_t{offset} + bytes.size();
  if (space == Space::iram || end > capacity_of(space))
    return fail(Origin::user, "outside_memory",
                "bytes " + std::to_string(offset) + ".." + std::to_string(end) + " lie outside " +
                    to_string(space) + " of " + std::to_string(capacity_of(space)));
  if (bytes.empty()) return {};
  if (space == Space::wram)
    std::memcpy(wram_.data() + offset, bytes.data(), bytes.size());
  else
    mram_.write(offset, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  return {};
}

Status Executor::read(Space space, std::uint32_t offset, std::span<std::uint8_t> bytes) const {
  const std::uint64_t end = std::uint64_t{offset} + bytes.size();
  if (space == Space::iram || end > capacity_of(space))
    return fail(Origin::user, "outside_memory",
                "bytes " + std::to_string(offset) + ".." + std::to_string(end) + " lie outside " +
                    to_string(space) + " of " + std::to_string(capacity_of(space)));
  if (bytes.empty()) return {};
  if (space == Space::wram)
    std::memcpy(bytes.data(), wram_.data() + offset, bytes.size());
  else
    mram_.read(offset, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  return {};
}

Expected<const Symbol*> Executor::data_symbol(std::string_view name, std::uint32_t offset,
                                              std::size_t size) const {
  const Image& image = program_->image();
  const Symbol* symbol = image.find_for_host(name);
  if (!symbol) symbol = image.find(name);
  if (!symbol || symbol->absolute || symbol->undefined || space_of(symbol->value) == Space::iram)
    return fail(Origin::user, "unknown_symbol",
                "the executable has no symbol `" + std::string(name) + "` in WRAM or MRAM");
  const Space space = space_of(symbol->value);
  const bool open = symbol->size == 0 || name == "__sys_used_mram_end";
  const std::uint64_t limit =
      open ? capacity_of(space) - std::min(offset_of(symbol->value), capacity_of(space))
           : symbol->size;
  if (std::uint64_t{offset} + size > limit)
    return fail(Origin::user, "outside_symbol",
                "bytes " + std::to_string(offset) + ".." + std::to_string(offset + size) + " of `" +
                    std::string(name) + "`, which has " + std::to_string(limit));
  return symbol;
}

Status Executor::write_symbol(std::string_view name, std::uint32_t offset,
                              std::span<const std::uint8_t> bytes) {
  const auto symbol = data_symbol(name, offset, bytes.size());
  if (!symbol) return tl::unexpected(symbol.error());
  return write(space_of((*symbol)->value), offset_of((*symbol)->value) + offset, bytes);
}

Status Executor::read_symbol(std::string_view name, std::uint32_t offset,
                             std::span<std::uint8_t> bytes) const {
  const auto symbol = data_symbol(name, offset, bytes.size());
  if (!symbol) return tl::unexpected(symbol.error());
  return read(space_of((*symbol)->value), offset_of((*symbol)->value) + offset, bytes);
}

Fault Executor::take_fault() {
  return std::exchange(fault_, Fault{});
}

void Executor::boot() {
  fault_ = {};
  asleep_ = 0;
  // Threads left behind by a fault or a spent budget do not go on; notification bits stay.
  run_bits_ = (run_bits_ & ~std::uint64_t{0xffffff}) | 1;
  threads_[0].pc = 0;
}

// Runs one thread for its turn. Returns whether anything changed other than retries.
bool Executor::run_slice(unsigned thread, std::uint64_t slice, std::uint64_t& issued) {
  bool progress = false;
  while (slice > 0 && running(thread) && !fault_) {
    const std::uint64_t count = run_ahead(thread, slice);
    issued += count;
    slice -= count;
    progress |= count > 0;
    if (slice == 0 || fault_) break;
    set_clock(issued_);
    const StepEvent event = interact(thread);
    ++issued;
    --slice;
    if (event.retry) break;
    progress = true;
  }
  return progress;
}

RunReport Executor::run(const RunOptions& options) {
  RunReport report;
  boot();
  bool progress = true;
  while (!fault_ && running_threads() != 0 && progress &&
         report.issued < options.max_instructions) {
    progress = false;
    for (unsigned thread = 0; thread < kThreads && !fault_; ++thread) {
      if (!running(thread)) continue;
      const std::uint64_t left = options.max_instructions - report.issued;
      if (left == 0) break;
      progress |= run_slice(thread, std::min<std::uint64_t>(left, std::max(1u, options.quantum)),
                            report.issued);
    }
  }
  conclude(report, report.issued >= options.max_instructions, !progress);
  return report;
}

void Executor::conclude(RunReport& report, bool budget, bool deadlock) const {
  report.fault = fault_;
  report.asleep = asleep_;
  report.running = running_threads();
  if (fault_) {
    report.outcome = Outcome::fault;
    report.what = "thread " + std::to_string(fault_.thread) + " at instruction " +
                  std::to_string(fault_.pc) + ": " + fault_.what;
  } else if (report.running != 0 && budget) {
    report.outcome = Outcome::budget;
    report.what = "threads " + thread_list(report.running) + " still ran after " +
                  std::to_string(report.issued) + " instructions";
  } else if (report.running != 0 && deadlock) {
    report.outcome = Outcome::deadlock;
    report.what = "threads " + thread_list(report.running) +
                  " retry an acquire or a resume that can never succeed";
    if (asleep_) report.what += "; threads " + thread_list(asleep_) + " sleep";
  } else if (asleep_) {
    report.outcome = Outcome::asleep;
    report.what = "threads " + thread_list(asleep_) +
                  " ended in a `stop` without a target, where a resume would let them go on";
  }
}

Counters Executor::counters() const {
  Counters counters;
  counters.issued = issued_;
  for (int thread = 0; thread < kThreads; ++thread)
    counters.by_thread[thread] = threads_[thread].issued;
  for (std::uint32_t i = 0; i <= kIramInstructions; ++i)
    counters.by_kind[static_cast<int>(program_->slots()[i].kind)] += issued_at_[i];
  counters.retries = retries_;
  counters.dma_read_bytes = dma_read_bytes_;
  counters.dma_write_bytes = dma_write_bytes_;
  return counters;
}

void Executor::reset_counters() {
  std::fill(issued_at_.begin(), issued_at_.end(), 0);
  for (Thread& thread : threads_) thread.issued = 0;
  if (counter_mode_ == 2) counter_origin_ -= issued_;
  issued_ = retries_ = dma_read_bytes_ = dma_write_bytes_ = 0;
}

}  // namespace pimjit::upmem
