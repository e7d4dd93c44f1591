#ifndef PIMJIT_PLUGINS_SIM_DPUTOOL_COMMAND_H_
#define PIMJIT_PLUGINS_SIM_DPUTOOL_COMMAND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::dputool {

using upmem::Expected;
using upmem::Status;

// Exit status of the tool.
enum ExitCode { kOk = 0, kUserError = 1, kTargetError = 2, kInternalError = 3 };

struct AssembleArguments {
  std::string input, output;
};

struct RunArguments {
  std::string program;
  std::vector<std::string> set;        // SYMBOL[+OFFSET]=VALUE
  std::vector<std::string> mram;       // OFFSET=FILE
  std::vector<std::string> read_mram;  // OFFSET:LENGTH=FILE
  std::vector<std::string> read;       // SYMBOL[+OFFSET]:LENGTH
  std::uint64_t max_instructions = std::uint64_t{1} << 40;
  std::uint32_t quantum = 4096;
  std::uint64_t max_cycles = std::uint64_t{1} << 40;
  std::vector<std::string> clock;  // NAME=VALUE
  bool cycles = false;
  bool profile = false;
  bool json = false;
};

// Each prints its result to standard output and its notes to standard error.
Expected<ExitCode> assemble(const AssembleArguments& arguments);
Expected<ExitCode> objdump(const std::string& program);
Expected<ExitCode> run(const RunArguments& arguments);

Expected<std::vector<std::uint8_t>> read_file(const std::string& path);
Status write_file(const std::string& path, const std::vector<std::uint8_t>& bytes);

}  // namespace pimjit::dputool

#endif  // PIMJIT_PLUGINS_SIM_DPUTOOL_COMMAND_H_
