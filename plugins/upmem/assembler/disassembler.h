#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_DISASSEMBLER_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_DISASSEMBLER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"

namespace pimjit::upmem {

struct Line {
  std::uint32_t index = 0;
  std::uint64_t word = 0;
  std::vector<std::string> labels;  // symbols at this instruction
  std::string text;  // assembler syntax, targets as symbol or symbol+n; `.quad` if undecodable
};

// Every loaded instruction of the executable in order.
std::vector<Line> disassemble(const Image& image);

// Sections, symbols, memory map and code as text, for people.
std::string dump(const Image& image);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_DISASSEMBLER_H_
