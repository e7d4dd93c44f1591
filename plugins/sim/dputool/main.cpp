// dputool as | objdump | run: DPU machine code from the command line.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "pimjit/plugins/sim/dputool/command.h"

namespace pimjit::dputool {
namespace {

int report(const Expected<ExitCode>& result) {
  if (result) return *result;
  std::fprintf(stderr, "dputool: %s\n", result.error().message().c_str());
  switch (result.error().origin) {
    case upmem::Origin::user:
      return kUserError;
    case upmem::Origin::target:
      return kTargetError;
    case upmem::Origin::internal:
      break;
  }
  return kInternalError;
}

int tool(int argc, char** argv) {
  CLI::App app("Assembles, shows and runs DPU executables");
  app.require_subcommand(1);

  AssembleArguments assembling;
  CLI::App* as = app.add_subcommand("as", "Assemble a source file into an executable");
  as->add_option("input", assembling.input, "Assembler source")->required();
  as->add_option("-o,--output", assembling.output, "Executable to write")->required();

  std::string shown;
  CLI::App* dump = app.add_subcommand("objdump", "Show memory map, sections, symbols and code");
  dump->add_option("program", shown, "Executable")->required();

  RunArguments running;
  CLI::App* execute = app.add_subcommand("run", "Execute a program on one DPU");
  execute->add_option("program", running.program, "Executable")->required();
  execute->add_option("--set", running.set,
                      "SYMBOL[+OFFSET]=NUMBER or =hex:BYTES, before the launch");
  execute->add_option("--mram", running.mram, "OFFSET=FILE, copied to MRAM before the launch");
  execute->add_option("--read-mram", running.read_mram,
                      "OFFSET:LENGTH=FILE, written after the launch");
  execute->add_option("--read", running.read, "SYMBOL[+OFFSET]:LENGTH, shown after the launch");
  execute->add_option("--max-instructions", running.max_instructions, "Give up after this many");
  execute->add_option("--quantum", running.quantum, "Instructions per turn of a thread");
  execute->add_flag(
      "--profile", running.profile,
      "Tables by symbol and by instruction: what was issued; with --cycles where the cycles went");
  execute->add_flag("--cycles", running.cycles, "Run under the clock of the simulated machine");
  execute
      ->add_option("--clock", running.clock,
                   "NAME=VALUE, a parameter of the clock as in sim.toml: reissue, read_latency, "
                   "write_latency, per_byte, engine_start, register_banks")
      ->needs("--cycles");
  execute->add_option("--max-cycles", running.max_cycles, "Give up after this many")
      ->needs("--cycles");
  execute->add_flag("--json", running.json, "Print one JSON object");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUserError;
  }
  if (as->parsed()) return report(assemble(assembling));
  if (dump->parsed()) return report(objdump(shown));
  return report(run(running));
}

}  // namespace
}  // namespace pimjit::dputool

int main(int argc, char** argv) {
  try {
    return pimjit::dputool::tool(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dputool: internal error: %s\n", error.what());
    return pimjit::dputool::kInternalError;
  }
}
