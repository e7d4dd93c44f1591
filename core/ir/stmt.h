#ifndef PIMJIT_CORE_IR_STMT_H_
#define PIMJIT_CORE_IR_STMT_H_

#include <vector>

#include "pimjit/core/ir/expr.h"

namespace pimjit {

// Statements of the kernel language. Semantics: docs/ir.md.
struct StmtNode {
  StmtKind kind;
  mutable std::atomic<uint32_t> references{0};
  explicit StmtNode(StmtKind k) : kind(k) {}
  static void destroy(const StmtNode* node);
};
using Stmt = NodeRef<StmtNode>;

enum class LoopKind : uint8_t { serial = 0, unrolled = 1, vectorized = 2, parallel = 3 };
enum class CombineOp : uint8_t { sum = 1, prod = 2, min = 3, max = 4 };

struct Seq : StmtNode {
  std::vector<Stmt> body;  // in order; empty is "do nothing"
  explicit Seq(std::vector<Stmt> b) : StmtNode(StmtKind::Seq), body(std::move(b)) {}
};
// for var in [min, min + extent): body. An extent <= 0 runs nothing.
struct For : StmtNode {
  int var;
  Expr min, extent;
  LoopKind loop;
  int unroll;  // of `unrolled`: copies of the body, 0 for all
  Stmt body;
  For(int v, Expr m, Expr e, LoopKind k, int u, Stmt b)
      : StmtNode(StmtKind::For),
        var(v),
        min(std::move(m)),
        extent(std::move(e)),
        loop(k),
        unroll(u),
        body(std::move(b)) {}
};
struct If : StmtNode {
  Expr condition;
  Stmt then_body;
  Stmt else_body;  // may be null
  If(Expr c, Stmt t, Stmt e)
      : StmtNode(StmtKind::If),
        condition(std::move(c)),
        then_body(std::move(t)),
        else_body(std::move(e)) {}
};
struct Let : StmtNode {
  int var;
  Expr value;
  Stmt body;
  Let(int v, Expr x, Stmt b)
      : StmtNode(StmtKind::Let), var(v), value(std::move(x)), body(std::move(b)) {}
};
struct Store : StmtNode {
  int buffer;
  Expr index;  // elements
  Expr value;
  Store(int b, Expr i, Expr v)
      : StmtNode(StmtKind::Store), buffer(b), index(std::move(i)), value(std::move(v)) {}
};
// dst[dst_index ...] = src[src_index ...] for `elements` elements, over link `link`. Sizes and
// offsets obey the link.
struct Copy : StmtNode {
  int link;  // index into Kernel::links
  int dst;
  Expr dst_index;
  int src;
  Expr src_index;
  Expr elements;
  Copy(int l, int d, Expr di, int s, Expr si, Expr n)
      : StmtNode(StmtKind::Copy),
        link(l),
        dst(d),
        dst_index(std::move(di)),
        src(s),
        src_index(std::move(si)),
        elements(std::move(n)) {}
};
// All running innermost instances inside one instance of the level's parent wait for each other.
struct Barrier : StmtNode {
  int level;
  explicit Barrier(int l) : StmtNode(StmtKind::Barrier), level(l) {}
};
// Reduction across instances of a level. With id the instance's index and digit = (id / stride) %
// count, the instances that differ in `digit` only form a group; each contributes buffer[index ..
// index + elements). Afterwards the slice of the member with digit 0 holds the result, the others'
// contents are unspecified. Acts as a barrier of the level on entry and on exit.
struct Combine : StmtNode {
  int level;
  CombineOp op;
  int buffer;
  Expr index;        // this instance's slice, elements
  int64_t elements;  // of the slice
  int64_t stride, count;
  Combine(int l, CombineOp o, int b, Expr i, int64_t n, int64_t s, int64_t c)
      : StmtNode(StmtKind::Combine),
        level(l),
        op(o),
        buffer(b),
        index(std::move(i)),
        elements(n),
        stride(s),
        count(c) {}
};

Stmt make_seq(std::vector<Stmt> body);  // flattens nested sequences; one statement stays itself
Stmt make_for(int var, Expr min, Expr extent, LoopKind loop, int unroll, Stmt body);
Stmt make_if(Expr condition, Stmt then_body, Stmt else_body = {});
Stmt make_let(int var, Expr value, Stmt body);
Stmt make_store(int buffer, Expr index, Expr value);
Stmt make_copy(int link, int dst, Expr dst_index, int src, Expr src_index, Expr elements);
Stmt make_barrier(int level);
Stmt make_combine(int level, CombineOp op, int buffer, Expr index, int64_t elements, int64_t stride,
                  int64_t count);

template <typename Node>
const Node& as(const StmtNode& node) {
  return static_cast<const Node&>(node);
}
template <typename Node>
const Node& as(const Stmt& s) {
  return static_cast<const Node&>(*s);
}

const char* to_string(LoopKind kind);
const char* to_string(CombineOp op);

bool equal(const Stmt& a, const Stmt& b);
uint64_t hash_of(const Stmt& s, uint64_t seed = 0);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_STMT_H_
