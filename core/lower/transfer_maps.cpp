#include "pimjit/core/lower/transfer_maps.h"

#include "pimjit/core/lower/nest_values.h"
#include "pimjit/core/schedule/guards.h"

namespace pimjit {
namespace {

struct InstanceDigit {
  LoopId loop;
  int64_t extent;
  int64_t unit_stride;  // in the linear number of instances of the home's scope
  bool reduce;
};

// Loops that pick the instance of the home's scope, nest order.
std::vector<InstanceDigit> instance_digits(const TargetDesc& target, const StageSchedule& s,
                                           const StageLayout& layout,
                                           const OperandLayout& operand) {
  const int scope_level = target.scopes[static_cast<size_t>(operand.home.scope)].level;
  std::vector<InstanceDigit> digits;
  for (size_t p = 0; p < s.nest.size(); ++p) {
    const LoopId id = s.nest[p];
    const Loop& loop = s.loops[static_cast<size_t>(id)];
    if ((layout.bound >> id & 1) == 0 || loop.level > scope_level || loop.extent <= 1) continue;
    int64_t stride = 1;
    for (size_t q = p + 1; q < s.nest.size(); ++q) {
      const Loop& inner = s.loops[static_cast<size_t>(s.nest[q])];
      if (inner.level == loop.level && (layout.bound >> s.nest[q] & 1) != 0 && inner.extent > 1)
        stride *= inner.extent;
    }
    for (int level = loop.level + 1; level <= scope_level; ++level)
      stride *= layout.level_counts[static_cast<size_t>(level)];
    const bool used = (operand.leaves >> id & 1) != 0;
    const bool reduce = operand.access == kOutputAccess && loop.rfactored;
    if (used || reduce) digits.push_back({id, loop.extent, stride, reduce});
  }
  return digits;
}

// Iterations past a padded axis must read padding. Where the index is the axis itself, they do:
// they are outside the tensor. In a compound index another axis may bring them back inside, so that
// the axis must be tested.
Expr past_padded_axes(const Stage& stage, const std::vector<AffineIndex>& index,
                      const NestValues& values, LoopMask padded) {
  LoopMask compound = 0;
  for (const AffineIndex& dimension : index) {
    LoopMask used = 0;
    for (size_t a = 0; a < dimension.coefficients.size(); ++a) {
      if (dimension.coefficients[a] != 0) used |= LoopMask{1} << a;
    }
    const bool plain = (used & (used - 1)) == 0 && dimension.constant == 0;
    if (!plain) compound |= used;
  }
  Expr inside;
  for (LoopMask rest = compound & padded; rest != 0; rest &= rest - 1) {
    const int axis = __builtin_ctzll(rest);
    inside =
        both(inside, less_than(values.value(axis), stage.axes[static_cast<size_t>(axis)].extent));
  }
  return inside;
}

}  // namespace

OperandTransfer transfer_of(const TargetDesc& target, const StageSchedule& s, const Stage& stage,
                            const StageLayout& layout, const OperandLayout& operand) {
  OperandTransfer out;
  const int scope_level = target.scopes[static_cast<size_t>(operand.home.scope)].level;
  for (int level = 0; level <= scope_level; ++level)
    out.instances *= layout.level_counts[static_cast<size_t>(level)];

  TransferMap& map = out.map;
  map.slice_elements = operand.home.elements;
  std::vector<Expr> leaf(s.loops.size());
  const auto add_digit = [&](LoopId loop, int64_t extent, int64_t slice_stride,
                             int64_t element_stride, bool reduce) {
    leaf[static_cast<size_t>(loop)] = make_var(DType::i64, static_cast<int>(map.digits.size()));
    map.digits.push_back({extent, slice_stride, element_stride, reduce});
  };
  const std::vector<InstanceDigit> instances = instance_digits(target, s, layout, operand);
  for (const InstanceDigit& digit : instances) map.slices *= digit.extent;
  int64_t slice_stride = map.slices;
  for (const InstanceDigit& digit : instances) {
    slice_stride /= digit.extent;
    add_digit(digit.loop, digit.extent, slice_stride, 0, digit.reduce);
    out.unit_digits.push_back({digit.unit_stride, digit.extent, slice_stride});
  }
  for (const Digit& digit : operand.home.outer) {
    add_digit(
        digit.loop, digit.extent, 0, digit.stride,
        operand.access == kOutputAccess && s.loops[static_cast<size_t>(digit.loop)].rfactored);
  }
  for (const Digit& digit : operand.home.tile)
    add_digit(digit.loop, digit.extent, 0, digit.stride, false);

  const NestValues values(s, leaf, DType::i64);
  if (operand.access == kOutputAccess) {
    for (int a = 0; a < stage.rank; ++a) map.index.push_back(values.value(a));
    // Overlapping parts of guarded splits were computed once only: the guard says by whom.
    map.guard = values.guard(false, true);
  } else {
    const std::vector<AffineIndex>& index =
        stage.accesses[static_cast<size_t>(operand.access)].index;
    map.index = values.index(index);
    map.guard =
        past_padded_axes(stage, index, values, padded_axes(stage, s, pads_are_guards(layout)));
  }
  return out;
}

}  // namespace pimjit
