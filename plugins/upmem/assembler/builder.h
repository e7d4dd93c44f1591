#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_BUILDER_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"
#include "pimjit/plugins/upmem/isa/select.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// A position in the code, known once it is bound.
struct Label {
  int id = -1;
};

// An operand for Builder::emit: a register, pair, number or condition (see select.h), or a label
// plus a number of instructions.
struct BuilderOperand {
  Operand operand;
  Label label;

  BuilderOperand(const Operand& value) : operand(value) {}
  BuilderOperand(std::int64_t value) : operand(number(value)) {}
  BuilderOperand(int value) : operand(number(value)) {}
  BuilderOperand(std::uint32_t value) : operand(number(value)) {}
  BuilderOperand(Condition value) : operand(condition(value)) {}
  BuilderOperand(Label value, std::int64_t offset = 0) : operand(number(offset)), label(value) {}
};

// Where a WRAM variable ends up: `host` is visible to the host by name; `data` is loaded but
// private; `reserved` is neither (stacks, buffers) and keeps what the memory holds.
enum class Placement : std::uint8_t { data, host, reserved };

// Builds an executable in memory: instructions with label fix-ups, WRAM and MRAM variables,
// symbols. The first mistake is kept and returned by finish(), so that emitting code needs no
// checks.
//   Builder b;
//   Label loop = b.here();
//   b.emit(Op::add, {reg(0), reg(0), -1, Condition::nz, loop});
//   auto elf = b.finish(16);
class Builder {
 public:
  Builder();

  // Code.
  Label label();
  void bind(Label label);
  Label here();
  std::uint32_t position() const { return static_cast<std::uint32_t>(code_.size()); }
  void emit(Op op, std::initializer_list<BuilderOperand> operands, Extend extend = Extend::none);
  void emit(Op op, std::span<const BuilderOperand> operands, Extend extend = Extend::none);
  // By mnemonic, aliases included: emit("move", {reg(0), 5}).
  void emit(std::string_view mnemonic, std::initializer_list<BuilderOperand> operands);
  void emit(const Instruction& instruction);
  std::span<const Instruction> code() const { return code_; }
  std::optional<std::uint32_t> index_of(Label label) const;
  // Names the position of a bound or later bound label as a function symbol.
  void name_code(std::string name, Label label);

  // Data. Returns the WRAM address (first 8 bytes of WRAM stay zero) or the MRAM offset.
  // `alignment` is a power of two of at least 1. Sizes of zero are allowed. An empty name makes no
  // symbol.
  std::uint32_t wram(std::string name, std::uint32_t size, Placement placement,
                     std::uint32_t alignment = 8, std::span<const std::uint8_t> bytes = {});
  std::uint32_t mram(std::string name, std::uint32_t size, std::uint32_t alignment = 8,
                     std::span<const std::uint8_t> bytes = {});
  std::uint32_t wram_end() const { return wram_end_; }
  std::uint32_t mram_end() const { return mram_end_; }
  void absolute(std::string name, std::uint32_t value);
  // A section that is not loaded: for tools, not for the DPU.
  void note_section(std::string name, std::vector<std::uint8_t> bytes);

  // The words, labels resolved. Errors as finish().
  Expected<std::vector<std::uint64_t>> words() const;
  // The executable. Adds NR_TASKLETS, __sys_heap_pointer_reset and __sys_used_mram_end. Errors: a
  // wrong operand, a label never bound, more than 4096 instructions, WRAM or MRAM exceeded, with
  // the numbers.
  Expected<std::vector<std::uint8_t>> finish(int tasklets) const;

 private:
  struct Fixup {
    std::uint32_t index;
    std::uint8_t operand;
    Label label;
    std::int64_t offset;
  };
  struct Variable {
    std::string name;
    std::uint32_t address, size;
    Placement placement;
    std::vector<std::uint8_t> bytes;
  };
  struct CodeName {
    std::string name;
    Label label;
  };

  void add(const Instruction& instruction, std::span<const BuilderOperand> operands,
           std::span<const Operand> resolved);
  void note(std::string code, std::string what);
  std::string where() const;

  std::vector<Instruction> code_;
  std::vector<std::int64_t> labels_;
  std::vector<Fixup> fixups_;
  std::vector<Variable> wram_, mram_;
  std::vector<CodeName> names_;
  std::vector<std::pair<std::string, std::uint32_t>> absolutes_;
  std::vector<std::pair<std::string, std::vector<std::uint8_t>>> notes_;
  std::uint32_t wram_end_ = 8, mram_end_ = 0;
  std::optional<Error> error_;
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_BUILDER_H_
