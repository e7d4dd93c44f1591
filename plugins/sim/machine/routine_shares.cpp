#include "pimjit/plugins/sim/machine/routine_shares.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::sim {
namespace {

constexpr std::int64_t kZeroRegister = 24;

// Where `call link, zero, target` goes; returns, which jump through a register, go nowhere known.
std::optional<std::uint32_t> called_by(std::uint64_t word) {
  const auto instruction = upmem::decode(word);
  if (!instruction || instruction->shape().op != upmem::Op::call) return std::nullopt;
  const auto& values = instruction->values;
  if (values[0] == kZeroRegister || values[1] != kZeroRegister) return std::nullopt;
  return static_cast<std::uint32_t>(values[2]);
}

}  // namespace

RoutineShares::RoutineShares(const upmem::Program& program, const upmem::LineMap& lines) {
  std::map<std::uint32_t, std::vector<std::uint32_t>>
      callers;  // by the routine's first instruction
  for (std::uint32_t pc = 0; pc < program.size(); ++pc)
    if (const auto target = called_by(program.word(pc)))
      if (!lines.statement_of(*target)) callers[*target].push_back(pc);
  std::map<std::uint32_t, std::size_t> number;  // of a routine, by its first instruction
  for (const auto& [first, pcs] : callers) number.emplace(first, number.size());
  const auto routine_at = [&](std::uint32_t pc) -> std::optional<std::size_t> {
    const auto after = number.upper_bound(pc);
    if (after == number.begin() || lines.statement_of(pc)) return std::nullopt;
    return std::prev(after)->second;
  };
  routines_.resize(number.size());
  for (const auto& [first, pcs] : callers)
    for (const std::uint32_t pc : pcs) {
      const auto statement = lines.statement_of(pc);
      const auto caller = routine_at(pc);
      if (!statement && !caller) continue;
      routines_[number.at(first)].calls.push_back(
          {pc, statement.value_or(upmem::LineMap::kNoStatement), caller.value_or(0)});
    }
  for (std::uint32_t pc = 0; pc < program.size(); ++pc)
    if (const auto routine = routine_at(pc)) routines_[*routine].instructions.push_back(pc);
}

RoutineShares::Weights RoutineShares::weights(const Routine& routine,
                                              std::span<const std::uint64_t> by_instruction,
                                              int depth) const {
  constexpr int kDeepest = 4;  // routines that call routines; a cycle ends here
  Weights found;
  for (const Call& call : routine.calls) {
    const auto times = static_cast<double>(by_instruction[call.pc]);
    if (call.statement != upmem::LineMap::kNoStatement) {
      if (times > 0) found[call.statement] += times;
      continue;
    }
    if (depth == kDeepest || times == 0) continue;
    const Weights outer = weights(routines_[call.caller], by_instruction, depth + 1);
    double whole = 0;
    for (const auto& [statement, weight] : outer) whole += weight;
    for (const auto& [statement, weight] : outer) found[statement] += times * weight / whole;
  }
  return found;
}

void RoutineShares::add(std::span<const std::uint64_t> by_instruction,
                        std::map<int, std::uint64_t>& sums) const {
  for (const Routine& routine : routines_) {
    std::uint64_t issued = 0;
    for (const std::uint32_t pc : routine.instructions) issued += by_instruction[pc];
    const Weights shares = weights(routine, by_instruction, 0);
    double whole = 0;
    for (const auto& [statement, weight] : shares) whole += weight;
    // Up to here, and then the next statement's: what rounding takes from one it gives to another.
    double reached = 0;
    std::uint64_t given = 0;
    for (const auto& [statement, weight] : shares) {
      reached += weight;
      const auto until = std::min(issued, static_cast<std::uint64_t>(std::llround(
                                              static_cast<double>(issued) * (reached / whole))));
      if (until > given) sums[statement] += until - given;
      given = std::max(given, until);
    }
  }
}

}  // namespace pimjit::sim
