#include "pimjit/core/support/data_path.h"

#include <cstdlib>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::string value_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::string data_path(const char* variable, const std::string& name) {
  if (std::string path = value_of(variable); !path.empty()) return path;
  // Relative folders are to be ignored (XDG Base Directory Specification).
  if (const std::string data = value_of("XDG_DATA_HOME"); data.starts_with('/')) {
    return cat(data, "/pimjit/", name);
  }
  const std::string home = value_of("HOME");
  if (!home.starts_with('/')) return {};
  return cat(home, "/.local/share/pimjit/", name);
}

}  // namespace pimjit
