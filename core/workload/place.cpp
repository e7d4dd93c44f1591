#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/program.h"

namespace pimjit::notation {
namespace {

constexpr size_t kShownBefore = 60;
constexpr size_t kShownAfter = 40;

// One printable column per byte, so that the caret stands under the byte that is meant.
std::string printable(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    line += blank ? ' ' : (byte < 0x20 || byte >= 0x7f) ? '?' : c;
  }
  return line;
}

}  // namespace

std::string place_in(std::string_view text, int column) {
  if (column == kNoColumn)
    return text.empty() ? "in the computation built in C++" : printable(text);
  const size_t at = std::min(static_cast<size_t>(column), text.size());
  const size_t begin = at > kShownBefore ? at - kShownBefore : 0;
  const size_t end = std::min(text.size(), at + kShownAfter);
  const std::string head = begin > 0 ? "..." : "";
  const std::string tail = end < text.size() ? "..." : "";
  const std::string shown = head + printable(text.substr(begin, end - begin)) + tail;
  const std::string caret(head.size() + at - begin, ' ');
  return cat("column ", at + 1, ":\n    ", shown, "\n    ", caret, "^");
}

Error error_at(const Program& program, std::string code, std::string what, int column,
               std::string hint) {
  return user_error(std::move(code), std::move(what), place_in(program.text, column),
                    std::move(hint));
}

bool is_reserved(std::string_view name) {
  return name == "min" || name == "max" || name == "in" || name == "where";
}

bool is_valid_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || !letter(name[0]) || is_reserved(name)) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

}  // namespace pimjit::notation
