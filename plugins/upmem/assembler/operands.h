#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_OPERANDS_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_OPERANDS_H_

#include <span>

#include "pimjit/plugins/upmem/assembler/expression.h"
#include "pimjit/plugins/upmem/isa/select.h"

namespace pimjit::upmem {

// Reads "mnemonic operand, operand ..." starting at tokens[at] up to the end token and picks the
// form. The error's `where` is the column.
Expected<Instruction> read_instruction(std::span<const Token> tokens, std::size_t at,
                                       const NameValue& name_value);

// Whether the text is a register or a condition and so cannot name a symbol.
bool is_reserved_name(const std::string& text);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_OPERANDS_H_
