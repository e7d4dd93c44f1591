#ifndef PIMJIT_CORE_IR_VISITOR_H_
#define PIMJIT_CORE_IR_VISITOR_H_

#include <vector>

#include "pimjit/core/ir/stmt.h"

namespace pimjit {

// One callable out of several lambdas: visit(node, Overloaded{[](const IntImm&) {...}, ...}).
template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

// Calls `fn` with the node as the struct of its kind. A kind without a case does not compile.
template <typename Fn>
decltype(auto) visit(const ExprNode& node, Fn&& fn) {
  switch (node.kind) {
#define PIMJIT_EXPR(Name, code) \
  case ExprKind::Name:          \
    return fn(as<Name>(node));
#include "pimjit/core/ir/nodes.def"
  }
  __builtin_unreachable();
}
template <typename Fn>
decltype(auto) visit(const StmtNode& node, Fn&& fn) {
  switch (node.kind) {
#define PIMJIT_STMT(Name, code) \
  case StmtKind::Name:          \
    return fn(as<Name>(node));
#include "pimjit/core/ir/nodes.def"
  }
  __builtin_unreachable();
}

// The operands of a node, in the order of serialised kernels (docs/ir.md): fn(const Expr&).
template <typename Fn>
void for_each_operand(const ExprNode& node, Fn&& fn) {
  visit(node, Overloaded{[](const IntImm&) {}, [](const FloatImm&) {}, [](const Var&) {},
                         [](const LevelIndex&) {}, [](const Param&) {},
                         [&](const Binary& n) { fn(n.a), fn(n.b); }, [&](const Not& n) { fn(n.a); },
                         [&](const Select& n) { fn(n.condition), fn(n.if_true), fn(n.if_false); },
                         [&](const Cast& n) { fn(n.a); }, [&](const Load& n) { fn(n.index); }});
}
template <typename Fn>
void for_each_operand(const StmtNode& node, Fn&& fn) {
  visit(node, Overloaded{[](const Seq&) {}, [&](const For& n) { fn(n.min), fn(n.extent); },
                         [&](const If& n) { fn(n.condition); }, [&](const Let& n) { fn(n.value); },
                         [&](const Store& n) { fn(n.index), fn(n.value); },
                         [&](const Copy& n) { fn(n.dst_index), fn(n.src_index), fn(n.elements); },
                         [](const Barrier&) {}, [&](const Combine& n) { fn(n.index); }});
}

// The statements directly inside a statement, in order; a missing else branch is left out: fn(const
// Stmt&).
template <typename Fn>
void for_each_substatement(const StmtNode& node, Fn&& fn) {
  visit(node, Overloaded{[&](const Seq& n) {
                           for (const Stmt& s : n.body) fn(s);
                         },
                         [&](const For& n) { fn(n.body); },
                         [&](const If& n) {
                           fn(n.then_body);
                           if (n.else_body) fn(n.else_body);
                         },
                         [&](const Let& n) { fn(n.body); }, [](const Store&) {}, [](const Copy&) {},
                         [](const Barrier&) {}, [](const Combine&) {}});
}

// Every expression below `root`, itself included, operands after their users; safe on trees of any
// depth.
template <typename Fn>
void for_each_expr(const Expr& root, Fn&& fn) {
  std::vector<const ExprNode*> pending;
  if (root) pending.push_back(root.get());
  while (!pending.empty()) {
    const ExprNode& node = *pending.back();
    pending.pop_back();
    fn(node);
    for_each_operand(node, [&](const Expr& e) { pending.push_back(e.get()); });
  }
}

// Every statement below `root`, itself included, outer before inner; safe on trees of any depth.
// Siblings come last to first.
template <typename Fn>
void for_each_stmt(const Stmt& root, Fn&& fn) {
  std::vector<const StmtNode*> pending;
  if (root) pending.push_back(root.get());
  while (!pending.empty()) {
    const StmtNode& node = *pending.back();
    pending.pop_back();
    fn(node);
    for_each_substatement(node, [&](const Stmt& s) { pending.push_back(s.get()); });
  }
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_VISITOR_H_
