#ifndef PIMJIT_TOOLS_PIMJIT_PLUGINS_H_
#define PIMJIT_TOOLS_PIMJIT_PLUGINS_H_

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "pimjit/core/plugin/discovery.h"
#include "pimjit/core/run/open_target.h"

namespace pimjit::cli {

// --plugin PATH, as often as wanted.
void add_plugin_option(CLI::App* command, std::vector<std::string>& paths);

// All plugins: those of `paths`, of PIMJIT_PLUGIN_PATH, of the installation this command belongs
// to.
Discovery discover_plugins(const std::vector<std::string>& paths);

// The target named `target`; with "" or "auto" the only one there is.
Result<OpenTarget> open_chosen_target(const std::string& target,
                                      const std::vector<std::string>& paths);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_PLUGINS_H_
