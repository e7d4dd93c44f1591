#include "pimjit/plugins/upmem/assembler/disassembler.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>

#include "pimjit/plugins/upmem/isa/print.h"

namespace pimjit::upmem {
namespace {

template <typename... Args>
std::string format(const char* pattern, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

using CodeSymbols = std::map<std::uint32_t, std::vector<std::string>>;

CodeSymbols code_symbols(const Image& image) {
  CodeSymbols symbols;
  for (const Symbol& symbol : image.symbols) {
    if (symbol.absolute || symbol.undefined || symbol.name.empty()) continue;
    if (symbol.kind == SymbolKind::section || symbol.kind == SymbolKind::file) continue;
    if (space_of(symbol.value) != Space::iram || offset_of(symbol.value) >= kIramInstructions * 8)
      continue;
    auto& names = symbols[offset_of(symbol.value) / 8];
    if (std::find(names.begin(), names.end(), symbol.name) == names.end())
      names.push_back(symbol.name);
  }
  return symbols;
}

std::string name_target(const CodeSymbols& symbols, std::uint32_t index) {
  auto at = symbols.upper_bound(index);
  if (at == symbols.begin()) return "";
  --at;
  if (at->first == index) return at->second.front();
  return at->second.front() + "+" + std::to_string(index - at->first);
}

std::string escaped(const std::string& name) {
  std::string text;
  for (char c : name) text += c >= ' ' && c < 127 ? c : '?';
  return text;
}

std::string dump_map(const Image& image) {
  std::string text = "Memory map\n";
  std::vector<const Segment*> ordered;
  for (const Segment& segment : image.segments) ordered.push_back(&segment);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Segment* a, const Segment* b) { return a->address < b->address; });
  for (const Segment* at : ordered) {
    const Segment& segment = *at;
    text += format("  %s  0x%08x..0x%08x  %8u bytes  (%zu from the file)\n",
                   to_string(space_of(segment.address)), offset_of(segment.address),
                   offset_of(segment.address) + segment.memory_size, segment.memory_size,
                   segment.bytes.size());
  }
  return text;
}

std::string dump_sections(const Image& image) {
  std::string text = "Sections\n";
  for (const Section& section : image.sections) {
    if (section.name.empty()) continue;
    text += format("  0x%08x  %8u bytes  %s  ", section.address, section.size,
                   section.type == 8 ? "reserved" : "contents");
    text += escaped(section.name) + "\n";
  }
  return text;
}

std::string dump_symbols(const Image& image) {
  std::string text = "Symbols\n";
  for (const Symbol& symbol : image.symbols) {
    if (symbol.name.empty() || symbol.kind == SymbolKind::file ||
        symbol.kind == SymbolKind::section)
      continue;
    text += format("  0x%08x  %8u  %-9s %s  ", symbol.value, symbol.size,
                   symbol.absolute    ? "absolute"
                   : symbol.undefined ? "undefined"
                                      : to_string(space_of(symbol.value)),
                   visible_to_host(symbol) ? "host" : "    ");
    text += escaped(symbol.name) + "\n";
  }
  return text;
}

}  // namespace

std::vector<Line> disassemble(const Image& image) {
  const CodeSymbols symbols = code_symbols(image);
  std::map<std::uint32_t, Line> lines;
  for (const Segment& segment : image.segments) {
    if (space_of(segment.address) != Space::iram) continue;
    for (std::uint32_t i = 0; i < segment.memory_size / 8; ++i) {
      Line line;
      line.index = offset_of(segment.address) / 8 + i;
      for (std::uint32_t byte = 0; byte < 8 && i * 8 + byte < segment.bytes.size(); ++byte)
        line.word |= std::uint64_t{segment.bytes[i * 8 + byte]} << 8 * byte;
      const auto instruction = decode(line.word & 0xffffffffffff);
      line.text = instruction
                      ? print(*instruction,
                              [&](std::uint32_t index) { return name_target(symbols, index); })
                      : format(".quad 0x%012" PRIx64, line.word);
      if (const auto found = symbols.find(line.index); found != symbols.end())
        line.labels = found->second;
      lines[line.index] = std::move(line);
    }
  }
  std::vector<Line> ordered;
  for (auto& [index, line] : lines) ordered.push_back(std::move(line));
  return ordered;
}

std::string dump(const Image& image) {
  std::string text =
      format("DPU executable, entry 0x%08x, flags 0x%08x\n\n", image.entry, image.flags);
  text += dump_map(image) + "\n" + dump_sections(image) + "\n" + dump_symbols(image) + "\nCode\n";
  for (const Line& line : disassemble(image)) {
    for (const std::string& label : line.labels) text += escaped(label) + ":\n";
    text += format("  %4u  %012" PRIx64 "  ", line.index, line.word) + escaped(line.text) + "\n";
  }
  return text;
}

}  // namespace pimjit::upmem
