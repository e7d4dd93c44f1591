#ifndef PIMJIT_TOOLS_PIMJIT_COMMAND_H_
#define PIMJIT_TOOLS_PIMJIT_COMMAND_H_

#include <functional>

#include <CLI/CLI.hpp>

#include "pimjit/core/support/error.h"

namespace pimjit::cli {

// What the command line asks for. Parsing only fills it in; main() runs the action afterwards,
// prints its error, and turns the error's origin into the exit status.
struct Chosen {
  std::function<Status()> action;
  bool json = false;      // standard output is one JSON object, of an error too
  bool answered = false;  // that object has been printed already
};

// Each declares one subcommand and its options, in the file named after it.
void add_run(CLI::App& app, Chosen& chosen);
void add_show(CLI::App& app, Chosen& chosen);
void add_tune(CLI::App& app, Chosen& chosen);
void add_replay(CLI::App& app, Chosen& chosen);
void add_db(CLI::App& app, Chosen& chosen);
void add_targets(CLI::App& app, Chosen& chosen);
void add_doctor(CLI::App& app, Chosen& chosen);
void add_plugin_check(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_COMMAND_H_
