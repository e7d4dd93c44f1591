#include "pimjit/core/target/toml_value.h"

// The only file that sees the TOML library. Compiled into it without exceptions, and with a nesting
// bound that keeps its recursion, and ours, far from the end of any stack.
// Some of its assertions fail on malformed input ("[=") that the code behind them reports properly;
// they must neither end the process nor, in builds without assertions, become assumptions.
#undef NDEBUG
#define TOML_ASSERT(condition) static_cast<void>(0)
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 16
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <toml++/toml.h>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/toml_scan.h"

namespace pimjit {
namespace {

constexpr size_t kEnoughBytes = 256 * 1024;  // scan_toml() refuses more

TextPosition position_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

TomlValue convert(const toml::node& node);

void convert_children(const toml::array& array, TomlValue& value) {
  value.kind = TomlKind::array;
  for (const toml::node& item : array) value.items.push_back(convert(item));
}

void convert_children(const toml::table& table, TomlValue& value) {
  value.kind = TomlKind::table;
  for (const auto& [key, child] : table) {
    TomlValue converted = convert(child);
    converted.key_position = position_of(key.source());
    value.entries.push_back({std::string(key.str()), std::move(converted)});
  }
  std::sort(value.entries.begin(), value.entries.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
}

TomlValue convert(const toml::node& node) {
  TomlValue value;
  value.position = position_of(node.source());
  if (const auto* table = node.as_table()) {
    convert_children(*table, value);
  } else if (const auto* array = node.as_array()) {
    convert_children(*array, value);
  } else if (const auto* text = node.as_string()) {
    value.kind = TomlKind::text;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = TomlKind::integer;
    value.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    value.kind = TomlKind::real;
    value.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = TomlKind::boolean;
    value.boolean = boolean->get();
  } else {
    value.kind = TomlKind::date;
  }
  return value;
}

}  // namespace

const TomlValue* TomlValue::find(const std::string& key) const {
  if (kind != TomlKind::table) return nullptr;
  for (const auto& [name, value] : entries) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<TomlValue> parse_toml(const std::string& text, const std::string& file, Origin origin) {
  if (Status scanned = scan_toml(text, file, origin); !scanned) return fail(scanned.error());
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const TextPosition at = position_of(error.source());
    std::string what = cat("not valid TOML: ", error.description());
    return fail(Error{origin, "toml_syntax", std::move(what), place_text(file, at), "", nullptr});
  }
  return convert(parsed.table());
}

std::string place_text(const std::string& file, TextPosition position) {
  std::string text = file;
  if (position.line != 0) text += cat(":", position.line);
  if (position.line != 0 && position.column != 0) text += cat(":", position.column);
  return text;
}

const char* describe(TomlKind kind) {
  switch (kind) {
    case TomlKind::text:
      return "a text";
    case TomlKind::integer:
      return "an integer";
    case TomlKind::real:
      return "a number with a fraction";
    case TomlKind::boolean:
      return "true or false";
    case TomlKind::date:
      return "a date or time";
    case TomlKind::array:
      return "an array";
    case TomlKind::table:
      return "a table";
  }
  return "a value";
}

Result<std::string> read_text_file(const std::string& path, Origin origin) {
  const auto failed = [&](int number) {
    const std::string reason = std::error_code(number, std::generic_category()).message();
    return fail(Error{origin, "unreadable_file", cat("cannot read the file: ", reason), path,
                      "check the path and its permissions", nullptr});
  };
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return failed(errno);
  std::string text;
  char buffer[4096];
  size_t count = 0;
  while ((count = std::fread(buffer, 1, sizeof buffer, file)) > 0 && text.size() <= kEnoughBytes) {
    text.append(buffer, count);
  }
  const int number = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (number != 0) return failed(number);
  return text;
}

}  // namespace pimjit
