#ifndef PIMJIT_PLUGINS_SIM_DPUTOOL_PROFILE_H_
#define PIMJIT_PLUGINS_SIM_DPUTOOL_PROFILE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pimjit/plugins/sim/timing/strict_run.h"
#include "pimjit/plugins/upmem/assembler/disassembler.h"

namespace pimjit::dputool {

// Where a program spent its instructions and, under the clock, its cycles.
struct Spent {
  std::uint64_t issued = 0;
  // Cycles in which the DPU waited for an instruction's way through the pipeline, for a transfer,
  // and for the register banks.
  std::uint64_t pipeline = 0, dma = 0, banks = 0;
  std::uint64_t cycles() const { return issued + pipeline + dma + banks; }
};

struct Profile {
  struct Symbol {
    std::string name;  // "(start)": code before the first symbol
    Spent spent;
  };
  std::vector<upmem::Line> lines;
  std::vector<Spent> spent;     // by line
  std::vector<Symbol> symbols;  // that spent anything, most first
  bool clocked = false;         // false: instructions are known only
};

Profile profile_of(const upmem::Image& image, std::span<const std::uint64_t> issued_at);
Profile profile_of(const upmem::Image& image, const sim::InstructionProfile& times);

// The two tables: by symbol, then by instruction.
void print_text(const Profile& profile);
// Members "symbols" and "instructions" of an object, with a comma before each.
void print_json(const Profile& profile);

// A string as JSON has it.
std::string quoted(const std::string& text);

}  // namespace pimjit::dputool

#endif  // PIMJIT_PLUGINS_SIM_DPUTOOL_PROFILE_H_
