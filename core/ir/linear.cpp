#include "pimjit/core/ir/linear.h"

#include <numeric>

namespace pimjit {
namespace {

bool add_term(LinearForm& form, const Expr& atom, int64_t coefficient) {
  for (size_t i = 0; i < form.terms.size(); ++i) {
    LinearForm::Term& term = form.terms[i];
    if (!equal(term.atom, atom)) continue;
    if (__builtin_add_overflow(term.coefficient, coefficient, &term.coefficient)) return false;
    if (term.coefficient == 0)
      form.terms.erase(form.terms.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  if (coefficient != 0) form.terms.push_back({atom, coefficient});
  return true;
}

// Adds factor * e to the form; false when a number does not fit.
bool collect(LinearForm& form, const Expr& e, int64_t factor, const Facts& facts) {
  if (const int64_t* value = as_int_constant(e)) {
    int64_t scaled = 0;
    return !__builtin_mul_overflow(*value, factor, &scaled) &&
           !__builtin_add_overflow(form.constant, scaled, &form.constant);
  }
  if (e->kind == ExprKind::Cast) {
    const Expr& inner = as<Cast>(e).a;
    const bool exact = !is_float(inner->dtype) && facts.range(inner).inside(full_range(e->dtype));
    return exact ? collect(form, inner, factor, facts) : add_term(form, e, factor);
  }
  if (e->kind != ExprKind::Binary || !facts.of(e).exact) return add_term(form, e, factor);
  const Binary& n = as<Binary>(e);
  if (n.op == BinaryOp::add)
    return collect(form, n.a, factor, facts) && collect(form, n.b, factor, facts);
  if (n.op == BinaryOp::sub) {
    return factor != INT64_MIN && collect(form, n.a, factor, facts) &&
           collect(form, n.b, -factor, facts);
  }
  const int64_t* scale = n.op == BinaryOp::mul ? as_int_constant(n.b) : nullptr;
  int64_t scaled = 0;
  if (scale == nullptr || __builtin_mul_overflow(*scale, factor, &scaled))
    return add_term(form, e, factor);
  return collect(form, n.a, scaled, facts);
}

}  // namespace

std::optional<LinearForm> linear_form(const Expr& e, const Facts& facts) {
  return linear_sum({{e, 1}}, facts);
}

std::optional<LinearForm> difference(const Expr& a, const Expr& b, const Facts& facts) {
  return linear_sum({{a, 1}, {b, -1}}, facts);
}

std::optional<LinearForm> linear_sum(std::initializer_list<ScaledExpr> parts, const Facts& facts) {
  LinearForm form;
  for (const ScaledExpr& part : parts) {
    if (!collect(form, part.e, part.factor, facts)) return std::nullopt;
  }
  return form;
}

std::optional<Interval> range_of(const LinearForm& form, const Facts& facts) {
  std::optional<Interval> sum = Interval{form.constant, form.constant};
  for (const LinearForm::Term& term : form.terms) {
    const auto scaled = multiply(facts.range(term.atom), {term.coefficient, term.coefficient});
    if (!scaled) return std::nullopt;
    sum = add(*sum, *scaled);
    if (!sum) return std::nullopt;
  }
  return sum;
}

int64_t step_of(const LinearForm& form) {
  int64_t step = 0;
  for (const LinearForm::Term& term : form.terms) {
    if (term.coefficient == INT64_MIN) return 1;
    step = std::gcd(step, std::abs(term.coefficient));
  }
  return step;
}

}  // namespace pimjit
