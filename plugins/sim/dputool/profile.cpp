#include "pimjit/plugins/sim/dputool/profile.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace pimjit::dputool {
namespace {

void add(Spent& to, const Spent& more) {
  to.issued += more.issued;
  to.pipeline += more.pipeline;
  to.dma += more.dma;
  to.banks += more.banks;
}

// Symbols at one instruction are one entry; so are those of one name.
std::vector<Profile::Symbol> by_symbol(const Profile& profile) {
  std::vector<Profile::Symbol> symbols{{"(start)", {}}};
  for (std::size_t i = 0; i < profile.lines.size(); ++i) {
    const std::vector<std::string>& labels = profile.lines[i].labels;
    if (!labels.empty()) {
      std::string name;
      for (const std::string& label : labels) name += (name.empty() ? "" : ", ") + label;
      symbols.push_back({name, {}});
    }
    add(symbols.back().spent, profile.spent[i]);
  }
  std::erase_if(symbols, [](const Profile::Symbol& s) { return s.spent.cycles() == 0; });
  std::stable_sort(symbols.begin(), symbols.end(), [](const auto& a, const auto& b) {
    return a.spent.cycles() > b.spent.cycles();
  });
  return symbols;
}

void print_columns(const Spent& spent, bool clocked) {
  if (clocked)
    std::printf("%12" PRIu64 "%12" PRIu64 "%12" PRIu64 "%12" PRIu64 "  ", spent.cycles(),
                spent.issued, spent.pipeline, spent.dma);
  else
    std::printf("%12" PRIu64 "  ", spent.issued);
}

void print_members(const Spent& spent, bool clocked) {
  if (clocked)
    std::printf("\"cycles\": %" PRIu64 ", \"idle_reissue\": %" PRIu64 ", \"idle_dma\": %" PRIu64
                ", \"banks\": %" PRIu64 ", ",
                spent.cycles(), spent.pipeline, spent.dma, spent.banks);
  std::printf("\"issued\": %" PRIu64, spent.issued);
}

}  // namespace

Profile profile_of(const upmem::Image& image, std::span<const std::uint64_t> issued_at) {
  Profile profile;
  profile.lines = upmem::disassemble(image);
  for (const upmem::Line& line : profile.lines)
    profile.spent.push_back({line.index < issued_at.size() ? issued_at[line.index] : 0});
  profile.symbols = by_symbol(profile);
  return profile;
}

Profile profile_of(const upmem::Image& image, const sim::InstructionProfile& times) {
  Profile profile;
  profile.clocked = true;
  profile.lines = upmem::disassemble(image);
  for (const upmem::Line& line : profile.lines) {
    const sim::InstructionTimes& t =
        line.index < times.size() ? times[line.index] : sim::InstructionTimes{};
    profile.spent.push_back({t.issued, t.idle_reissue, t.idle_dma, t.banks});
  }
  profile.symbols = by_symbol(profile);
  return profile;
}

void print_text(const Profile& profile) {
  std::uint64_t all = 0;
  for (const Spent& spent : profile.spent) all += spent.cycles();
  const char* const heads =
      profile.clocked ? "      cycles      issued    pipeline         dma" : "      issued";
  std::printf("%s   share  symbol\n", heads);
  for (const Profile::Symbol& symbol : profile.symbols) {
    print_columns(symbol.spent, profile.clocked);
    const auto part = static_cast<double>(symbol.spent.cycles());
    std::printf("%5.1f%%  %s\n", 100 * part / static_cast<double>(std::max<std::uint64_t>(all, 1)),
                symbol.name.c_str());
  }
  std::printf("%s   index  instruction\n", heads);
  for (std::size_t i = 0; i < profile.lines.size(); ++i) {
    const upmem::Line& line = profile.lines[i];
    for (const std::string& label : line.labels) std::printf("%s:\n", label.c_str());
    print_columns(profile.spent[i], profile.clocked);
    std::printf("%6u  %s\n", line.index, line.text.c_str());
  }
}

void print_json(const Profile& profile) {
  std::printf(", \"symbols\": [");
  for (std::size_t i = 0; i < profile.symbols.size(); ++i) {
    std::printf("%s{\"name\": %s, ", i ? ", " : "", quoted(profile.symbols[i].name).c_str());
    print_members(profile.symbols[i].spent, profile.clocked);
    std::printf("}");
  }
  std::printf("], \"instructions\": [");
  for (std::size_t i = 0; i < profile.lines.size(); ++i) {
    std::printf("%s{\"index\": %u, ", i ? ", " : "", profile.lines[i].index);
    print_members(profile.spent[i], profile.clocked);
    std::printf(", \"text\": %s}", quoted(profile.lines[i].text).c_str());
  }
  std::printf("]");
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  char code[8];
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) {
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned char>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace pimjit::dputool
