#ifndef PIMJIT_PLUGINS_UPMEM_ISA_SELECT_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_SELECT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::upmem {

// An operand as written: a register code 0..31, a pair (its even register), a number (immediate or
// instruction index), a condition.
struct Operand {
  enum class Kind : std::uint8_t { reg, pair, number, condition };
  Kind kind = Kind::number;
  std::int64_t value = 0;

  friend bool operator==(const Operand&, const Operand&) = default;
};

inline Operand reg(int code) {
  return {Operand::Kind::reg, code};
}
inline Operand pair(int even) {
  return {Operand::Kind::pair, even};
}
inline Operand number(std::int64_t value) {
  return {Operand::Kind::number, value};
}
inline Operand condition(Condition c) {
  return {Operand::Kind::condition, static_cast<std::int64_t>(c)};
}

// Register names: r0..r23 d0..d22 and the read-only sources zero one lneg mneg id id2 id4 id8.
std::string register_name(int code);
std::optional<Operand> find_register(std::string_view text);

// Why no form fits: the operand that failed in the form that got furthest, and what would fit
// there.
struct Mismatch {
  int operand = 0;  // from 0; the number of operands given when one is missing
  std::string expected;
};

// The preferred form of the operation that takes these operands. A last condition `false` asks for
// the plain form whose immediate has 24 bits (27 or 28 when the result is discarded) instead of 32.
tl::expected<Instruction, Mismatch> select(Op op, Extend extend, std::span<const Operand> operands);

// By mnemonic, aliases included. Nothing but a mismatch of operand -1 when the mnemonic is unknown.
tl::expected<Instruction, Mismatch> select(std::string_view mnemonic,
                                           std::span<const Operand> operands);
bool is_mnemonic(std::string_view text);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_SELECT_H_
