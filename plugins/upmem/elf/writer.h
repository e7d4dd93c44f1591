#ifndef PIMJIT_PLUGINS_UPMEM_ELF_WRITER_H_
#define PIMJIT_PLUGINS_UPMEM_ELF_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// A section to write. One with `bytes` becomes a segment that the loader copies; one without is
// only reserved (its memory keeps what it holds).
struct OutputSection {
  std::string name;
  std::uint32_t address = 0;   // ELF address
  std::uint32_t reserved = 0;  // size when there are no bytes
  std::uint32_t alignment = 8;
  std::vector<std::uint8_t> bytes;
};

struct OutputSymbol {
  std::string name;
  std::uint32_t value = 0;
  std::uint32_t size = 0;
  SymbolKind kind = SymbolKind::object;
  bool absolute = false;
  int section = -1;  // index into `sections`; ignored when absolute
};

// A section that is not loaded.
struct OutputNote {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

struct OutputFile {
  std::vector<OutputSection> sections;
  std::vector<OutputSymbol> symbols;
  std::vector<OutputNote> notes;
  std::uint32_t entry = kIramBase;
};

// The bytes of an executable that the host's loader and read_elf accept. Sizes of loaded WRAM and
// MRAM sections are padded with zeros to 8 bytes. Errors: a section outside its memory or
// misaligned, a symbol of a section that does not exist.
Expected<std::vector<std::uint8_t>> write_elf(const OutputFile& file);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ELF_WRITER_H_
