#include "pimjit/core/ir/facts.h"

#include <algorithm>

#include "pimjit/core/ir/linear.h"
#include "pimjit/core/ir/visitor.h"

namespace pimjit {
namespace {

bool is_leaf(const Expr& e) {
  return e->kind == ExprKind::Var || e->kind == ExprKind::LevelIndex || e->kind == ExprKind::Param;
}
int id_of(const ExprNode& leaf) {
  if (leaf.kind == ExprKind::Var) return as<Var>(leaf).id;
  if (leaf.kind == ExprKind::LevelIndex) return as<LevelIndex>(leaf).level;
  return as<Param>(leaf).index;
}

// a / b rounded down; b > 0.
int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Conditions with loads stop holding when the memory changes.
bool has_load(const Expr& e) {
  bool found = false;
  for_each_expr(e, [&](const ExprNode& node) { found = found || node.kind == ExprKind::Load; });
  return found;
}

bool is_op(const Expr& e, BinaryOp op) {
  return e->kind == ExprKind::Binary && as<Binary>(e).op == op;
}

}  // namespace

void Facts::restore(size_t mark) {
  known_.resize(mark & 0xffffffff, Known{ExprKind::Var, 0, {}});
  assumed_.resize(mark >> 32);
}

void Facts::bind(int var, const ValueFacts& value) {
  known_.push_back({ExprKind::Var, var, value});
}

void Facts::bind_loop(const For& loop) {
  const ValueFacts min = of(loop.min);
  const Interval extent = range(loop.extent);
  const Interval full = full_range(loop.min->dtype);
  int64_t high = full.high;
  // min + extent does not overflow (docs/ir.md), so the last value is at most that of the type less
  // one.
  if (__builtin_add_overflow(min.range.high, std::max<int64_t>(extent.high, 1) - 1, &high))
    high = full.high;
  high = std::min(high, full.high);
  ValueFacts value = in_range(min.range.low, std::max(high, min.range.low));
  if (extent.high <= 1) value.congruence = min.congruence;
  bind(loop.var, value);
}

const Facts::Known* Facts::find(ExprKind kind, int id) const {
  for (size_t i = known_.size(); i-- > 0;) {
    if (known_[i].kind == kind && known_[i].id == id) return &known_[i];
  }
  return nullptr;
}

ValueFacts Facts::of_leaf(const ExprNode& e) const {
  const int id = id_of(e);
  if (const Known* known = find(e.kind, id)) return known->value;
  if (e.kind == ExprKind::LevelIndex && static_cast<size_t>(id) < kernel_->levels.size()) {
    const int64_t last = kernel_->levels[static_cast<size_t>(id)].count - 1;
    return in_range(0, std::clamp<int64_t>(last, 0, max_value(e.dtype)));
  }
  return any_value(e.dtype);
}

ValueFacts Facts::of(const Expr& e) const {
  return visit(*e, Overloaded{[](const IntImm& n) { return one_value(n.value); },
                              [](const FloatImm& n) { return any_value(n.dtype); },
                              [&](const Var& n) { return of_leaf(n); },
                              [&](const LevelIndex& n) { return of_leaf(n); },
                              [&](const Param& n) { return of_leaf(n); },
                              [&](const Binary& n) {
                                if (is_float(n.a->dtype)) return any_value(n.dtype);
                                if (n.dtype == DType::b1) return any_value(DType::b1);
                                return combine_facts(n.op, n.dtype, of(n.a), of(n.b));
                              },
                              [](const Not&) { return any_value(DType::b1); },
                              [&](const Select& n) {
                                if (is_float(n.dtype)) return any_value(n.dtype);
                                return either(of(n.if_true), of(n.if_false));
                              },
                              [&](const Cast& n) {
                                if (is_float(n.dtype) || is_float(n.a->dtype))
                                  return any_value(n.dtype);
                                return wrapped_facts(n.dtype, of(n.a));
                              },
                              [&](const Load& n) {
                                const auto b = static_cast<size_t>(n.buffer);
                                if (b >= kernel_->buffers.size() || !kernel_->buffers[b].range)
                                  return any_value(n.dtype);
                                return in_range(kernel_->buffers[b].range->first,
                                                kernel_->buffers[b].range->second);
                              }});
}

void Facts::narrow(const Expr& leaf, const Interval& range) {
  if (!is_leaf(leaf)) return;
  ValueFacts value = of(leaf);
  const Interval both{std::max(value.range.low, range.low), std::min(value.range.high, range.high)};
  // An empty range means that this place is never reached; then anything may be believed, and the
  // old facts do.
  if (both.low > both.high) return;
  value.range = both;
  if (both.single()) value.congruence = {0, both.low};
  known_.push_back({leaf->kind, id_of(*leaf), value});
}

// a + gap <= b holds; gap is 0 or 1.
void Facts::assume_order(const Expr& a, const Expr& b, int64_t gap) {
  const Interval ra = range(a);
  const Interval rb = range(b);
  if (rb.high > INT64_MIN + gap) narrow(a, {INT64_MIN, rb.high - gap});
  if (ra.low < INT64_MAX - gap) narrow(b, {ra.low + gap, INT64_MAX});
  // c1 * x + ... + gap <= c2: each leaf of the difference is bounded by what the others leave.
  const auto form = difference(a, b, *this);
  if (!form || form->terms.size() > 8) return;
  for (const LinearForm::Term& term : form->terms) {
    if (!is_leaf(term.atom) || term.coefficient == INT64_MIN) continue;
    LinearForm rest = *form;
    std::erase_if(rest.terms, [&](const LinearForm::Term& t) { return t.atom.same_as(term.atom); });
    const auto others = range_of(rest, *this);
    // Far from the ends of 64 bits, so that the arithmetic below cannot overflow.
    if (!others || others->low < INT64_MIN / 4 || others->low > INT64_MAX / 4) continue;
    // coefficient * x <= limit
    const int64_t limit = -gap - others->low;
    if (term.coefficient > 0) {
      narrow(term.atom, {INT64_MIN, floor_div(limit, term.coefficient)});
    } else {
      narrow(term.atom, {-floor_div(limit, -term.coefficient), INT64_MAX});
    }
  }
}

void Facts::assume(const Expr& condition, bool holds) {
  if (condition->kind == ExprKind::Not) return assume(as<Not>(condition).a, !holds);
  if (is_op(condition, holds ? BinaryOp::logical_and : BinaryOp::logical_or)) {
    assume(as<Binary>(condition).a, holds);
    assume(as<Binary>(condition).b, holds);
    return;
  }
  if (!has_load(condition)) assumed_.push_back(holds ? condition : make_not(condition));
  if (condition->kind != ExprKind::Binary) return;
  const Binary& n = as<Binary>(condition);
  if (!is_int(n.a->dtype)) return;
  switch (n.op) {
    case BinaryOp::lt:
      return holds ? assume_order(n.a, n.b, 1) : assume_order(n.b, n.a, 0);
    case BinaryOp::le:
      return holds ? assume_order(n.a, n.b, 0) : assume_order(n.b, n.a, 1);
    case BinaryOp::eq:
    case BinaryOp::ne:
      if (holds == (n.op == BinaryOp::eq)) {
        narrow(n.a, range(n.b));
        narrow(n.b, range(n.a));
      }
      return;
    default:
      return;
  }
}

std::optional<bool> Facts::known_condition(const Expr& condition) const {
  for (const Expr& holds : assumed_) {
    if (holds->kind == ExprKind::Not) {
      if (equal(as<Not>(holds).a, condition)) return false;
      continue;
    }
    if (equal(holds, condition)) return true;
  }
  return std::nullopt;
}

std::optional<bool> Facts::prove_comparison(const Binary& n) const {
  if (!is_int(n.a->dtype)) return std::nullopt;
  const auto form = difference(n.a, n.b, *this);
  if (!form) return std::nullopt;
  const auto gap = range_of(*form, *this);  // of a - b
  if (n.op == BinaryOp::lt || n.op == BinaryOp::le) {
    if (!gap) return std::nullopt;
    const int64_t most = n.op == BinaryOp::lt ? -1 : 0;
    if (gap->high <= most) return true;
    if (gap->low > most) return false;
    return std::nullopt;
  }
  const int64_t step = step_of(*form);
  const bool never = (gap && !gap->contains(0)) || (step > 1 && form->constant % step != 0);
  const bool ever = gap && gap->single() && gap->low == 0;
  if (never) return n.op == BinaryOp::ne;
  if (ever) return n.op == BinaryOp::eq;
  return std::nullopt;
}

std::optional<bool> Facts::prove(const Expr& condition) const {
  if (const int64_t* value = as_int_constant(condition)) return *value != 0;
  if (const auto known = known_condition(condition)) return known;
  if (condition->kind == ExprKind::Not) {
    const auto inner = prove(as<Not>(condition).a);
    return inner ? std::optional<bool>(!*inner) : std::nullopt;
  }
  if (condition->kind != ExprKind::Binary) return std::nullopt;
  const Binary& n = as<Binary>(condition);
  if (n.op != BinaryOp::logical_and && n.op != BinaryOp::logical_or) return prove_comparison(n);
  const bool decisive = n.op == BinaryOp::logical_or;  // the value of one side that decides
  const auto a = prove(n.a);
  const auto b = prove(n.b);
  if (a == decisive || b == decisive) return decisive;
  if (a && b) return !decisive;
  return std::nullopt;
}

}  // namespace pimjit
