#ifndef PIMJIT_PLUGINS_UPMEM_ISA_FORM_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_FORM_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "pimjit/plugins/upmem/isa/condition.h"
#include "pimjit/plugins/upmem/isa/field.h"

namespace pimjit::upmem {

// An operation, as named by its mnemonic; and_, or_ and xor_ avoid keywords of C++.
enum class Op : std::uint8_t {
#define PIMJIT_OP(op, text, kind) op,
#define PIMJIT_ENCODING(...)
#define PIMJIT_ENCODING_AS(...)
#define PIMJIT_REFUSED(...)
#include "pimjit/plugins/upmem/isa/instructions.def"
#undef PIMJIT_OP
#undef PIMJIT_ENCODING
#undef PIMJIT_ENCODING_AS
#undef PIMJIT_REFUSED
  count,
};

// What an operation is to a clock and to the counters: multiply = 8x8 product, step = mul_step and
// div_step, control = call and jump, atomic = acquire and release, run = boot, resume, stop and the
// other run-bit operations, other = fault and tell.
enum class OpKind : std::uint8_t {
  alu,
  multiply,
  step,
  control,
  load,
  store,
  dma,
  atomic,
  run,
  time,
  other,
  count,
};

// Sign- or zero-extension into a register pair: the suffix .s or .u.
enum class Extend : std::uint8_t { none, sign, zero };

// plain: result. set: 1 or 0 by the condition. branch: result, and a jump when the condition holds.
enum class Style : std::uint8_t { plain, set, branch };

using FormId = std::uint16_t;

inline constexpr int kMaxOperands = 6;

// One encoding of an operation with its operand list. Immutable, generated from instructions.def.
struct Form {
  Op op;
  Op action;  // the operation whose semantics it has
  Extend extend;
  Style style;
  ConditionClass condition_class;
  std::uint8_t operand_count;
  std::array<Field, kMaxOperands> operands;  // in assembler order
  std::uint64_t fixed;                       // constant bits
  std::uint64_t mask;                        // bits that must equal `fixed`
  const char* refused;  // why the executor refuses it; null when it executes it

  // Position of the operand of this kind, or -1.
  int operand_of_kind(FieldKind kind) const;
};

// Every form, those of one operation next to each other, in order of preference.
std::span<const Form> forms();
std::span<const Form> forms_of(Op op);

inline const Form& form_of(FormId id) {
  return forms()[id];
}
FormId form_id(const Form& form);

const char* to_string(Op op);  // the mnemonic without extension suffix
const char* to_string(OpKind kind);
OpKind kind_of(Op op);

struct Mnemonic {
  Op op;
  Extend extend;
};
// "add", "add.s"; nothing when no form has this name. Aliases are not found here.
std::optional<Mnemonic> find_mnemonic(std::string_view text);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_FORM_H_
