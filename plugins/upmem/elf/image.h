#ifndef PIMJIT_PLUGINS_UPMEM_ELF_IMAGE_H_
#define PIMJIT_PLUGINS_UPMEM_ELF_IMAGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pimjit::upmem {

// Sizes of a v1A DPU, in bytes unless said.
inline constexpr std::uint32_t kIramInstructions = 4096;
inline constexpr std::uint32_t kWramBytes = 64 * 1024;
inline constexpr std::uint32_t kMramBytes = 64 * 1024 * 1024;
inline constexpr int kThreads = 24;

// ELF addresses name the memory by their high bits.
inline constexpr std::uint32_t kIramBase = 0x80000000;
inline constexpr std::uint32_t kMramBase = 0x08000000;

enum class Space : std::uint8_t { wram, mram, iram };

constexpr Space space_of(std::uint32_t address) {
  if (address & kIramBase) return Space::iram;
  return address & kMramBase ? Space::mram : Space::wram;
}
// Byte offset inside the memory; for code 8 bytes per instruction.
constexpr std::uint32_t offset_of(std::uint32_t address) {
  switch (space_of(address)) {
    case Space::iram:
      return address & ~kIramBase;
    case Space::mram:
      return address & ~kMramBase;
    case Space::wram:
      return address;
  }
  return address;
}
// Bytes of the memory; IRAM counts 8 per instruction.
constexpr std::uint32_t capacity_of(Space space) {
  if (space == Space::iram) return kIramInstructions * 8;
  return space == Space::mram ? kMramBytes : kWramBytes;
}
// What marks an address of this memory in an executable.
constexpr std::uint32_t base_of(Space space) {
  if (space == Space::iram) return kIramBase;
  return space == Space::mram ? kMramBase : 0;
}
const char* to_string(Space space);

// Says what instructions were compiled from (compiler/line_map.h); not loaded.
inline constexpr const char* kLineSection = ".pimjit.lines";

// What the loader copies: `bytes`, then zeros up to `memory_size`.
struct Segment {
  std::uint32_t address = 0;
  std::uint32_t memory_size = 0;
  std::uint32_t flags = 0;  // 1 execute, 2 write, 4 read
  std::vector<std::uint8_t> bytes;
};

struct Section {
  std::string name;
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint32_t address = 0;
  std::uint32_t size = 0;
  std::uint32_t alignment = 1;
};

enum class SymbolKind : std::uint8_t { none, object, function, section, file, other };

struct Symbol {
  std::string name;
  std::uint32_t value = 0;  // ELF address, or the number itself when absolute
  std::uint32_t size = 0;
  SymbolKind kind = SymbolKind::none;
  bool global = false;
  bool absolute = false;
  bool undefined = false;
  std::string section;  // name of its section; empty when absolute or undefined
};

// A DPU executable as the host's loader sees it.
struct Image {
  std::uint32_t entry = 0;
  std::uint32_t flags = 0;
  std::vector<Segment> segments;
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
  std::vector<std::uint8_t> lines;  // contents of the first section kLineSection, undecoded

  // The first symbol of this name, or null.
  const Symbol* find(std::string_view name) const;
  // The first one that the host API would return: in a section that is not `.data*` (apart from
  // `.data.__sys_host`) and not absolute.
  const Symbol* find_for_host(std::string_view name) const;
};

bool visible_to_host(const Symbol& symbol);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ELF_IMAGE_H_
