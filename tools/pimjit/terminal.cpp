#include "pimjit/tools/pimjit/terminal.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "pimjit/core/support/text.h"

namespace pimjit::cli {
namespace {

bool coloured(int descriptor) {
  return ::isatty(descriptor) != 0 && environment("NO_COLOR").empty() &&
         environment("TERM") != "dumb";
}

std::string painted(std::string_view text, const char* code, int descriptor = STDOUT_FILENO) {
  return coloured(descriptor) ? cat("\033[", code, "m", text, "\033[0m") : std::string(text);
}

void print_to(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

}  // namespace

void print(std::string_view text) {
  print_to(stdout, text);
}

Status finish_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return fail(user_error("unwritable_output",
                         cat("cannot write to standard output: ", std::strerror(errno))));
}

void print_error(const Error& error) {
  std::fflush(stdout);
  print_to(stderr, cat(painted(cat("error[", error.code, "]"), "1;31", STDERR_FILENO), ": ",
                       error.message(), "\n"));
}

void print_note(std::string_view text) {
  std::fflush(stdout);
  print_to(stderr, cat("note: ", text, "\n"));
}

std::string bold(std::string_view text) {
  return painted(text, "1");
}
std::string green(std::string_view text) {
  return painted(text, "32");
}
std::string red(std::string_view text) {
  return painted(text, "31");
}
std::string dim(std::string_view text) {
  return painted(text, "2");
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view alignment,
                  std::string_view indent) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent);
    for (size_t c = 0; c < row.size(); ++c) {
      if (c > 0) line += "  ";
      const std::string gap(widths[c] - row[c].size(), ' ');
      const bool right = c < alignment.size() && alignment[c] == 'r';
      line += right ? gap + row[c] : row[c] + gap;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

HostServices plugin_services() {
  const bool all = environment("PIMJIT_LOG") == "debug";
  HostServices services;
  services.log = [all](PluginLogLevel level, std::string_view message) {
    if (!all && level < PluginLogLevel::warning) return;
    print_to(stderr, cat("plugin: ", message, "\n"));
  };
  return services;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace pimjit::cli
