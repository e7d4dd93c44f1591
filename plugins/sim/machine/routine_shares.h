#ifndef PIMJIT_PLUGINS_SIM_MACHINE_ROUTINE_SHARES_H_
#define PIMJIT_PLUGINS_SIM_MACHINE_ROUTINE_SHARES_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "pimjit/plugins/upmem/compiler/line_map.h"
#include "pimjit/plugins/upmem/executor/program.h"

namespace pimjit::sim {

// What a program's called routines took, shared out over the statements that call them. Immutable.
class RoutineShares {
 public:
  RoutineShares() = default;
  RoutineShares(const upmem::Program& program, const upmem::LineMap& lines);

  // `by_instruction`: how often each instruction was issued. Adds to the sum of each statement what
  // the routines it calls have issued: of each routine in proportion to the calls. Routines called
  // by routines are the statements' in the end; those that no executed call leads to are nobody's.
  // The sums stay whole numbers and nothing is counted twice.
  void add(std::span<const std::uint64_t> by_instruction, std::map<int, std::uint64_t>& sums) const;

 private:
  struct Call {
    std::uint32_t pc = 0;
    int statement = upmem::LineMap::kNoStatement;
    std::size_t caller = 0;  // a routine, where there is no statement
  };
  struct Routine {
    std::vector<std::uint32_t> instructions;  // those of no statement
    std::vector<Call> calls;                  // of this routine
  };
  using Weights = std::map<int, double>;  // by statement
  Weights weights(const Routine& routine, std::span<const std::uint64_t> by_instruction,
                  int depth) const;

  std::vector<Routine> routines_;
};

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_MACHINE_ROUTINE_SHARES_H_
