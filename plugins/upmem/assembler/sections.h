#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_SECTIONS_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_SECTIONS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"

namespace pimjit::upmem {

// The sections of a source file, in the order they follow each other in their memory.
enum class SourceSection : std::uint8_t { text, data, host, bss, mram, mram_noinit, count };

struct SectionRule {
  std::string_view directive;
  const char* name;  // in the executable
  Space space;
  bool loaded;
};

inline constexpr std::array<SectionRule, static_cast<int>(SourceSection::count)> kSectionRules = {{
    {".text", ".text", Space::iram, true},
    {".data", ".data", Space::wram, true},
    {".host", ".data.__sys_host", Space::wram, true},
    {".bss", ".data.bss", Space::wram, false},
    {".mram", ".mram", Space::mram, true},
    {".mram.noinit", ".mram.noinit", Space::mram, false},
}};

// Bytes collected for one section; offsets count bytes, in code 8 per instruction.
struct SectionBuffer {
  std::uint64_t size = 0;  // after the first pass
  std::uint64_t base = 0;  // byte offset in its memory
  std::vector<std::uint8_t> bytes;
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_SECTIONS_H_
