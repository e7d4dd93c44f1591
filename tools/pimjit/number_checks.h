#ifndef PIMJIT_TOOLS_PIMJIT_NUMBER_CHECKS_H_
#define PIMJIT_TOOLS_PIMJIT_NUMBER_CHECKS_H_

#include <string>

#include <CLI/CLI.hpp>

namespace pimjit::cli {

// Of an option's value: "'-5' is no number of at least 0", "'0' is no number above 0".
inline CLI::Validator at_least_zero() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0;
        const bool fine = CLI::detail::lexical_cast(text, value) && value >= 0;
        return fine ? std::string() : "'" + text + "' is no number of at least 0";
      },
      "");
}

inline CLI::Validator above_zero() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0;
        const bool fine = CLI::detail::lexical_cast(text, value) && value > 0;
        return fine ? std::string() : "'" + text + "' is no number above 0";
      },
      "");
}

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_NUMBER_CHECKS_H_
