#ifndef PIMJIT_PLUGINS_UPMEM_ISA_ALIAS_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_ALIAS_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "pimjit/plugins/upmem/isa/select.h"

namespace pimjit::upmem {

// One row of aliases.def.
struct Alias {
  enum class Take : std::uint8_t { none, reg, pair, number, reg_or_number, condition };
  struct Item {
    int argument = -1;  // position in the pattern, or -1 for the constant
    Operand constant;
  };
  const char* text;
  std::array<Take, 4> pattern;
  Op op;
  Extend extend;
  bool narrow;
  std::array<Item, 5> items;
  std::uint8_t pattern_count, item_count;
};

std::span<const Alias> aliases();

// The operands of the instruction meant; empty when the pattern does not fit.
std::vector<Operand> expand(const Alias& alias, std::span<const Operand> arguments);
// The reverse; false when these are not operands the alias can stand for.
bool contract(const Alias& alias, std::span<const Operand> operands,
              std::vector<Operand>& arguments);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_ALIAS_H_
