#ifndef PIMJIT_CORE_SCHEDULE_NEUTRAL_PADDING_H_
#define PIMJIT_CORE_SCHEDULE_NEUTRAL_PADDING_H_

#include <optional>
#include <vector>

#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// What the host writes where an operand is padded. `needed`: the value matters, since the operand
// depends on a padded reduction axis and no other operand's value hides it. The value is one of the
// tensor's type; it may lie outside the tensor's declared range.
struct PaddingValue {
  bool needed = false;
  int64_t integer = 0;
  double real = 0;
};

// One value per access such that the body of the stage equals the reducer's identity wherever one
// of the padded reduction axes (bits of `axes`; spatial ones are ignored) is past its extent,
// whatever stands where no value is needed: in a sum of products one factor is enough.
// nullopt when no combination of 0, 1, -1 and the identity does. Rules and what is assumed of f32:
// docs/schedule.md, "Edges". Pure.
std::optional<std::vector<PaddingValue>> neutral_padding(const Workload& w, int stage,
                                                         LoopMask axes);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_NEUTRAL_PADDING_H_
