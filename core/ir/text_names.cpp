#include "pimjit/core/ir/text_names.h"

#include <algorithm>
#include <map>

namespace pimjit {
namespace {

constexpr std::string_view kReserved[] = {
    "align", "at",    "b1",       "barrier",  "base",      "body",        "buffer", "combine",
    "copy",  "count", "device",   "else",     "elements",  "f32",         "false",  "for",
    "i16",   "i32",   "i64",      "i8",       "if",        "independent", "kernel", "lane",
    "let",   "level", "link",     "local",    "lockstep",  "max",         "min",    "parallel",
    "param", "prod",  "range",    "readonly", "scope",     "select",      "stride", "sum",
    "time",  "true",  "unrolled", "var",      "vectorized"};

bool is_plain(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.'; };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), inner) &&
         !is_reserved_word(name);
}

}  // namespace

bool is_reserved_word(std::string_view word) {
  return std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved);
}

std::string quoted_name(const std::string& name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (is_plain(name)) return name;
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      text += "\\x";
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    } else {
      text += c;
    }
  }
  return text + '"';
}

std::vector<std::string> reference_texts(const std::vector<std::string>& names) {
  std::map<std::string_view, int> occurrences;
  for (const std::string& name : names) ++occurrences[name];
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    texts.push_back(quoted_name(names[i]));
    if (occurrences[names[i]] > 1) texts.back() += '#' + std::to_string(i);
  }
  return texts;
}

const char* level_kind_text(LevelKind kind) {
  switch (kind) {
    case LevelKind::independent:
      return "independent";
    case LevelKind::lockstep:
      return "lockstep";
    case LevelKind::lane:
      return "lane";
    case LevelKind::time:
      return "time";
  }
  return "?";
}

}  // namespace pimjit
