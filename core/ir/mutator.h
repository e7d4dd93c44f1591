#ifndef PIMJIT_CORE_IR_MUTATOR_H_
#define PIMJIT_CORE_IR_MUTATOR_H_

#include "pimjit/core/ir/visitor.h"

namespace pimjit {

// The node with each operand replaced by fn(operand): the same node when no operand changed. Trees
// are rebuilt bottom up by calling this from `fn`.
template <typename Fn>
Expr map_operands(const Expr& e, Fn&& fn) {
  return visit(
      *e, Overloaded{[&](const IntImm&) { return e; }, [&](const FloatImm&) { return e; },
                     [&](const Var&) { return e; }, [&](const LevelIndex&) { return e; },
                     [&](const Param&) { return e; },
                     [&](const Binary& n) {
                       Expr a = fn(n.a), b = fn(n.b);
                       const bool same = a.same_as(n.a) && b.same_as(n.b);
                       return same ? e : make_binary(n.op, std::move(a), std::move(b));
                     },
                     [&](const Not& n) {
                       Expr a = fn(n.a);
                       return a.same_as(n.a) ? e : make_not(std::move(a));
                     },
                     [&](const Select& n) {
                       Expr c = fn(n.condition), t = fn(n.if_true), f = fn(n.if_false);
                       const bool same =
                           c.same_as(n.condition) && t.same_as(n.if_true) && f.same_as(n.if_false);
                       return same ? e : make_select(std::move(c), std::move(t), std::move(f));
                     },
                     [&](const Cast& n) {
                       Expr a = fn(n.a);
                       return a.same_as(n.a) ? e : make_cast(n.dtype, std::move(a));
                     },
                     [&](const Load& n) {
                       Expr i = fn(n.index);
                       return i.same_as(n.index) ? e : make_load(n.dtype, n.buffer, std::move(i));
                     }});
}

// The statement with each expression in it replaced by expr(e) and each statement directly inside
// by stmt(s): the same node when nothing changed. Operands come before substatements.
template <typename ExprFn, typename StmtFn>
Stmt map_children(const Stmt& s, ExprFn&& expr, StmtFn&& stmt) {
  return visit(
      *s,
      Overloaded{[&](const Seq& n) {
                   std::vector<Stmt> body;
                   body.reserve(n.body.size());
                   bool same = true;
                   for (const Stmt& inner : n.body) {
                     body.push_back(stmt(inner));
                     same = same && body.back().same_as(inner);
                   }
                   return same ? s : make_seq(std::move(body));
                 },
                 [&](const For& n) {
                   Expr min = expr(n.min), extent = expr(n.extent);
                   Stmt body = stmt(n.body);
                   const bool same =
                       min.same_as(n.min) && extent.same_as(n.extent) && body.same_as(n.body);
                   return same ? s
                               : make_for(n.var, std::move(min), std::move(extent), n.loop,
                                          n.unroll, std::move(body));
                 },
                 [&](const If& n) {
                   Expr c = expr(n.condition);
                   Stmt t = stmt(n.then_body), f = n.else_body ? stmt(n.else_body) : Stmt{};
                   const bool same =
                       c.same_as(n.condition) && t.same_as(n.then_body) && f.same_as(n.else_body);
                   return same ? s : make_if(std::move(c), std::move(t), std::move(f));
                 },
                 [&](const Let& n) {
                   Expr value = expr(n.value);
                   Stmt body = stmt(n.body);
                   const bool same = value.same_as(n.value) && body.same_as(n.body);
                   return same ? s : make_let(n.var, std::move(value), std::move(body));
                 },
                 [&](const Store& n) {
                   Expr i = expr(n.index), value = expr(n.value);
                   const bool same = i.same_as(n.index) && value.same_as(n.value);
                   return same ? s : make_store(n.buffer, std::move(i), std::move(value));
                 },
                 [&](const Copy& n) {
                   Expr d = expr(n.dst_index), from = expr(n.src_index), count = expr(n.elements);
                   const bool same = d.same_as(n.dst_index) && from.same_as(n.src_index) &&
                                     count.same_as(n.elements);
                   return same ? s
                               : make_copy(n.link, n.dst, std::move(d), n.src, std::move(from),
                                           std::move(count));
                 },
                 [&](const Barrier&) { return s; },
                 [&](const Combine& n) {
                   Expr i = expr(n.index);
                   return i.same_as(n.index) ? s
                                             : make_combine(n.level, n.op, n.buffer, std::move(i),
                                                            n.elements, n.stride, n.count);
                 }});
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_MUTATOR_H_
