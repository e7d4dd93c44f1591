#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_LINE_MAP_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_LINE_MAP_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// Which statement of the kernel each instruction was compiled from: an index into
// kit::Kernel::stmts of the serialised kernel. What a loop sets up for a statement (pointers,
// unchanging values) and its rarer paths, placed behind the program, count as that statement's; the
// boot of the tasklets and called routines belong to none.
struct LineMap {
  static constexpr int kNoStatement = -1;
  struct Run {
    std::uint32_t first = 0;  // instruction; the run reaches to the next one's
    int statement = kNoStatement;
    friend bool operator==(const Run&, const Run&) = default;
  };
  std::vector<Run> runs;  // by `first`, strictly ascending

  // From instruction `pc` on; calls come with ascending pc.
  void add(std::uint32_t pc, int statement);
  std::optional<int> statement_of(std::uint32_t pc) const;
};

// The contents of section kLineSection: per run the distance to the run before and the statement
// plus 1, both as LEB128.
std::vector<std::uint8_t> encode_line_map(const LineMap& map);
// Errors: user/bad_line_map, a number that is cut off or out of range, at its byte.
Expected<LineMap> decode_line_map(std::span<const std::uint8_t> bytes);
// The map of an executable; empty for one that has none. Errors of the ELF reader too.
Expected<LineMap> read_line_map(const Image& image);
Expected<LineMap> read_line_map(std::span<const std::uint8_t> elf);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_LINE_MAP_H_
