#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_ASSEMBLER_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_ASSEMBLER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/plugins/upmem/elf/writer.h"
#include "pimjit/plugins/upmem/isa/instruction.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// Assembles DPU source text into an executable; docs/dpu.md describes the language. Directives:
//   .text .data .host .bss .mram .mram.noinit        the section that follows
//   .byte .half .word .quad E, ...   .ascii .asciz "..."   .space N [, fill]   .align N
//   .equ name, E (or name = E)   .atomic name (next free bit of 200..255)   .tasklets N
// A label is an instruction index in code, an address in WRAM, an offset in MRAM; `.` is the
// current one. Predefined: __sys_heap_pointer_reset (end of WRAM data), __sys_used_mram_end. Names
// starting with .L stay out of the symbol table. Errors are user/bad_assembly with `where`
// "file:line:column" and what was expected there.
Expected<OutputFile> assemble(std::string_view source, const std::string& file_name);
Expected<std::vector<std::uint8_t>> assemble_elf(std::string_view source,
                                                 const std::string& file_name);

// One instruction without labels: "add r0, r1, 5". The error's `where` is the column.
Expected<Instruction> parse_instruction(std::string_view text);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_ASSEMBLER_H_
