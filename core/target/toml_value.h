#ifndef PIMJIT_CORE_TARGET_TOML_VALUE_H_
#define PIMJIT_CORE_TARGET_TOML_VALUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/support/error.h"

namespace pimjit {

// Lines and columns count from 1; 0 is unknown.
struct TextPosition {
  uint32_t line = 0, column = 0;
};

enum class TomlKind : uint8_t { text, integer, real, boolean, date, array, table };

// A value of a TOML file with the place it stands at: what the TOML library says, in types of our
// own, so that no other file needs that library. A value type; only the fields of its kind are
// meaningful.
struct TomlEntry;
struct TomlValue {
  TomlKind kind = TomlKind::table;
  TextPosition position;      // of the value; of a table: its heading or brace
  TextPosition key_position;  // of the key it belongs to, where there is one
  std::string text;
  int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<TomlValue> items;    // array
  std::vector<TomlEntry> entries;  // table, sorted by key

  const TomlValue* find(const std::string& key) const;  // null if absent or not a table
};
struct TomlEntry {
  std::string key;
  TomlValue value;
};

// The whole file as a table. Errors (of `origin`): "toml_syntax" with file:line:column, and those
// of scan_toml().
Result<TomlValue> parse_toml(const std::string& text, const std::string& file, Origin origin);

// "file:line:column", without the parts that are unknown.
std::string place_text(const std::string& file, TextPosition position);

// "a text", "an integer", ... for messages.
const char* describe(TomlKind kind);

// The content of a file, cut off somewhere above 256 KiB (parse_toml refuses it then). Errors (of
// `origin`): "unreadable_file" with the reason of the operating system.
Result<std::string> read_text_file(const std::string& path, Origin origin);

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_TOML_VALUE_H_
