#ifndef PIMJIT_TOOLS_PIMJIT_TERMINAL_H_
#define PIMJIT_TOOLS_PIMJIT_TERMINAL_H_

#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/support/error.h"

namespace pimjit::cli {

// Writes to standard output. Error (user) from finish_output when something could not be written.
void print(std::string_view text);
Status finish_output();
// "error[code]: what, where, hint" on standard error.
void print_error(const Error& error);
// "note: ..." on standard error.
void print_note(std::string_view text);

// Escape sequences around `text`, when standard output is a terminal and NO_COLOR is not set.
std::string bold(std::string_view text);
std::string green(std::string_view text);
std::string red(std::string_view text);
std::string dim(std::string_view text);

// Rows of cells, each column as wide as its widest cell, two blanks between, `indent` before. A
// column is flushed right where `right` holds 'r' at its position.
std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view alignment,
                  std::string_view indent = "  ");

// Plugin messages to standard error, from warnings up; all of them with PIMJIT_LOG=debug.
HostServices plugin_services();

// The value of an environment variable, "" when absent.
std::string environment(const char* name);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_TERMINAL_H_
