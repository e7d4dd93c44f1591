#ifndef PIMJIT_TOOLS_PIMJIT_MEASURING_OPTIONS_H_
#define PIMJIT_TOOLS_PIMJIT_MEASURING_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/problem.h"

namespace pimjit::cli {

// --jobs, --isolate, --timeout, --memory: how candidates are measured.
struct MeasuringOptions {
  int64_t jobs = 0;              // 0: one per core; 1 where times are measured
  std::optional<bool> isolate;   // none: where times are measured
  double timeout = 0;            // seconds; 0: the default
  int64_t memory_megabytes = 0;  // 0: the machine's memory, shared by the jobs

  void add_to(CLI::App* command);
  // Errors (user): "contradictory_options" for limits without processes that could be held to them.
  Status check(TimeOrigin origin) const;
  // Errors: those of check, and of the measurer.
  Result<std::unique_ptr<Measurer>> measurer(const std::shared_ptr<const Problem>& problem) const;
};

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_MEASURING_OPTIONS_H_
