#include "pimjit/core/plugin/target_string.h"

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/table_reader.h"

namespace pimjit {
namespace {

constexpr const char* kAutomatic = "auto";

tl::unexpected<Error> bad(const std::string& text, size_t column, std::string what) {
  std::string shown = text;
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  }
  return fail(user_error("bad_target_string", std::move(what),
                         cat(shown, "\n  ", std::string(column, ' '), "^"),
                         "write name, or name:key=value,key=value"));
}

// Keys are names joined by dots.
bool is_key(const std::string& key) {
  size_t begin = 0;
  while (true) {
    const size_t dot = key.find('.', begin);
    if (!is_name(key.substr(begin, dot - begin))) return false;
    if (dot == std::string::npos) return true;
    begin = dot + 1;
  }
}

}  // namespace

Result<TargetString> parse_target_string(const std::string& text) {
  TargetString result;
  const size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  if (name.empty()) return bad(text, 0, "the target has no name");
  if (!is_name(name)) return bad(text, 0, cat('"', name, "\" is not the name of a target"));
  result.automatic = name == kAutomatic;
  if (!result.automatic) result.name = name;
  if (colon == std::string::npos) return result;
  if (result.automatic) return bad(text, colon, "`auto` takes no options");
  size_t begin = colon + 1;
  while (true) {
    const size_t comma = text.find(',', begin);
    const size_t end = comma == std::string::npos ? text.size() : comma;
    const std::string option = text.substr(begin, end - begin);
    const size_t equals = option.find('=');
    const std::string key = option.substr(0, equals);
    if (option.empty()) return bad(text, begin, "an option is empty");
    if (!is_key(key)) return bad(text, begin, cat('"', key, "\" is not the key of an option"));
    if (equals == std::string::npos) return bad(text, end, cat("option ", key, " has no value"));
    if (!result.options.emplace(key, option.substr(equals + 1)).second) {
      return bad(text, begin, cat("option ", key, " is given twice"));
    }
    if (comma == std::string::npos) return result;
    begin = comma + 1;
  }
}

std::string to_string(const TargetString& target) {
  if (target.automatic) return kAutomatic;
  std::string text = target.name;
  char separator = ':';
  for (const auto& [key, value] : target.options) {
    text += cat(separator, key, "=", value);
    separator = ',';
  }
  return text;
}

}  // namespace pimjit
