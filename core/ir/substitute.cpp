#include "pimjit/core/ir/substitute.h"

#include "pimjit/core/ir/mutator.h"

namespace pimjit {
namespace {

// The variable that a statement binds in its body, or -1.
int bound_by(const StmtNode& s) {
  if (s.kind == StmtKind::For) return as<For>(s).var;
  if (s.kind == StmtKind::Let) return as<Let>(s).var;
  return -1;
}

}  // namespace

void Substitution::set(int var, Expr value) {
  for (auto& entry : values_) {
    if (entry.first == var) {
      entry.second = std::move(value);
      return;
    }
  }
  values_.emplace_back(var, std::move(value));
}

const Expr* Substitution::find(int var) const {
  for (const auto& entry : values_) {
    if (entry.first == var) return entry.second ? &entry.second : nullptr;
  }
  return nullptr;
}

Expr substitute(const Expr& e, const Substitution& values) {
  if (e->kind == ExprKind::Var) {
    const Expr* value = values.find(as<Var>(e).id);
    return value != nullptr ? *value : e;
  }
  return map_operands(e, [&](const Expr& operand) { return substitute(operand, values); });
}

Stmt substitute(const Stmt& s, const Substitution& values) {
  const auto expr = [&](const Expr& e) { return substitute(e, values); };
  const int bound = bound_by(*s);
  if (bound < 0 || values.find(bound) == nullptr) {
    return map_children(s, expr, [&](const Stmt& inner) { return substitute(inner, values); });
  }
  Substitution outside = values;
  outside.set(bound, {});
  return map_children(s, expr, [&](const Stmt& inner) { return substitute(inner, outside); });
}

bool mentions(const Expr& e, int var) {
  bool found = false;
  for_each_expr(e, [&](const ExprNode& node) {
    found = found || (node.kind == ExprKind::Var && as<Var>(node).id == var);
  });
  return found;
}

}  // namespace pimjit
