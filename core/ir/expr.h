#ifndef PIMJIT_CORE_IR_EXPR_H_
#define PIMJIT_CORE_IR_EXPR_H_

#include "pimjit/core/ir/node.h"
#include "pimjit/core/support/dtype.h"

namespace pimjit {

// Expressions of the kernel language: plain immutable structs, made by the make_* functions only,
// which fold nothing and check their operands' types in debug builds. Semantics (wrapping, order,
// NaN, division by zero): docs/ir.md.
struct ExprNode {
  ExprKind kind;
  DType dtype;
  mutable std::atomic<uint32_t> references{0};
  ExprNode(ExprKind k, DType t) : kind(k), dtype(t) {}
  static void destroy(const ExprNode* node);  // deletes as the struct of its kind
};
using Expr = NodeRef<ExprNode>;

struct IntImm : ExprNode {
  int64_t value;  // already wrapped to dtype; b1: 0 or 1
  IntImm(DType t, int64_t v) : ExprNode(ExprKind::IntImm, t), value(v) {}
};
struct FloatImm : ExprNode {
  float value;
  explicit FloatImm(float v) : ExprNode(ExprKind::FloatImm, DType::f32), value(v) {}
};
struct Var : ExprNode {
  int id;  // index into Kernel::vars
  Var(DType t, int i) : ExprNode(ExprKind::Var, t), id(i) {}
};
struct LevelIndex : ExprNode {
  int level;  // index into Kernel::levels
  LevelIndex(DType t, int l) : ExprNode(ExprKind::LevelIndex, t), level(l) {}
};
struct Param : ExprNode {
  int index;  // index into Kernel::params
  Param(DType t, int i) : ExprNode(ExprKind::Param, t), index(i) {}
};
struct Binary : ExprNode {
  BinaryOp op;
  Expr a, b;
  Binary(DType t, BinaryOp o, Expr x, Expr y)
      : ExprNode(ExprKind::Binary, t), op(o), a(std::move(x)), b(std::move(y)) {}
};
struct Not : ExprNode {
  Expr a;
  explicit Not(Expr x) : ExprNode(ExprKind::Not, DType::b1), a(std::move(x)) {}
};
struct Select : ExprNode {
  Expr condition, if_true, if_false;
  Select(Expr c, Expr t, Expr f)
      : ExprNode(ExprKind::Select, t->dtype),
        condition(std::move(c)),
        if_true(std::move(t)),
        if_false(std::move(f)) {}
};
struct Cast : ExprNode {
  Expr a;
  Cast(DType t, Expr x) : ExprNode(ExprKind::Cast, t), a(std::move(x)) {}
};
struct Load : ExprNode {
  int buffer;  // index into Kernel::buffers
  Expr index;  // elements from the buffer's start, i32 or i64
  Load(DType t, int b, Expr i) : ExprNode(ExprKind::Load, t), buffer(b), index(std::move(i)) {}
};

// Types of buffer indices, loop variables, level indices and parameters.
constexpr bool is_index_type(DType t) {
  return t == DType::i32 || t == DType::i64;
}

DType result_type(BinaryOp op, DType operands);
bool takes(BinaryOp op, DType operands);  // whether the operation exists for operands of the type
const char* to_string(BinaryOp op);       // its text in nodes.def

Expr make_int(DType t, int64_t value);  // wraps
Expr make_float(float value);
Expr make_bool(bool value);
Expr make_var(DType t, int id);
Expr make_level_index(DType t, int level);
Expr make_param(DType t, int index);
Expr make_binary(BinaryOp op, Expr a, Expr b);
Expr make_not(Expr a);
Expr make_select(Expr condition, Expr if_true, Expr if_false);
Expr make_cast(DType t, Expr a);  // `a` itself when it has type t
Expr make_load(DType t, int buffer, Expr index);

// The node as its struct; `node.kind` must match.
template <typename Node>
const Node& as(const ExprNode& node) {
  return static_cast<const Node&>(node);
}
template <typename Node>
const Node& as(const Expr& e) {
  return static_cast<const Node&>(*e);
}

// The value of an integer constant, or nullptr.
const int64_t* as_int_constant(const Expr& e);

// Structural equality and a 64-bit hash (versioned by kHashVersion).
bool equal(const Expr& a, const Expr& b);
uint64_t hash_of(const Expr& e, uint64_t seed = 0);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_EXPR_H_
