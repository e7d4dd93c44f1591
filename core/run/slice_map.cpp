#include "pimjit/core/run/slice_map.h"

#include "pimjit/core/ir/substitute.h"

namespace pimjit {

TransferMap slice_of(const TransferMap& map, int64_t slice) {
  TransferMap part = map;
  part.digits.clear();
  part.slices = 1;
  Substitution values;
  for (size_t d = 0; d < map.digits.size(); ++d) {
    const MapDigit& digit = map.digits[d];
    const int var = static_cast<int>(d);
    if (digit.slice_stride > 0) {
      values.set(var, make_int(DType::i64, slice / digit.slice_stride % digit.extent));
      continue;
    }
    values.set(var, make_var(DType::i64, static_cast<int>(part.digits.size())));
    part.digits.push_back(digit);
  }
  for (Expr& e : part.index) e = substitute(e, values);
  if (part.guard) part.guard = substitute(part.guard, values);
  return part;
}

int64_t slice_of_unit(const std::vector<UnitDigit>& digits, int64_t unit) {
  int64_t slice = 0;
  for (const UnitDigit& d : digits) slice += unit / d.unit_stride % d.extent * d.slice_stride;
  return slice;
}

}  // namespace pimjit
