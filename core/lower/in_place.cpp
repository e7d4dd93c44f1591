#include "pimjit/core/lower/in_place.h"

#include <algorithm>
#include <optional>

#include "pimjit/core/ir/linear.h"
#include "pimjit/core/lower/boundary.h"

namespace pimjit {
namespace {

// constant + sum of coefficient * digit.
struct DigitForm {
  int64_t constant = 0;
  std::vector<int64_t> coefficients;
};

// Reads expressions over the digits of a map, all of which are in their ranges.
class MapForms {
 public:
  explicit MapForms(const TransferMap& map) : map_(map), facts_(no_tables_) {
    for (size_t d = 0; d < map.digits.size(); ++d)
      facts_.bind(static_cast<int>(d), in_range(0, std::max<int64_t>(map.digits[d].extent - 1, 0)));
  }

  std::optional<DigitForm> form(const Expr& e) const { return read(linear_form(e, facts_)); }
  // a - b of the comparison a < b; others are none.
  std::optional<DigitForm> below_zero(const Expr& condition) const {
    if (condition->kind != ExprKind::Binary || as<Binary>(condition).op != BinaryOp::lt)
      return std::nullopt;
    return read(difference(as<Binary>(condition).a, as<Binary>(condition).b, facts_));
  }

 private:
  std::optional<DigitForm> read(const std::optional<LinearForm>& linear) const {
    if (!linear) return std::nullopt;
    DigitForm out{linear->constant, std::vector<int64_t>(map_.digits.size(), 0)};
    for (const LinearForm::Term& term : linear->terms) {
      if (term.atom->kind != ExprKind::Var) return std::nullopt;
      out.coefficients[static_cast<size_t>(as<Var>(term.atom).id)] = term.coefficient;
    }
    return out;
  }

  const TransferMap& map_;
  const Kernel no_tables_{};
  Facts facts_;
};

bool picks_slice(const MapDigit& digit) {
  return digit.slice_stride > 0;
}

// The element of the row-major tensor at a position of the map.
Expr address(const std::vector<Expr>& index, const Tensor& tensor) {
  Expr sum = make_int(DType::i64, 0);
  int64_t stride = 1;
  for (size_t dim = tensor.shape.size(); dim-- > 0;) {
    const Expr step = make_binary(BinaryOp::mul, index[dim], make_int(DType::i64, stride));
    sum = make_binary(BinaryOp::add, sum, step);
    stride *= tensor.shape[dim];
  }
  return sum;
}

// Smallest and largest value in one slice.
struct Range {
  int64_t low, high;
};
Range in_slice(const DigitForm& form, const TransferMap& map, int64_t slice) {
  Range r{form.constant, form.constant};
  for (size_t d = 0; d < map.digits.size(); ++d) {
    const MapDigit& digit = map.digits[d];
    const int64_t c = form.coefficients[d];
    if (picks_slice(digit)) {
      const int64_t at = slice / digit.slice_stride % digit.extent * c;
      r.low += at, r.high += at;
    } else {
      (c > 0 ? r.high : r.low) += (digit.extent - 1) * c;
    }
  }
  return r;
}

struct Plan {
  InPlace in_place;
  std::vector<DigitForm> index;
};

// What both directions need: a linear index whose steps inside a slice are those of the slice.
std::optional<Plan> contiguous_slices(const TransferMap& map, const Tensor& tensor,
                                      const MapForms& forms) {
  constexpr int64_t kManySlices = 1 << 20;
  if (map.slices > kManySlices || map.slice_elements == 0 || tensor.elements() == 0)
    return std::nullopt;
  Plan plan;
  for (const Expr& e : map.index) {
    auto form = forms.form(e);
    if (!form) return std::nullopt;
    plan.index.push_back(std::move(*form));
  }
  const auto at = forms.form(address(map.index, tensor));
  if (!at) return std::nullopt;
  for (size_t d = 0; d < map.digits.size(); ++d) {
    const MapDigit& digit = map.digits[d];
    if (digit.extent < 1) return std::nullopt;
    if (digit.extent == 1) continue;
    if (!picks_slice(digit)) {
      if (at->coefficients[d] != digit.element_stride) return std::nullopt;
    } else {
      plan.in_place.digits.push_back({digit.slice_stride, digit.extent, at->coefficients[d]});
    }
  }
  plan.in_place.first = at->constant;
  return plan;
}

}  // namespace

bool InPlace::stages(int64_t slice) const {
  return std::binary_search(staged.begin(), staged.end(), slice);
}

InPlace in_place_to_device(const TransferMap& map, const Tensor& tensor) {
  if (map.fill_padding || map.guard || map.narrow) return {};
  const MapForms forms(map);
  auto plan = contiguous_slices(map, tensor, forms);
  if (!plan) return {};
  const int64_t elements = tensor.elements();
  for (int64_t s = 0; s < map.slices; ++s) {
    const int64_t at = plan->in_place.offset(s);
    if (at < 0 || at > elements - map.slice_elements) plan->in_place.staged.push_back(s);
  }
  plan->in_place.possible = true;
  return plan->in_place;
}

InPlace in_place_from_device(const TransferMap& map, const Tensor& tensor) {
  if (map.narrow) return {};
  int64_t positions = 1;
  for (const MapDigit& digit : map.digits) {
    if (digit.reduce) return {};
    if (!picks_slice(digit)) positions *= digit.extent;
  }
  if (positions != map.slice_elements) return {};
  const MapForms forms(map);
  auto plan = contiguous_slices(map, tensor, forms);
  if (!plan) return {};
  std::vector<DigitForm> conditions;
  for (const Expr& e : conjuncts(map.guard)) {
    auto form = forms.below_zero(e);
    if (!form) return {};
    conditions.push_back(std::move(*form));
  }
  for (int64_t s = 0; s < map.slices; ++s) {
    bool whole = true;
    for (size_t d = 0; d < plan->index.size(); ++d) {
      const Range r = in_slice(plan->index[d], map, s);
      whole = whole && r.low >= 0 && r.high < tensor.shape[d];
    }
    for (const DigitForm& form : conditions) whole = whole && in_slice(form, map, s).high < 0;
    if (!whole) plan->in_place.staged.push_back(s);
  }
  plan->in_place.possible = true;
  return plan->in_place;
}

}  // namespace pimjit
