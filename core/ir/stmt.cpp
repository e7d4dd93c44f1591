#include "pimjit/core/ir/stmt.h"

#include <cassert>

#include "pimjit/core/ir/node_fields.h"

namespace pimjit {
namespace {

void delete_node(const StmtNode* node) {
  visit(*node, [](const auto& n) { delete &n; });
}

// Moves the statements that nobody else holds from a node that is about to go into `pending`.
void take_substatements(const StmtNode& node, std::vector<Stmt>& pending) {
  for_each_substatement(node, [&](const Stmt& inner) {
    // The node was created non-const by make_*, and this is its last owner.
    Stmt& slot = const_cast<Stmt&>(inner);
    if (slot && slot->references.load(std::memory_order_acquire) == 1) {
      pending.push_back(std::move(slot));
    }
  });
}

[[maybe_unused]] bool is_index(const Expr& e) {
  return e && is_index_type(e->dtype);
}

}  // namespace

void StmtNode::destroy(const StmtNode* node) {
  // A work list instead of recursion, so that the depth of a tree does not become the depth of the
  // stack.
  std::vector<Stmt> pending;
  take_substatements(*node, pending);
  delete_node(node);
  while (!pending.empty()) {
    const Stmt next = std::move(pending.back());
    pending.pop_back();
    if (next->references.load(std::memory_order_acquire) == 1) take_substatements(*next, pending);
  }
}

const char* to_string(LoopKind kind) {
  switch (kind) {
    case LoopKind::serial:
      return "serial";
    case LoopKind::unrolled:
      return "unrolled";
    case LoopKind::vectorized:
      return "vectorized";
    case LoopKind::parallel:
      return "parallel";
  }
  return "?";
}

const char* to_string(CombineOp op) {
  switch (op) {
    case CombineOp::sum:
      return "sum";
    case CombineOp::prod:
      return "prod";
    case CombineOp::min:
      return "min";
    case CombineOp::max:
      return "max";
  }
  return "?";
}

Stmt make_seq(std::vector<Stmt> body) {
  std::vector<Stmt> flat;
  flat.reserve(body.size());
  for (Stmt& s : body) {
    assert(s);
    if (s->kind == StmtKind::Seq) {
      const std::vector<Stmt>& inner = as<Seq>(s).body;
      flat.insert(flat.end(), inner.begin(), inner.end());
    } else {
      flat.push_back(std::move(s));
    }
  }
  if (flat.size() == 1) return std::move(flat.front());
  return Stmt(new Seq(std::move(flat)));
}
Stmt make_for(int var, Expr min, Expr extent, LoopKind loop, int unroll, Stmt body) {
  assert(var >= 0 && is_index(min) && extent && extent->dtype == min->dtype && body);
  return Stmt(new For(var, std::move(min), std::move(extent), loop,
                      loop == LoopKind::unrolled ? unroll : 0, std::move(body)));
}
Stmt make_if(Expr condition, Stmt then_body, Stmt else_body) {
  assert(condition && condition->dtype == DType::b1 && then_body);
  return Stmt(new If(std::move(condition), std::move(then_body), std::move(else_body)));
}
Stmt make_let(int var, Expr value, Stmt body) {
  assert(var >= 0 && value && value->dtype != DType::b1 && body);
  return Stmt(new Let(var, std::move(value), std::move(body)));
}
Stmt make_store(int buffer, Expr index, Expr value) {
  assert(buffer >= 0 && is_index(index) && value);
  return Stmt(new Store(buffer, std::move(index), std::move(value)));
}
Stmt make_copy(int link, int dst, Expr dst_index, int src, Expr src_index, Expr elements) {
  assert(link >= 0 && dst >= 0 && src >= 0);
  assert(is_index(dst_index) && is_index(src_index) && is_index(elements));
  return Stmt(
      new Copy(link, dst, std::move(dst_index), src, std::move(src_index), std::move(elements)));
}
Stmt make_barrier(int level) {
  assert(level >= 0);
  return Stmt(new Barrier(level));
}
Stmt make_combine(int level, CombineOp op, int buffer, Expr index, int64_t elements, int64_t stride,
                  int64_t count) {
  assert(level >= 0 && buffer >= 0 && is_index(index));
  return Stmt(new Combine(level, op, buffer, std::move(index), elements, stride, count));
}

bool equal(const Stmt& a, const Stmt& b) {
  if (a.same_as(b)) return true;
  if (!a || !b) return false;
  std::vector<const StmtNode*> left{a.get()}, right{b.get()};
  std::vector<Expr> operands;
  while (!left.empty()) {
    const StmtNode* x = left.back();
    const StmtNode* y = right.back();
    left.pop_back();
    right.pop_back();
    if (x == y) continue;
    if (x->kind != y->kind || fields_of(*x) != fields_of(*y)) return false;
    operands.clear();
    for_each_operand(*x, [&](const Expr& e) { operands.push_back(e); });
    size_t position = 0;
    bool same = true;
    for_each_operand(*y, [&](const Expr& e) { same = same && equal(operands[position++], e); });
    if (!same) return false;
    for_each_substatement(*x, [&](const Stmt& s) { left.push_back(s.get()); });
    for_each_substatement(*y, [&](const Stmt& s) { right.push_back(s.get()); });
  }
  return true;
}

uint64_t hash_of(const Stmt& s, uint64_t seed) {
  uint64_t state = hash_step(seed, 0x5);
  for_each_stmt(s, [&](const StmtNode& node) {
    for (const int64_t word : fields_of(node))
      state = hash_step(state, static_cast<uint64_t>(word));
    for_each_operand(node, [&](const Expr& e) { state = hash_of(e, state); });
  });
  return state;
}

}  // namespace pimjit
