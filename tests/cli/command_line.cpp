#include "pimjit/tests/cli/command_line.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pimjit/build_paths.h"

namespace pimjit {
namespace fs = std::filesystem;

fs::path scratch() {
  static std::string last;
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = std::string(test->test_suite_name()) + "." + test->name();
  const fs::path folder = fs::path(PIMJIT_BINARY_DIR) / "tests/cli_scratch" / name;
  if (name != last) {
    fs::remove_all(folder);
    fs::create_directories(folder / "cwd");
    last = name;
  }
  return folder / "cwd";
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Ran run_program(const std::string& program, const std::string& arguments,
                const std::string& environment) {
  const fs::path folder = scratch();
  const fs::path out = folder.parent_path() / "out", err = folder.parent_path() / "err";
  const std::string command = "cd '" + folder.string() + "' && env PIMJIT_PLUGIN_PATH='" +
                              kPlugins.string() + "' " + environment + " '" PIMJIT_BINARY_DIR "/" +
                              program + "' " + arguments + " > '" + out.string() + "' 2> '" +
                              err.string() + "' < /dev/null";
  Ran ran;
  const int status = std::system(command.c_str());
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ran.out = read_file(out);
  ran.err = read_file(err);
  return ran;
}

Ran pimjit_command(const std::string& arguments, const std::string& environment) {
  return run_program("bin/pimjit", arguments, environment);
}

}  // namespace pimjit
