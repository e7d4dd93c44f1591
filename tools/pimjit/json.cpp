#include "pimjit/tools/pimjit/json.h"

#include <cmath>
#include <cstdio>

#include "pimjit/core/support/text.h"

namespace pimjit::cli {

std::string json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json(const char* text) {
  return json(std::string_view(text));
}
std::string json(int64_t value) {
  return std::to_string(value);
}
std::string json(double value) {
  return std::isfinite(value) ? shortest(value) : "null";
}
std::string json(bool value) {
  return value ? "true" : "false";
}

std::string json_array(const std::vector<std::string>& values) {
  return cat("[", join(values, ","), "]");
}

JsonObject& JsonObject::add_text(std::string_view name, std::string_view text) {
  if (!members_.empty()) members_ += ',';
  members_ += cat(json(name), ":", text);
  return *this;
}

std::string json_of(const Error& error) {
  JsonObject object;
  object.add("origin", to_string(error.origin))
      .add("code", error.code)
      .add("what", error.what)
      .add("where", error.where)
      .add("hint", error.hint);
  if (error.cause) object.add_text("cause", json_of(*error.cause));
  return object.text();
}

}  // namespace pimjit::cli
