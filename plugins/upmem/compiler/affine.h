#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_AFFINE_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_AFFINE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "pimjit/plugins/upmem/compiler/code.h"

namespace pimjit::upmem {

// A sum of multiples of atoms plus a constant: what indices, addresses and bounds are. Registers
// hold it modulo 2^32.
struct Affine {
  struct Term {
    int atom = 0;
    std::int64_t factor = 1;
    friend auto operator<=>(const Term&, const Term&) = default;
  };
  std::vector<Term> terms;  // by atom, factors not 0
  std::int64_t constant = 0;

  std::int64_t factor_of(int atom) const;
  Affine without(int atom) const;
  bool is_constant() const { return terms.empty(); }
  friend auto operator<=>(const Affine&, const Affine&) = default;
};

Affine constant_affine(std::int64_t value);
Affine atom_affine(int atom);
// a + scale * b. Nothing when a factor gets so large that ranges could overflow.
std::optional<Affine> combine(const Affine& a, const Affine& b, std::int64_t scale);

struct Range {
  std::int64_t low = 0, high = 0;
  bool in_word() const { return low >= INT32_MIN && high <= INT32_MAX; }
};
// Stands for "anything": wide enough to be beyond a word, narrow enough to be multiplied.
inline constexpr std::int64_t kUnknownBound = std::int64_t{1} << 36;
inline constexpr std::int64_t kLargestFactor = std::int64_t{1} << 22;

// A value that sums are made of. `depth` is the number of loops around its definition.
struct Atom {
  enum class Kind : std::uint8_t {
    instance,   // the thread's number
    word,       // a word of WRAM that the host wrote, at address `number`
    induction,  // the variable of a loop
    value,      // in `reg`
    quotient,   // of `operand` by `number`, truncated
    remainder,
  };
  Kind kind = Kind::value;
  int depth = 0;
  Range range;
  std::int64_t multiple = 1;  // divides the value
  VReg reg;
  std::int64_t number = 0;
  Affine operand;
};

class Atoms {
 public:
  int add(Atom atom);
  // The quotient or remainder of `operand` by `number`: the same atom for the same operands.
  int divided(Atom::Kind kind, const Affine& operand, std::int64_t number);
  const Atom& operator[](int atom) const { return atoms_[static_cast<std::size_t>(atom)]; }
  int depth_of(const Affine& a) const;
  Range range_of(const Affine& a) const;
  // The largest known divisor of every value of `a`; 0 for the constant 0.
  std::int64_t multiple_of(const Affine& a) const;

 private:
  std::vector<Atom> atoms_;
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_AFFINE_H_
