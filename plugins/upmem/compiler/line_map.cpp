#include "pimjit/plugins/upmem/compiler/line_map.h"

#include <algorithm>
#include <string>

#include "pimjit/plugins/upmem/elf/reader.h"

namespace pimjit::upmem {
namespace {

// More than any kernel has; keeps statement numbers inside an int.
constexpr std::uint64_t kMostStatements = std::uint64_t{1} << 30;

void put(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (; value >= 128; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 128));
  out.push_back(static_cast<std::uint8_t>(value));
}

class Decoder {
 public:
  explicit Decoder(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  Expected<LineMap> run() {
    LineMap map;
    std::uint64_t pc = 0;
    while (at_ < bytes_.size()) {
      const std::size_t start = at_;
      const auto distance = next(kIramInstructions);
      const auto statement = distance ? next(kMostStatements) : std::nullopt;
      if (!statement || (*distance == 0 && !map.runs.empty()) || pc + *distance > kIramInstructions)
        return fail(Origin::user, "bad_line_map",
                    "the run at byte " + std::to_string(start) + " of " +
                        std::to_string(bytes_.size()) +
                        " is cut off or beyond the program's instructions",
                    kLineSection);
      pc += *distance;
      map.runs.push_back({static_cast<std::uint32_t>(pc), static_cast<int>(*statement) - 1});
    }
    return map;
  }

 private:
  std::optional<std::uint64_t> next(std::uint64_t most) {
    std::uint64_t value = 0;
    for (int shift = 0; at_ < bytes_.size() && shift < 35; shift += 7) {
      const std::uint8_t byte = bytes_[at_++];
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value <= most ? std::optional(value) : std::nullopt;
    }
    return std::nullopt;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

void LineMap::add(std::uint32_t pc, int statement) {
  if (!runs.empty() && runs.back().first == pc) runs.pop_back();
  if (!runs.empty() && runs.back().statement == statement) return;
  runs.push_back({pc, statement});
}

std::optional<int> LineMap::statement_of(std::uint32_t pc) const {
  const auto after = std::upper_bound(
      runs.begin(), runs.end(), pc, [](std::uint32_t p, const Run& run) { return p < run.first; });
  if (after == runs.begin() || std::prev(after)->statement == kNoStatement) return std::nullopt;
  return std::prev(after)->statement;
}

std::vector<std::uint8_t> encode_line_map(const LineMap& map) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t pc = 0;
  for (const LineMap::Run& run : map.runs) {
    put(bytes, run.first - pc);
    put(bytes, static_cast<std::uint64_t>(run.statement + 1));
    pc = run.first;
  }
  return bytes;
}

Expected<LineMap> decode_line_map(std::span<const std::uint8_t> bytes) {
  return Decoder(bytes).run();
}

Expected<LineMap> read_line_map(const Image& image) {
  return decode_line_map(image.lines);
}

Expected<LineMap> read_line_map(std::span<const std::uint8_t> elf) {
  const auto image = read_elf(elf);
  if (!image) return fail(image.error());
  return read_line_map(*image);
}

}  // namespace pimjit::upmem
