#include "pimjit/core/lower/buffer_uses.h"

#include <algorithm>

#include "pimjit/core/ir/visitor.h"

namespace pimjit {
namespace {

void gather(const Stmt& s, FillUses& uses) {
  visit(*s, Overloaded{[&](const Seq& n) {
                         for (const Stmt& inner : n.body) gather(inner, uses);
                       },
                       [&](const For& n) {
                         uses.where.push_back(n.min);
                         uses.where.push_back(n.extent);
                         gather(n.body, uses);
                       },
                       [&](const If& n) {
                         uses.where.push_back(n.condition);
                         gather(n.then_body, uses);
                         if (n.else_body) gather(n.else_body, uses);
                       },
                       [&](const Let& n) {
                         uses.where.push_back(n.value);
                         gather(n.body, uses);
                       },
                       [&](const Store& n) {
                         uses.written.push_back(n.buffer);
                         uses.where.push_back(n.index);
                       },
                       [&](const Copy& n) {
                         uses.written.push_back(n.dst);
                         uses.where.push_back(n.dst_index);
                         uses.where.push_back(n.elements);
                       },
                       [&](const Barrier&) { uses.only_fills = false; },
                       [&](const Combine&) { uses.only_fills = false; }});
}

}  // namespace

std::vector<int64_t> reads_in(const Stmt& s, size_t buffers) {
  std::vector<int64_t> reads(buffers, 0);
  for_each_stmt(s, [&](const StmtNode& node) {
    if (node.kind == StmtKind::Copy) ++reads[static_cast<size_t>(as<Copy>(node).src)];
    if (node.kind == StmtKind::Combine) ++reads[static_cast<size_t>(as<Combine>(node).buffer)];
    for_each_operand(node, [&](const Expr& e) {
      for_each_expr(e, [&](const ExprNode& inner) {
        if (inner.kind == ExprKind::Load) ++reads[static_cast<size_t>(as<Load>(inner).buffer)];
      });
    });
  });
  return reads;
}

FillUses fill_uses(const Stmt& s, size_t buffers) {
  FillUses uses;
  uses.only_fills = true;
  const Stmt* inner = &s;
  while ((*inner)->kind == StmtKind::If && !as<If>(*inner).else_body) {
    uses.conditions.push_back(as<If>(*inner).condition);
    inner = &as<If>(*inner).then_body;
  }
  gather(*inner, uses);
  std::sort(uses.written.begin(), uses.written.end());
  uses.written.erase(std::unique(uses.written.begin(), uses.written.end()), uses.written.end());
  const std::vector<int64_t> reads = reads_in(s, buffers);
  for (int b : uses.written) {
    if (reads[static_cast<size_t>(b)] > 0) uses.only_fills = false;
  }
  return uses;
}

}  // namespace pimjit
