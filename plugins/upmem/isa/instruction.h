#ifndef PIMJIT_PLUGINS_UPMEM_ISA_INSTRUCTION_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_INSTRUCTION_H_

#include <array>
#include <cstdint>
#include <optional>

#include "pimjit/plugins/upmem/isa/form.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// A form with its operand values, in assembler order: register code, immediate (sign-extended),
// absolute target index, condition code of the form's class.
struct Instruction {
  FormId form = 0;
  std::array<std::int64_t, kMaxOperands> values{};

  const Form& shape() const { return form_of(form); }
  // The condition tested, `never` for a form without one.
  Condition condition() const;
};

// The 48-bit word. Error user/operand_out_of_range when a value does not fit its field.
Expected<std::uint64_t> encode(const Instruction& instruction);

// The one form this word is, or nothing: every fixed bit, register code and condition code is
// checked, so that encode(*decode(word)) == word.
std::optional<Instruction> decode(std::uint64_t word);

// Register codes an instruction reads and writes as bit masks over r0..r23 (pairs count both
// halves).
struct RegisterUse {
  std::uint32_t reads = 0;
  std::uint32_t writes = 0;
};
RegisterUse register_use(const Instruction& instruction);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_INSTRUCTION_H_
