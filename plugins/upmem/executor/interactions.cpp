// The instructions through which threads, the DMA engine and the clock meet.
#include "pimjit/plugins/upmem/executor/conditions.h"
#include "pimjit/plugins/upmem/executor/executor.h"
#include "pimjit/plugins/upmem/isa/print.h"

namespace pimjit::upmem {
namespace {

std::string hex(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", value);
  return text;
}

// Result and source operand are all these instructions have to test.
bool holds_on(const Slot& slot, std::uint32_t result, std::uint32_t a, std::uint32_t zero_before) {
  return holds(static_cast<Condition>(slot.condition), {result, a, 0, 0, 0, 0, zero_before});
}

}  // namespace

StepEvent Executor::step(unsigned thread) {
  if (fault_ || !running(thread)) return {};
  const std::uint16_t pc = threads_[thread].pc;
  const StepKind kind = next_kind(thread);
  if (is_interaction(kind)) return interact(thread);
  run_ahead(thread, 1);
  StepEvent event;
  event.kind = fault_ ? StepKind::fault : kind;
  event.thread = static_cast<std::uint8_t>(thread);
  event.pc = pc;
  return event;
}

StepEvent Executor::interact(unsigned thread) {
  Thread& state = threads_[thread];
  const Slot& slot = program_->slots()[state.pc];
  StepEvent event;
  event.kind = slot.kind;
  event.thread = static_cast<std::uint8_t>(thread);
  event.pc = state.pc;
  ++issued_at_[state.pc];
  ++state.issued;
  ++issued_;
  switch (slot.kind) {
    case StepKind::dma_read:
    case StepKind::dma_write:
      transfer(state, slot, event);
      break;
    case StepKind::acquire:
    case StepKind::release:
      change_atomic(state, slot, event);
      break;
    case StepKind::boot:
    case StepKind::resume:
    case StepKind::run_bit:
      change_run_bit(state, slot, event);
      break;
    case StepKind::stop:
      stop_thread(state, slot, event);
      break;
    case StepKind::time:
      read_time(state, slot);
      break;
    default: {
      const std::string why = program_->refusal(state.pc);
      const bool undefined = !why.starts_with('`');
      if (why.empty())
        raise(thread, FaultCause::breakpoint,
              "the program stopped itself with fault " + std::to_string(slot.imm), 0,
              static_cast<std::uint32_t>(slot.imm));
      else
        raise(thread, undefined ? FaultCause::undefined : FaultCause::refused, why);
    }
  }
  if (event.retry) ++retries_;
  if (fault_) event.kind = StepKind::fault;
  return event;
}

void Executor::transfer(Thread& thread, const Slot& slot, StepEvent& event) {
  const std::uint32_t a = thread.regs[slot.a];
  const std::uint32_t bytes = 8 * (1 + ((static_cast<std::uint32_t>(slot.imm) + (a >> 24)) & 0xff));
  // The low three bits of both addresses are ignored, and so is the bit that marks MRAM in an
  // executable.
  const std::uint32_t wram = a & 0xfffff8;
  const std::uint32_t mram = thread.regs[slot.b] & ~kMramBase & ~7u;
  event.bytes = static_cast<std::uint16_t>(bytes);
  event.wram = wram;
  event.mram = mram;
  if (wram + bytes > kWramBytes || std::uint64_t{mram} + bytes > kMramBytes) {
    const bool in_wram = wram + bytes > kWramBytes;
    const std::uint32_t at = in_wram ? wram : mram;
    raise(event.thread, FaultCause::dma,
          "a transfer of " + std::to_string(bytes) + " bytes at " + hex(at) + " leaves " +
              (in_wram ? "WRAM, which ends at 0x10000" : "MRAM, which ends at 0x4000000"),
          at);
    return;
  }
  if (slot.kind == StepKind::dma_read) {
    mram_.read(mram, wram_.data() + wram, bytes);
    dma_read_bytes_ += bytes;
  } else {
    mram_.write(mram, wram_.data() + wram, bytes);
    dma_write_bytes_ += bytes;
  }
  ++thread.pc;
}

void Executor::change_atomic(Thread& thread, const Slot& slot, StepEvent& event) {
  // Larger values are folded; the stock barrier passes a sign-extended byte.
  const std::uint32_t bit = (thread.regs[slot.a] + static_cast<std::uint32_t>(slot.imm)) & 0xff;
  const bool held = atomic_[bit];
  event.bit = static_cast<std::uint8_t>(bit);
  event.success = !held;
  bool taken = true;
  if (slot.kind == StepKind::acquire) {
    atomic_[bit] = true;
    taken = holds_on(slot, held ? 1 : 0, 0, 1);
  } else {
    // Which way release branches is not known; every known one targets the next instruction.
    if (slot.target != event.pc + 1) {
      raise(event.thread, FaultCause::refused,
            "`release` that targets another than the next instruction: when it branches is not "
            "known");
      return;
    }
    atomic_[bit] = false;
  }
  thread.pc = taken ? slot.target : static_cast<std::uint16_t>(thread.pc + 1);
  event.retry = held && slot.kind == StepKind::acquire && thread.pc == event.pc;
}

void Executor::change_run_bit(Thread& thread, const Slot& slot, StepEvent& event) {
  const std::uint32_t a = thread.regs[slot.a];
  const std::uint32_t index = a + static_cast<std::uint32_t>(slot.imm);
  if (index > 63) {
    raise(event.thread, FaultCause::refused,
          "run bit " + std::to_string(index) + " does not exist, there are 64");
    return;
  }
  const std::uint64_t mask = std::uint64_t{1} << index;
  const bool was_set = run_bits_ & mask;
  event.bit = static_cast<std::uint8_t>(index);
  event.success = !was_set;
  const bool taken = holds_on(slot, was_set ? 1 : 0, a, thread.zero_source);
  thread.zero_source = was_set ? 1 : 0;
  thread.pc = taken ? slot.target : static_cast<std::uint16_t>(thread.pc + 1);
  if (slot.action == Op::clr_run) {
    run_bits_ &= ~mask;
  } else if (slot.action != Op::read_run && !was_set) {
    run_bits_ |= mask;
    if (index < kThreads) {
      asleep_ &= ~static_cast<std::uint32_t>(mask);
      if (slot.kind == StepKind::boot) threads_[index].pc = 0;
    }
  }
  const bool changed = slot.action == Op::clr_run    ? was_set
                       : slot.action == Op::read_run ? false
                                                     : !was_set;
  event.retry = !changed && thread.pc == event.pc;
}

void Executor::stop_thread(Thread& thread, const Slot& slot, StepEvent& event) {
  const std::uint32_t mask = 1u << event.thread;
  const bool taken = static_cast<Condition>(slot.condition) == Condition::always;
  thread.pc = taken ? slot.target : static_cast<std::uint16_t>(thread.pc + 1);
  run_bits_ &= ~std::uint64_t{mask};
  asleep_ = taken ? asleep_ & ~mask : asleep_ | mask;
}

std::uint64_t Executor::counter_value() const {
  if (counter_mode_ == 1) return clock_ - counter_origin_;
  if (counter_mode_ == 2) return issued_ - ahead_ - counter_origin_;
  return counter_frozen_;
}

void Executor::read_time(Thread& thread, const Slot& slot) {
  const std::uint64_t value = counter_value();
  if (slot.action == Op::time_cfg) {
    const std::uint32_t config = thread.regs[slot.a];
    const std::uint64_t kept = config & 1 ? 0 : value;
    if ((config >> 1 & 3) != 0) counter_mode_ = static_cast<std::uint8_t>(config >> 1 & 3);
    counter_frozen_ = kept;
    if (counter_mode_ == 1) counter_origin_ = clock_ - kept;
    if (counter_mode_ == 2) counter_origin_ = issued_ - ahead_ - kept;
  }
  const auto shown = static_cast<std::uint32_t>(value >> 4);
  thread.regs[slot.c] = shown;
  if (slot.finish & (kFinishSigned | kFinishUnsigned)) {
    thread.regs[slot.c + 1] = shown;
    thread.regs[slot.c] = (slot.finish & kFinishSigned) && shown >> 31 ? 0xffffffffu : 0u;
  }
  const bool taken = (slot.finish & kFinishBranch) != 0;
  thread.pc = taken ? slot.target : static_cast<std::uint16_t>(thread.pc + 1);
}

std::string Executor::describe(std::uint32_t pc) const {
  if (pc >= kIramInstructions) return "";
  const auto instruction = decode(program_->word(pc));
  return instruction ? print(*instruction) : "";
}

void Executor::raise(unsigned thread, FaultCause cause, std::string what, std::uint32_t address,
                     std::uint32_t code) {
  fault_.cause = cause;
  fault_.thread = static_cast<std::uint8_t>(thread);
  fault_.pc = threads_[thread].pc;
  fault_.address = address;
  fault_.code = code;
  fault_.what = std::move(what);
  const std::string text = describe(fault_.pc);
  if (!text.empty() && cause != FaultCause::refused) fault_.what += " (" + text + ")";
}

void Executor::raise_in_loop(unsigned thread, FaultCause cause, std::uint32_t address) {
  const Slot& slot = program_->slots()[threads_[thread].pc];
  if (cause == FaultCause::memory) {
    raise(
        thread, cause,
        "access at address " + hex(address) +
            (address < kWramBytes ? " is not naturally aligned" : " is outside the 64 KB of WRAM"),
        address);
    return;
  }
  const std::string name = std::string("`") + to_string(slot.action) + "`";
  if (slot.kind == StepKind::multiply)
    raise(thread, cause,
          name + " with condition " + to_string(static_cast<Condition>(slot.condition)) +
              " on operands beyond 16 bits: its predicate is not known there");
  else
    raise(
        thread, cause,
        name +
            " consumes a carry left by the other kind of operation: the polarity of a borrow is " +
            "not known");
}

}  // namespace pimjit::upmem
