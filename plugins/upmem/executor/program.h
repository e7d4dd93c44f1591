#ifndef PIMJIT_PLUGINS_UPMEM_EXECUTOR_PROGRAM_H_
#define PIMJIT_PLUGINS_UPMEM_EXECUTOR_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"
#include "pimjit/plugins/upmem/isa/instruction.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// What an instruction is to whoever drives the executor. The first group touches only its own
// thread and WRAM, so that a thread may be run ahead over any number of them; the second is how
// threads, the DMA engine and the clock meet.
enum class StepKind : std::uint8_t {
  alu,
  multiply,
  step,
  control,
  load,
  store,
  // Interactions.
  dma_read,   // MRAM to WRAM
  dma_write,  // WRAM to MRAM
  acquire,
  release,
  boot,
  resume,
  run_bit,  // read_run, clr_run
  stop,
  time,
  fault,  // fault, undefined words, refused instructions
  count,
};

constexpr bool is_interaction(StepKind kind) {
  return kind >= StepKind::dma_read;
}
const char* to_string(StepKind kind);

// A decoded instruction as the interpreter reads it. Register operands index the register file of a
// thread: r0..r23, the eight read-only sources, and a sink at 32..33 for discarded results. The
// second source is always regs[b] + imm: one of them is zero.
struct Slot {
  std::uint8_t handler = 0;
  std::uint8_t a = 0, b = 0, c = 0;
  std::int32_t imm = 0;
  std::uint16_t target = 0;  // branch target; immediate stores: the 16-bit value
  std::uint8_t condition = 0;
  std::uint8_t finish = 0;  // see Finish
  std::uint8_t shift = 0;
  StepKind kind = StepKind::fault;
  Op action = Op::tell;
  std::uint8_t index = 0;  // unused
};
static_assert(sizeof(Slot) == 16);

// What follows the computation of a result.
enum Finish : std::uint8_t {
  kFinishPlain = 0,
  kFinishBranch = 1,  // jump when the condition holds
  kFinishSet = 2,     // the result is the truth of the condition
  kFinishSigned = 4,  // sign-extend into the pair at c
  kFinishUnsigned = 8,
};

// An executable, decoded once and shared by all DPUs that run it. Immutable.
class Program {
 public:
  // Errors user/bad_elf: no code at instruction 0, a segment outside its memory.
  static Expected<std::shared_ptr<const Program>> from_image(Image image);
  static Expected<std::shared_ptr<const Program>> from_elf(std::span<const std::uint8_t> bytes);

  const Image& image() const { return image_; }
  // One more than kIramInstructions: a last slot that faults, for threads that run off the end.
  const Slot* slots() const { return slots_.data(); }
  // Instructions up to the last loaded one.
  std::uint32_t size() const { return size_; }
  std::uint64_t word(std::uint32_t index) const { return words_[index]; }
  // Why the instruction at `index` cannot be executed; empty when it can.
  std::string refusal(std::uint32_t index) const;

 private:
  Image image_;
  std::uint32_t size_ = 0;
  std::vector<std::uint64_t> words_;
  std::vector<bool> loaded_;
  std::vector<Slot> slots_;
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_EXECUTOR_PROGRAM_H_
