#ifndef PIMJIT_PLUGINS_SIM_MACHINE_CODE_MAP_H_
#define PIMJIT_PLUGINS_SIM_MACHINE_CODE_MAP_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pimjit/plugins/sim/machine/routine_shares.h"
#include "pimjit/plugins/upmem/compiler/line_map.h"
#include "pimjit/plugins/upmem/executor/program.h"

namespace pimjit::sim {

// What stands where in a program: the symbol and the statement of the kernel that an instruction
// belongs to. Immutable.
class CodeMap {
 public:
  CodeMap() = default;
  // `places` by number of statement, as in DeviceImage. Errors: user/bad_line_map.
  static upmem::Expected<CodeMap> make(const upmem::Program& program,
                                       std::vector<std::string> places);

  // "117 (main + 117), in `copy load A.wram <- A` in loops l5, l6", as far as it is known.
  std::string place_of(std::uint32_t pc) const;

  // `by_instruction` summed by statement, called routines shared out over the callers; statement,
  // sum in ascending order, zeros left out. What belongs to no statement is not in it.
  struct StatementSum {
    int statement = 0;
    std::uint64_t sum = 0;
    friend bool operator==(const StatementSum&, const StatementSum&) = default;
  };
  std::vector<StatementSum> by_statement(std::span<const std::uint64_t> by_instruction) const;

 private:
  struct Label {
    std::uint32_t pc = 0;
    std::string name;
  };
  std::vector<Label> labels_;  // ascending
  upmem::LineMap lines_;
  RoutineShares routines_;
  std::vector<std::string> places_;
};

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_MACHINE_CODE_MAP_H_
