#include "pimjit/core/ir/expr.h"

#include <cassert>
#include <vector>

#include "pimjit/core/ir/node_fields.h"

namespace pimjit {
namespace {

// Deletes one node as its struct. Its operands have been taken out or are leaves.
void delete_node(const ExprNode* node) {
  visit(*node, [](const auto& n) { delete &n; });
}

bool is_leaf(const ExprNode& node) {
  return node.kind == ExprKind::IntImm || node.kind == ExprKind::FloatImm ||
         node.kind == ExprKind::Var || node.kind == ExprKind::LevelIndex ||
         node.kind == ExprKind::Param;
}

// Moves the operands that nobody else holds from a node that is about to go into `pending`.
void take_operands(const ExprNode& node, std::vector<Expr>& pending) {
  for_each_operand(node, [&](const Expr& operand) {
    // The node was created non-const by make_*, and this is its last owner.
    Expr& slot = const_cast<Expr&>(operand);
    const bool last = slot && slot->references.load(std::memory_order_acquire) == 1;
    if (last && !is_leaf(*slot)) pending.push_back(std::move(slot));
  });
}

[[maybe_unused]] bool is_arithmetic(BinaryOp op) {
  return op == BinaryOp::add || op == BinaryOp::sub || op == BinaryOp::mul || op == BinaryOp::div ||
         op == BinaryOp::mod || op == BinaryOp::min || op == BinaryOp::max;
}

}  // namespace

void ExprNode::destroy(const ExprNode* node) {
  if (is_leaf(*node)) return delete_node(node);
  // A work list instead of recursion, so that the depth of a tree does not become the depth of the
  // stack.
  std::vector<Expr> pending;
  take_operands(*node, pending);
  delete_node(node);
  while (!pending.empty()) {
    const Expr next = std::move(pending.back());
    pending.pop_back();
    if (next->references.load(std::memory_order_acquire) == 1) take_operands(*next, pending);
  }
}

DType result_type(BinaryOp op, DType operands) {
  switch (op) {
#define PIMJIT_RESULT_same operands
#define PIMJIT_RESULT_b1 DType::b1
#define PIMJIT_BINARY(Name, code, text, result) \
  case BinaryOp::Name:                          \
    return PIMJIT_RESULT_##result;
#include "pimjit/core/ir/nodes.def"
#undef PIMJIT_RESULT_same
#undef PIMJIT_RESULT_b1
  }
  return operands;
}

bool takes(BinaryOp op, DType operands) {
  switch (op) {
    case BinaryOp::logical_and:
    case BinaryOp::logical_or:
      return operands == DType::b1;
    case BinaryOp::eq:
    case BinaryOp::ne:
      return true;
    case BinaryOp::mod:
      return is_int(operands);
    default:
      return operands != DType::b1;
  }
}

const char* to_string(BinaryOp op) {
  switch (op) {
#define PIMJIT_BINARY(Name, code, text, result) \
  case BinaryOp::Name:                          \
    return text;
#include "pimjit/core/ir/nodes.def"
  }
  return "?";
}

Expr make_int(DType t, int64_t value) {
  assert(!is_float(t));
  return Expr(new IntImm(t, wrap_to(t, value)));
}
Expr make_float(float value) {
  return Expr(new FloatImm(value));
}
Expr make_bool(bool value) {
  return Expr(new IntImm(DType::b1, value ? 1 : 0));
}
Expr make_var(DType t, int id) {
  assert(id >= 0);
  return Expr(new Var(t, id));
}
Expr make_level_index(DType t, int level) {
  assert(level >= 0 && is_index_type(t));
  return Expr(new LevelIndex(t, level));
}
Expr make_param(DType t, int index) {
  assert(index >= 0 && is_index_type(t));
  return Expr(new Param(t, index));
}
Expr make_binary(BinaryOp op, Expr a, Expr b) {
  assert(a && b && a->dtype == b->dtype && takes(op, a->dtype));
  const DType t = result_type(op, a->dtype);
  return Expr(new Binary(t, op, std::move(a), std::move(b)));
}
Expr make_not(Expr a) {
  assert(a && a->dtype == DType::b1);
  return Expr(new Not(std::move(a)));
}
Expr make_select(Expr condition, Expr if_true, Expr if_false) {
  assert(condition && condition->dtype == DType::b1);
  assert(if_true && if_false && if_true->dtype == if_false->dtype);
  return Expr(new Select(std::move(condition), std::move(if_true), std::move(if_false)));
}
Expr make_cast(DType t, Expr a) {
  assert(a);
  if (a->dtype == t) return a;
  assert(t != DType::b1);
  return Expr(new Cast(t, std::move(a)));
}
Expr make_load(DType t, int buffer, Expr index) {
  assert(buffer >= 0 && index && is_index_type(index->dtype));
  return Expr(new Load(t, buffer, std::move(index)));
}

const int64_t* as_int_constant(const Expr& e) {
  return e && e->kind == ExprKind::IntImm ? &as<IntImm>(e).value : nullptr;
}

bool equal(const Expr& a, const Expr& b) {
  if (a.same_as(b)) return true;
  if (!a || !b) return false;
  if (is_leaf(*a) || a->kind != b->kind) return fields_of(*a) == fields_of(*b);
  std::vector<const ExprNode*> left{a.get()}, right{b.get()};
  while (!left.empty()) {
    const ExprNode* x = left.back();
    const ExprNode* y = right.back();
    left.pop_back();
    right.pop_back();
    if (x == y) continue;
    if (x->kind != y->kind || fields_of(*x) != fields_of(*y)) return false;
    for_each_operand(*x, [&](const Expr& e) { left.push_back(e.get()); });
    for_each_operand(*y, [&](const Expr& e) { right.push_back(e.get()); });
  }
  return true;
}

uint64_t hash_of(const Expr& e, uint64_t seed) {
  uint64_t state = hash_step(seed, 0xe);
  for_each_expr(e, [&](const ExprNode& node) {
    for (const int64_t word : fields_of(node))
      state = hash_step(state, static_cast<uint64_t>(word));
  });
  return state;
}

}  // namespace pimjit
