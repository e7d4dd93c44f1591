#ifndef PIMJIT_TESTS_CLI_COMMAND_LINE_H_
#define PIMJIT_TESTS_CLI_COMMAND_LINE_H_

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "pimjit/build_paths.h"

namespace pimjit {

// What a finished command left behind.
struct Ran {
  int status = -1;
  std::string out, err;
  nlohmann::json json() const { return nlohmann::json::parse(out); }  // null value when malformed
};

inline const std::filesystem::path kPlugins = PIMJIT_BINARY_DIR "/tests/plugins";

// Runs `bin/pimjit ARGUMENTS` through a shell, in an empty folder of the running test, with
// PIMJIT_PLUGIN_PATH naming the toy chips' folder unless `environment` says otherwise.
Ran pimjit_command(const std::string& arguments, const std::string& environment = "");

// The same for any program of the build tree, by path below it.
Ran run_program(const std::string& program, const std::string& arguments,
                const std::string& environment = "");

// The folder that commands of the running test run in; empty at its first use.
std::filesystem::path scratch();

void write_file(const std::filesystem::path& path, const std::string& text);
std::string read_file(const std::filesystem::path& path);

}  // namespace pimjit

#endif  // PIMJIT_TESTS_CLI_COMMAND_LINE_H_
