#include "pimjit/core/ir/simplify.h"

#include "pimjit/core/ir/arith.h"
#include "pimjit/core/ir/mutator.h"
#include "pimjit/core/ir/rewrite.h"
#include "pimjit/core/ir/substitute.h"

namespace pimjit {
namespace {

// Each firing of a rule costs one; an expression that would need more stays as far as it got. No
// kernel comes near it.
constexpr int kFuel = 4096;

Expr fold_binary(const Binary& n) {
  if (n.a->kind == ExprKind::FloatImm && n.b->kind == ExprKind::FloatImm) {
    const float a = as<FloatImm>(n.a).value;
    const float b = as<FloatImm>(n.b).value;
    if (n.dtype == DType::b1) return make_bool(compare_float(n.op, a, b));
    return make_float(eval_float(n.op, a, b));
  }
  const int64_t* a = as_int_constant(n.a);
  const int64_t* b = as_int_constant(n.b);
  if (a == nullptr || b == nullptr) return {};
  return make_int(n.dtype, eval_int(n.op, n.a->dtype, *a, *b));
}

bool is_simple(const Expr& e) {
  return e->kind == ExprKind::IntImm || e->kind == ExprKind::FloatImm || e->kind == ExprKind::Var ||
         e->kind == ExprKind::LevelIndex || e->kind == ExprKind::Param;
}

bool is_empty(const Stmt& s) {
  return s->kind == StmtKind::Seq && as<Seq>(s).body.empty();
}

bool uses(const Stmt& s, int var) {
  bool found = false;
  for_each_stmt(s, [&](const StmtNode& node) {
    for_each_operand(node, [&](const Expr& e) { found = found || mentions(e, var); });
  });
  return found;
}

class Simplifier {
 public:
  explicit Simplifier(const Facts& facts) : facts_(facts), rules_(Rules::all()) {}

  Expr expr(const Expr& e);
  Stmt stmt(const Stmt& s);

 private:
  Expr guarded(const Expr& e, const Expr& condition, bool holds);
  Expr node(Expr e);
  Expr fold(const Expr& e) const;
  Expr cast(const Cast& n) const;
  Expr decided(const Expr& e) const;
  Stmt loop(const Stmt& s);
  Stmt branch(const Stmt& s);
  Stmt let(const Stmt& s);
  Stmt under(const Stmt& s, const Expr& condition, bool holds);

  Facts facts_;
  const Rules& rules_;
  int fuel_ = kFuel;
};

// An operand that counts only where the condition holds (or does not).
Expr Simplifier::guarded(const Expr& e, const Expr& condition, bool holds) {
  if (is_simple(e)) return expr(e);
  const size_t mark = facts_.mark();
  facts_.assume(condition, holds);
  Expr result = expr(e);
  facts_.restore(mark);
  return result;
}

Expr Simplifier::expr(const Expr& e) {
  if (e->kind == ExprKind::Select) {
    const Select& n = as<Select>(e);
    Expr c = expr(n.condition);
    Expr t = guarded(n.if_true, c, true);
    Expr f = guarded(n.if_false, c, false);
    const bool same = c.same_as(n.condition) && t.same_as(n.if_true) && f.same_as(n.if_false);
    return node(same ? e : make_select(std::move(c), std::move(t), std::move(f)));
  }
  if (e->kind == ExprKind::Binary && e->dtype == DType::b1 &&
      (as<Binary>(e).op == BinaryOp::logical_and || as<Binary>(e).op == BinaryOp::logical_or)) {
    const Binary& n = as<Binary>(e);
    Expr a = expr(n.a);
    Expr b = guarded(n.b, a, n.op == BinaryOp::logical_and);
    const bool same = a.same_as(n.a) && b.same_as(n.b);
    return node(same ? e : make_binary(n.op, std::move(a), std::move(b)));
  }
  return node(map_operands(e, [this](const Expr& operand) { return expr(operand); }));
}

Expr Simplifier::cast(const Cast& n) const {
  if (const int64_t* value = as_int_constant(n.a)) {
    return is_float(n.dtype) ? make_float(static_cast<float>(*value)) : make_int(n.dtype, *value);
  }
  if (n.a->kind == ExprKind::FloatImm)
    return make_int(n.dtype, float_to_int(n.dtype, as<FloatImm>(n.a).value));
  if (n.a->kind != ExprKind::Cast || is_float(n.dtype) || !is_int(n.a->dtype)) return {};
  // t(u(x)) is t(x) when u keeps at least the bits of t, or keeps the value.
  const Expr& inner = as<Cast>(n.a).a;
  if (!is_int(inner->dtype)) return {};
  const bool keeps_bits = bits_of(n.dtype) <= bits_of(n.a->dtype);
  if (!keeps_bits && !facts_.range(inner).inside(full_range(n.a->dtype))) return {};
  return make_cast(n.dtype, inner);
}

Expr Simplifier::fold(const Expr& e) const {
  if (e->kind == ExprKind::Binary) return fold_binary(as<Binary>(e));
  if (e->kind == ExprKind::Cast) return cast(as<Cast>(e));
  const int64_t* value = e->kind == ExprKind::Not ? as_int_constant(as<Not>(e).a) : nullptr;
  return value != nullptr ? make_bool(*value == 0) : Expr{};
}

// A constant when the facts leave one value.
Expr Simplifier::decided(const Expr& e) const {
  if (e->dtype == DType::b1) {
    const auto value = facts_.prove(e);
    return value ? make_bool(*value) : Expr{};
  }
  if (is_float(e->dtype)) return {};
  const Interval range = facts_.range(e);
  return range.single() ? make_int(e->dtype, range.low) : Expr{};
}

// One node whose operands are simple already.
Expr Simplifier::node(Expr e) {
  while (fuel_ > 0) {
    if (e->kind == ExprKind::IntImm || e->kind == ExprKind::FloatImm) return e;
    if (Expr folded = fold(e)) {
      e = std::move(folded);
      continue;
    }
    if (Expr constant = decided(e)) return constant;
    if (is_simple(e)) return e;
    Expr better = rules_.apply(e, facts_, [this](Expr inner) { return node(std::move(inner)); });
    if (!better) return e;
    --fuel_;
    e = std::move(better);
  }
  return e;
}

Stmt Simplifier::under(const Stmt& s, const Expr& condition, bool holds) {
  const size_t mark = facts_.mark();
  facts_.assume(condition, holds);
  Stmt result = stmt(s);
  facts_.restore(mark);
  return result;
}

Stmt Simplifier::loop(const Stmt& s) {
  const For& n = as<For>(s);
  Expr min = expr(n.min);
  Expr extent = expr(n.extent);
  if (facts_.range(extent).high <= 0) return make_seq({});
  const int64_t* count = as_int_constant(extent);
  if (count != nullptr && *count == 1) {
    if (is_simple(min)) return stmt(substitute(n.body, {n.var, min}));
    return let(make_let(n.var, min, n.body));
  }
  const bool same = min.same_as(n.min) && extent.same_as(n.extent);
  const Stmt head = same ? s : make_for(n.var, min, extent, n.loop, n.unroll, n.body);
  const size_t mark = facts_.mark();
  facts_.bind_loop(as<For>(head));
  Stmt body = stmt(n.body);
  facts_.restore(mark);
  if (is_empty(body)) return body;
  return body.same_as(n.body) ? head
                              : make_for(n.var, min, extent, n.loop, n.unroll, std::move(body));
}

Stmt Simplifier::branch(const Stmt& s) {
  const If& n = as<If>(s);
  Expr condition = expr(n.condition);
  if (const int64_t* value = as_int_constant(condition)) {
    if (*value != 0) return stmt(n.then_body);
    return n.else_body ? stmt(n.else_body) : make_seq({});
  }
  Stmt then_body = under(n.then_body, condition, true);
  Stmt else_body = n.else_body ? under(n.else_body, condition, false) : Stmt{};
  if (else_body && is_empty(else_body)) else_body = {};
  if (is_empty(then_body)) {
    if (!else_body) return then_body;
    return make_if(node(make_not(condition)), std::move(else_body));
  }
  const bool same = condition.same_as(n.condition) && then_body.same_as(n.then_body) &&
                    else_body.same_as(n.else_body);
  return same ? s : make_if(std::move(condition), std::move(then_body), std::move(else_body));
}

Stmt Simplifier::let(const Stmt& s) {
  const Let& n = as<Let>(s);
  Expr value = expr(n.value);
  if (is_simple(value)) return stmt(substitute(n.body, {n.var, value}));
  const size_t mark = facts_.mark();
  if (!is_float(value->dtype)) facts_.bind(n.var, facts_.of(value));
  Stmt body = stmt(n.body);
  facts_.restore(mark);
  if (is_empty(body) || !uses(body, n.var)) return body;
  const bool same = value.same_as(n.value) && body.same_as(n.body);
  return same ? s : make_let(n.var, std::move(value), std::move(body));
}

Stmt Simplifier::stmt(const Stmt& s) {
  fuel_ = kFuel;
  switch (s->kind) {
    case StmtKind::For:
      return loop(s);
    case StmtKind::If:
      return branch(s);
    case StmtKind::Let:
      return let(s);
    default:
      return map_children(
          s, [this](const Expr& e) { return expr(e); },
          [this](const Stmt& inner) { return stmt(inner); });
  }
}

}  // namespace

Expr simplify(const Expr& e, const Facts& facts) {
  return Simplifier(facts).expr(e);
}
Stmt simplify(const Stmt& s, const Facts& facts) {
  return Simplifier(facts).stmt(s);
}
Kernel simplify(const Kernel& kernel) {
  Kernel result = kernel;
  result.body = simplify(kernel.body, Facts(kernel));
  return result;
}

}  // namespace pimjit
