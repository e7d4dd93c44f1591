#ifndef PIMJIT_TOOLS_PIMJIT_COMPUTATION_OPTIONS_H_
#define PIMJIT_TOOLS_PIMJIT_COMPUTATION_OPTIONS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "pimjit/core/workload/notation.h"

namespace pimjit::cli {

// What `run` and `show` are told about the computation, its target and its schedule.
struct ComputationOptions {
  std::string computation;
  std::vector<std::string> sizes, dtypes, ranges;  // "i=4096,k=70", "i32" or "A=i8", "A=0..49"
  std::string target;
  std::string schedule = "default";
  std::string database;  // "": default_database_path()
  std::vector<std::string> plugins;
  std::vector<std::string> without_passes;  // optional passes of lowering to leave out

  void add_to(CLI::App* command);
  Result<Workload> workload() const;
};

// "a=1,b=2" of each text -> {{a, 1}, {b, 2}}. Errors (user): "option_syntax", "repeated_name".
Result<std::map<std::string, std::string>> parse_pairs(const std::string& option,
                                                       const std::vector<std::string>& texts,
                                                       const std::string& form);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_COMPUTATION_OPTIONS_H_
