#ifndef PIMJIT_CORE_PLUGIN_TARGET_STRING_H_
#define PIMJIT_CORE_PLUGIN_TARGET_STRING_H_

#include <map>
#include <string>

#include "pimjit/core/support/error.h"

namespace pimjit {

// What a user writes to choose a machine: "name", "name:key=value,key=value" or "auto".
struct TargetString {
  std::string name;  // "" when automatic
  bool automatic = false;
  std::map<std::string, std::string> options;  // checked by apply_options only
};

// Errors (user): "bad_target_string" with a caret under the character at fault. Values are anything
// without a comma; `auto` has no options.
Result<TargetString> parse_target_string(const std::string& text);

// The canonical text, options sorted by key; reads back as the same.
std::string to_string(const TargetString& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_TARGET_STRING_H_
