#include "pimjit/core/ir/linear.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/lower/boundary.h"

namespace pimjit {
namespace {

// The operands of a nest of one operation, from left to right.
void take_apart(const Expr& e, BinaryOp op, std::vector<Expr>& out) {
  if (e->kind != ExprKind::Binary || as<Binary>(e).op != op) return out.push_back(e);
  take_apart(as<Binary>(e).a, op, out);
  take_apart(as<Binary>(e).b, op, out);
}

bool is_comparison(const Expr& e) {
  return e->kind == ExprKind::Binary &&
         (as<Binary>(e).op == BinaryOp::lt || as<Binary>(e).op == BinaryOp::le) &&
         !is_float(as<Binary>(e).a->dtype);
}

// a < b follows from c < d when a - b <= c - d for all values.
bool follows(const Expr& then, const Expr& given, const Facts& facts) {
  if (equal(then, given)) return true;
  if (!is_comparison(then) || !is_comparison(given)) return false;
  const Binary& t = as<Binary>(then);
  const Binary& g = as<Binary>(given);
  const auto rest = linear_sum({{t.a, 1}, {t.b, -1}, {g.a, -1}, {g.b, 1}}, facts);
  if (!rest) return false;
  const auto range = range_of(*rest, facts);
  const int64_t slack = t.op == BinaryOp::lt && g.op == BinaryOp::le ? 1 : 0;
  return range && range->high <= -slack;
}

}  // namespace

std::vector<Expr> conjuncts(const Expr& condition) {
  std::vector<Expr> out;
  if (condition) take_apart(condition, BinaryOp::logical_and, out);
  return out;
}

Expr all_of(const std::vector<Expr>& conditions) {
  Expr all;
  for (const Expr& e : conditions) all = all ? make_binary(BinaryOp::logical_and, all, e) : e;
  return all;
}

std::vector<Expr> minimum_terms(const Expr& e) {
  std::vector<Expr> out;
  take_apart(e, BinaryOp::min, out);
  return out;
}

bool is_stable(const Expr& e) {
  bool stable = true;
  for_each_expr(e, [&](const ExprNode& node) {
    if (node.kind == ExprKind::Load) stable = false;
    if (node.kind != ExprKind::Binary) return;
    const Binary& n = as<Binary>(node);
    if (n.op != BinaryOp::div && n.op != BinaryOp::mod) return;
    const int64_t* divisor = as_int_constant(n.b);
    if (divisor == nullptr || *divisor == 0) stable = false;
  });
  return stable;
}

bool implies(const Expr& given, const Expr& then, Facts& facts) {
  const std::vector<Expr> known = conjuncts(given);
  const size_t mark = facts.mark();
  facts.assume(given);
  bool all = true;
  for (const Expr& wanted : conjuncts(then)) {
    bool found = facts.always(wanted);
    for (const Expr& e : known) found = found || follows(wanted, e, facts);
    all = all && found;
  }
  facts.restore(mark);
  return all;
}

}  // namespace pimjit
