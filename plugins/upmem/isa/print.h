#ifndef PIMJIT_PLUGINS_UPMEM_ISA_PRINT_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_PRINT_H_

#include <cstdint>
#include <functional>
#include <string>

#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::upmem {

// A name for an instruction index, or "" to print the number.
using TargetName = std::function<std::string(std::uint32_t index)>;

// The instruction in assembler syntax, by its alias where one exists. Parsing the text gives the
// same word again: where another form would be preferred, the operand `false` is appended.
std::string print(const Instruction& instruction, const TargetName& target_name = {});

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_PRINT_H_
