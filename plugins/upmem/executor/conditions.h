#ifndef PIMJIT_PLUGINS_UPMEM_EXECUTOR_CONDITIONS_H_
#define PIMJIT_PLUGINS_UPMEM_EXECUTOR_CONDITIONS_H_

#include <cstdint>

#include "pimjit/plugins/upmem/isa/condition.h"

namespace pimjit::upmem {

// What a condition looks at. For a subtraction x - y the second addend is ~y, so that overflow and
// the carries into a bit have one formula, and `carry` is the borrow.
struct Outcome32 {
  std::uint32_t result, a, b, left, right, carry, zero_before;
};

inline bool holds(Condition condition, const Outcome32& o) {
  const bool zero = o.result == 0;
  const bool chained_zero = zero && o.zero_before == 0;
  const bool negative = o.result >> 31;
  const bool overflow = (~(o.left ^ o.right) & (o.left ^ o.result)) >> 31;
  const auto no_carry_into = [&o](int bit) {
    return ((o.left ^ o.right ^ o.result) >> bit & 1) == 0;
  };
  switch (condition) {
    case Condition::never:
      return false;
    case Condition::always:
      return true;
    case Condition::z:
      return zero;
    case Condition::nz:
      return !zero;
    case Condition::xz:
      return chained_zero;
    case Condition::xnz:
      return !chained_zero;
    case Condition::pl:
      return !negative;
    case Condition::mi:
      return negative;
    case Condition::max:
      return o.result == 32;
    case Condition::nmax:
      return o.result != 32;
    case Condition::sz:
      return o.a == 0;
    case Condition::snz:
      return o.a != 0;
    case Condition::spl:
      return o.a >> 31 == 0;
    case Condition::smi:
      return o.a >> 31 != 0;
    case Condition::ov:
      return overflow;
    case Condition::nov:
      return !overflow;
    case Condition::c:
    case Condition::ltu:
      return o.carry != 0;
    case Condition::nc:
    case Condition::geu:
      return o.carry == 0;
    case Condition::lts:
      return negative != overflow;
    case Condition::ges:
      return negative == overflow;
    case Condition::les:
      return negative != overflow || zero;
    case Condition::gts:
      return negative == overflow && !zero;
    case Condition::leu:
      return o.carry != 0 || zero;
    case Condition::gtu:
      return o.carry == 0 && !zero;
    case Condition::xles:
      return negative != overflow || chained_zero;
    case Condition::xgts:
      return negative == overflow && !chained_zero;
    case Condition::xleu:
      return o.carry != 0 || chained_zero;
    case Condition::xgtu:
      return o.carry == 0 && !chained_zero;
    case Condition::nc5:
    case Condition::nc6:
    case Condition::nc7:
    case Condition::nc8:
    case Condition::nc9:
    case Condition::nc10:
    case Condition::nc11:
    case Condition::nc12:
    case Condition::nc13:
    case Condition::nc14:
      return no_carry_into(5 + static_cast<int>(condition) - static_cast<int>(Condition::nc5));
    case Condition::e:
      return (o.result & 1) == 0;
    case Condition::o:
      return (o.result & 1) != 0;
    case Condition::se:
      return (o.a & 1) == 0;
    case Condition::so:
      return (o.a & 1) != 0;
    case Condition::sh32:
      return (o.b & 32) != 0;
    case Condition::nsh32:
      return (o.b & 32) == 0;
    case Condition::small:
      return ((o.a | o.b) & 0xffffff00) == 0;
    case Condition::large:
      return ((o.a | o.b) & 0xffffff00) != 0;
  }
  return false;
}

// small and large are sure only where both readings of "the high bytes contribute nothing" (bits
// 15:8, bits 31:8) agree.
inline bool size_is_ambiguous(Condition condition, const Outcome32& o) {
  if (condition != Condition::small && condition != Condition::large) return false;
  const std::uint32_t both = o.a | o.b;
  return ((both & 0xff00) == 0) != ((both & 0xffffff00) == 0);
}

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_EXECUTOR_CONDITIONS_H_
