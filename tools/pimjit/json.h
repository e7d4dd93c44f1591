#ifndef PIMJIT_TOOLS_PIMJIT_JSON_H_
#define PIMJIT_TOOLS_PIMJIT_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/support/error.h"

namespace pimjit::cli {

// JSON text of one value.
std::string json(std::string_view text);  // quoted and escaped
std::string json(const char* text);
std::string json(int64_t value);
std::string json(double value);  // null when not finite
std::string json(bool value);
std::string json_array(const std::vector<std::string>& values);  // of JSON texts

// An object whose members stand in the order they were added.
class JsonObject {
 public:
  template <typename Value>
  JsonObject& add(std::string_view name, const Value& value) {
    return add_text(name, json(value));
  }
  // `text` is JSON already.
  JsonObject& add_text(std::string_view name, std::string_view text);
  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

// {"origin", "code", "what", "where", "hint", "cause"}.
std::string json_of(const Error& error);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_JSON_H_
