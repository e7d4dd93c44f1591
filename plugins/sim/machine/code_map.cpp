#include "pimjit/plugins/sim/machine/code_map.h"

#include <algorithm>
#include <map>

namespace pimjit::sim {

upmem::Expected<CodeMap> CodeMap::make(const upmem::Program& program,
                                       std::vector<std::string> places) {
  const upmem::Image& image = program.image();
  auto lines = upmem::read_line_map(image);
  if (!lines) return tl::unexpected(lines.error());
  CodeMap map;
  map.lines_ = std::move(*lines);
  map.routines_ = RoutineShares(program, map.lines_);
  map.places_ = std::move(places);
  for (const upmem::Symbol& symbol : image.symbols) {
    const bool code = !symbol.absolute && !symbol.undefined && !symbol.name.empty() &&
                      symbol.kind != upmem::SymbolKind::section &&
                      symbol.kind != upmem::SymbolKind::file &&
                      upmem::space_of(symbol.value) == upmem::Space::iram;
    if (code) map.labels_.push_back({upmem::offset_of(symbol.value) / 8, symbol.name});
  }
  std::stable_sort(map.labels_.begin(), map.labels_.end(),
                   [](const Label& a, const Label& b) { return a.pc < b.pc; });
  return map;
}

std::string CodeMap::place_of(std::uint32_t pc) const {
  std::string text = std::to_string(pc);
  const auto after =
      std::upper_bound(labels_.begin(), labels_.end(), pc,
                       [](std::uint32_t at, const Label& label) { return at < label.pc; });
  if (after != labels_.begin()) {
    const Label& label = *std::prev(after);
    text += " (" + label.name;
    if (pc != label.pc) text += " + " + std::to_string(pc - label.pc);
    text += ')';
  }
  const auto statement = lines_.statement_of(pc);
  if (statement && static_cast<std::size_t>(*statement) < places_.size())
    text += ", " + places_[static_cast<std::size_t>(*statement)];
  return text;
}

std::vector<CodeMap::StatementSum> CodeMap::by_statement(
    std::span<const std::uint64_t> by_instruction) const {
  std::map<int, std::uint64_t> sums;
  for (std::size_t i = 0; i < lines_.runs.size(); ++i) {
    const auto& run = lines_.runs[i];
    if (run.statement == upmem::LineMap::kNoStatement) continue;
    const std::size_t end =
        i + 1 < lines_.runs.size() ? lines_.runs[i + 1].first : by_instruction.size();
    for (std::size_t pc = run.first; pc < std::min(end, by_instruction.size()); ++pc)
      if (by_instruction[pc] != 0) sums[run.statement] += by_instruction[pc];
  }
  routines_.add(by_instruction, sums);
  std::vector<StatementSum> list;
  for (const auto& [statement, sum] : sums) list.push_back({statement, sum});
  return list;
}

}  // namespace pimjit::sim
