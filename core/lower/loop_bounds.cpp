#include "pimjit/core/lower/loop_bounds.h"

#include <vector>

#include "pimjit/core/ir/linear.h"
#include "pimjit/core/ir/substitute.h"
#include "pimjit/core/lower/boundary.h"

namespace pimjit {
namespace {

// Division by anything else than a power of two costs small cores more than the tests it saves.
bool cheap_quotient(const Expr& dividend, int64_t divisor) {
  return as_int_constant(dividend) != nullptr || (divisor & (divisor - 1)) == 0;
}

// v < floor(limit / factor). Division in kernels rounds towards zero; the two differ only where
// the limit is negative, and there both leave no values when the loop starts at 0 or later.
std::optional<LoopBounds> upper(const Expr& limit, int64_t factor, const For& n,
                                const Facts& here) {
  if (!limit) return std::nullopt;
  if (factor == 1) return LoopBounds{{}, limit};
  if (!cheap_quotient(limit, factor)) return std::nullopt;
  if (here.range(limit).low < 0 && here.range(n.min).low < 0) return std::nullopt;
  return LoopBounds{{}, make_binary(BinaryOp::div, limit, make_int(limit->dtype, factor))};
}

// v >= ceil(least / factor), by a division that rounds up where `least` is not negative.
std::optional<LoopBounds> lower(const Expr& least, int64_t factor, const Facts& here) {
  if (!least) return std::nullopt;
  if (factor == 1) return LoopBounds{least, {}};
  if (!cheap_quotient(least, factor)) return std::nullopt;
  const Expr above = make_binary(BinaryOp::add, least, make_int(least->dtype, factor - 1));
  if (here.range(least).low < 0 || !here.of(above).exact) return std::nullopt;
  return LoopBounds{make_binary(BinaryOp::div, above, make_int(least->dtype, factor)), {}};
}

// sign * (sum of terms + constant) as an expression of type t; null where it might wrap.
Expr sum_of(const std::vector<LinearForm::Term>& terms, int64_t constant, int64_t sign, DType t,
            const Facts& here) {
  const int64_t start = sign * constant;
  if (start < min_value(t) || start > max_value(t)) return {};
  Expr sum = make_int(t, start);
  for (const LinearForm::Term& term : terms) {
    if (!here.range(term.atom).inside(full_range(t))) return {};
    if (term.coefficient < -max_value(t) || term.coefficient > max_value(t)) return {};
    const int64_t factor = sign * term.coefficient;
    const int64_t size = factor < 0 ? -factor : factor;
    const Expr atom = make_cast(t, term.atom);
    const Expr scaled = make_binary(BinaryOp::mul, atom, make_int(t, size));
    sum = make_binary(factor < 0 ? BinaryOp::sub : BinaryOp::add, sum, scaled);
    if (!here.of(scaled).exact || !here.of(sum).exact) return {};
  }
  return sum;
}

}  // namespace

std::optional<LoopBounds> solve_for_loop(const Expr& e, const For& n, const Facts& inside,
                                         const Facts& here) {
  if (e->kind != ExprKind::Binary || !is_stable(e)) return std::nullopt;
  const Binary& c = as<Binary>(e);
  const bool equality = c.op == BinaryOp::eq;
  if (!equality && c.op != BinaryOp::lt && c.op != BinaryOp::le) return std::nullopt;
  if (is_float(c.a->dtype)) return std::nullopt;
  // a - b = factor * v + others (< 0, <= 0 or == 0)
  auto form = difference(c.a, c.b, inside);
  if (!form) return std::nullopt;
  int64_t factor = 0;
  std::vector<LinearForm::Term> others;
  for (const LinearForm::Term& term : form->terms) {
    if (term.atom->kind == ExprKind::Var && as<Var>(term.atom).id == n.var) {
      factor = term.coefficient;
    } else if (mentions(term.atom, n.var)) {
      return std::nullopt;
    } else {
      others.push_back(term);
    }
  }
  // Far from the ends of 64 bits, so that the arithmetic below cannot overflow.
  constexpr int64_t kFar = int64_t{1} << 62;
  if (factor == 0 || factor <= -kFar || factor >= kFar || form->constant <= -kFar ||
      form->constant >= kFar)
    return std::nullopt;
  const DType t = n.min->dtype;
  if (equality) {
    if (factor != 1 && factor != -1) return std::nullopt;
    const Expr at = sum_of(others, form->constant, -factor, t, here);
    if (!at || !here.of(make_binary(BinaryOp::add, at, make_int(t, 1))).exact) return std::nullopt;
    return LoopBounds{at, make_binary(BinaryOp::add, at, make_int(t, 1))};
  }
  const int64_t strict = c.op == BinaryOp::lt ? 1 : 0;
  if (factor > 0) {
    // v <= (-others - strict) / factor, so v < ceil((1 - strict - others) / factor) for integers
    // when the factor is 1, and v < floor((-others - strict) / factor) + 1 in general.
    const Expr limit = sum_of(others, form->constant + strict - factor, -1, t, here);
    return upper(limit, factor, n, here);
  }
  // v >= ceil((others + strict) / -factor)
  const Expr least = sum_of(others, form->constant + strict, 1, t, here);
  return lower(least, -factor, here);
}

}  // namespace pimjit
