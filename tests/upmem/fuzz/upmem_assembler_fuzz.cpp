// Any text as a source file; what is accepted must read back and disassemble to text that assembles
// again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/assembler/disassembler.h"
#include "pimjit/plugins/upmem/elf/reader.h"
#include "pimjit/plugins/upmem/isa/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pimjit::upmem;
  const auto elf = assemble_elf({reinterpret_cast<const char*>(data), size}, "fuzz.s");
  if (!elf) {
    if (elf.error().where.empty()) std::abort();
    return 0;
  }
  const auto image = read_elf(*elf);
  if (!image) std::abort();
  for (const Line& line : disassemble(*image)) {
    const auto decoded = decode(line.word);
    if (!decoded) std::abort();
    const auto again = parse_instruction(print(*decoded));
    if (!again || encode(*again).value_or(0) != line.word) std::abort();
  }
  return 0;
}
