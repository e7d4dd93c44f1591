#include "pimjit/core/ir/body_reader.h"

#include "pimjit/core/ir/byte_format.h"
#include "pimjit/core/ir/limits.h"

namespace pimjit {
namespace {

std::optional<ExprKind> expr_kind(uint8_t code) {
  switch (code) {
#define PIMJIT_EXPR(Name, number) \
  case number:                    \
    return ExprKind::Name;
#include "pimjit/core/ir/nodes.def"
  }
  return std::nullopt;
}
std::optional<StmtKind> stmt_kind(uint8_t code) {
  switch (code) {
#define PIMJIT_STMT(Name, number) \
  case number:                    \
    return StmtKind::Name;
#include "pimjit/core/ir/nodes.def"
  }
  return std::nullopt;
}
std::optional<BinaryOp> binary_op(uint8_t code) {
  switch (code) {
#define PIMJIT_BINARY(Name, number, text, result) \
  case number:                                    \
    return BinaryOp::Name;
#include "pimjit/core/ir/nodes.def"
  }
  return std::nullopt;
}

// The two stacks of the format and what takes nodes off them.
class BodyReader {
 public:
  BodyReader(ByteReader& in, const Kernel& tables) : in_(in), tables_(tables) {}
  Stmt read();

 private:
  template <typename Node>
  struct Item {
    Node node;
    int depth;
  };

  void leaf_node(ExprKind kind);
  void expr_node(ExprKind kind);
  void binary_node();
  void stmt_node(StmtKind kind);
  void seq_node();
  void for_node();
  void copy_node();
  void combine_node();

  // The last expression pushed; a null one after a problem. Its depth goes into depth_.
  Expr pop_expr() {
    if (in_.ok() && exprs_.empty()) in_.complain("an operand is missing");
    if (!in_.ok()) return {};
    Item<Expr> item = std::move(exprs_.back());
    exprs_.pop_back();
    expr_depth_ = std::max(expr_depth_, item.depth);
    return std::move(item.node);
  }
  Expr pop_typed(bool fits, Expr e, const char* needed) {
    if (in_.ok() && !fits)
      in_.complain(cat("operand of type ", to_string(e->dtype), " where ", needed, " is needed"));
    return e;
  }
  Expr pop_index() {
    Expr e = pop_expr();
    const bool fits = e && is_index_type(e->dtype);
    return pop_typed(fits, std::move(e), "i32 or i64");
  }
  Expr pop_of(DType t) {
    Expr e = pop_expr();
    const bool fits = e && e->dtype == t;
    return pop_typed(fits, std::move(e), to_string(t));
  }
  Stmt pop_stmt() {
    if (in_.ok() && stmts_.empty()) in_.complain("a statement is missing");
    if (!in_.ok()) return {};
    Item<Stmt> item = std::move(stmts_.back());
    stmts_.pop_back();
    stmt_depth_ = std::max(stmt_depth_, item.depth);
    return std::move(item.node);
  }
  void push(Expr e) {
    if (expr_depth_ >= kMaxTreeDepth)
      in_.complain(cat("an expression is nested deeper than ", kMaxTreeDepth));
    exprs_.push_back({std::move(e), expr_depth_ + 1});
  }
  void push(Stmt s) {
    if (stmt_depth_ >= kMaxTreeDepth)
      in_.complain(cat("a statement is nested deeper than ", kMaxTreeDepth));
    stmts_.push_back({std::move(s), stmt_depth_ + 1});
  }

  ByteReader& in_;
  const Kernel& tables_;
  std::vector<Item<Expr>> exprs_;
  std::vector<Item<Stmt>> stmts_;
  int expr_depth_ = 0, stmt_depth_ = 0;  // of the operands of the node being read
};

void BodyReader::binary_node() {
  const auto op = binary_op(in_.get<uint8_t>("operation"));
  if (!op) in_.complain("unknown operation");
  Expr b = pop_expr();
  Expr a = pop_expr();
  if (!in_.ok()) return;
  if (a->dtype != b->dtype)
    in_.complain(cat("operands of types ", to_string(a->dtype), " and ", to_string(b->dtype)));
  if (!takes(*op, a->dtype))
    in_.complain(cat(to_string(*op), " does not exist for ", to_string(a->dtype)));
  if (in_.ok()) push(make_binary(*op, std::move(a), std::move(b)));
}

void BodyReader::leaf_node(ExprKind kind) {
  switch (kind) {
    case ExprKind::IntImm: {
      const DType t = in_.dtype("constant dtype", true);
      const auto value = in_.get<int64_t>("constant");
      if (in_.ok() && (is_float(t) || value < min_value(t) || value > max_value(t)))
        in_.complain(cat(value, " is no value of ", to_string(t)));
      if (in_.ok()) push(make_int(t, value));
      return;
    }
    case ExprKind::FloatImm:
      return push(make_float(in_.get<float>("constant")));
    case ExprKind::Var: {
      const int id = in_.index("variable", tables_.vars.size());
      if (in_.ok()) push(make_var(tables_.vars[static_cast<size_t>(id)].dtype, id));
      return;
    }
    case ExprKind::LevelIndex: {
      const DType t = in_.index_dtype("level index dtype");
      const int level = in_.index("level", tables_.levels.size());
      if (in_.ok()) push(make_level_index(t, level));
      return;
    }
    case ExprKind::Param: {
      const int i = in_.index("parameter", tables_.params.size());
      if (in_.ok()) push(make_param(tables_.params[static_cast<size_t>(i)].dtype, i));
      return;
    }
    default:
      return;
  }
}

void BodyReader::expr_node(ExprKind kind) {
  expr_depth_ = 0;
  switch (kind) {
    case ExprKind::IntImm:
    case ExprKind::FloatImm:
    case ExprKind::Var:
    case ExprKind::LevelIndex:
    case ExprKind::Param:
      return leaf_node(kind);
    case ExprKind::Binary:
      return binary_node();
    case ExprKind::Not: {
      Expr a = pop_of(DType::b1);
      if (in_.ok()) push(make_not(std::move(a)));
      return;
    }
    case ExprKind::Select: {
      Expr if_false = pop_expr();
      Expr if_true = in_.ok() ? pop_of(if_false->dtype) : Expr{};
      Expr condition = pop_of(DType::b1);
      if (in_.ok())
        push(make_select(std::move(condition), std::move(if_true), std::move(if_false)));
      return;
    }
    case ExprKind::Cast: {
      const DType t = in_.dtype("cast dtype");
      Expr a = pop_expr();
      // make_cast would give the operand itself; the node must come back as it was written.
      if (in_.ok() && a->dtype == t) in_.complain(cat("a cast from ", to_string(t), " to itself"));
      if (in_.ok()) push(make_cast(t, std::move(a)));
      return;
    }
    case ExprKind::Load: {
      const int b = in_.index("buffer", tables_.buffers.size());
      Expr i = pop_index();
      if (in_.ok()) push(make_load(tables_.buffers[static_cast<size_t>(b)].dtype, b, std::move(i)));
      return;
    }
  }
}

void BodyReader::seq_node() {
  const auto n = in_.get<uint32_t>("statements of a sequence");
  if (in_.ok() && n > stmts_.size())
    in_.complain(cat(n, " statements needed and ", stmts_.size(), " there"));
  if (in_.ok() && n == 1) in_.complain("a sequence of one statement");
  if (!in_.ok()) return;
  std::vector<Stmt> inner(n);
  for (size_t i = n; i-- > 0;) {
    inner[i] = pop_stmt();
    if (inner[i]->kind == StmtKind::Seq)
      return in_.complain("a sequence directly inside a sequence");
  }
  push(make_seq(std::move(inner)));
}

void BodyReader::for_node() {
  const int var = in_.index("loop variable", tables_.vars.size());
  const auto loop = static_cast<LoopKind>(in_.code("loop kind", 0, 3));
  const auto unroll = in_.get<uint32_t>("unroll");
  if (in_.ok() && unroll > (loop == LoopKind::unrolled ? kMaxUnroll : 0))
    in_.complain(cat(unroll, " does not fit the kind of the loop"));
  if (!in_.ok()) return;
  const DType t = tables_.vars[static_cast<size_t>(var)].dtype;
  if (!is_index_type(t))
    return in_.complain(cat("loop variable of type ", to_string(t), " where i32 or i64 is needed"));
  Expr extent = pop_of(t);
  Expr min = pop_of(t);
  Stmt inner = pop_stmt();
  if (in_.ok())
    push(make_for(var, std::move(min), std::move(extent), loop, static_cast<int>(unroll),
                  std::move(inner)));
}

void BodyReader::copy_node() {
  const int link = in_.index("link", tables_.links.size());
  const int dst = in_.index("destination", tables_.buffers.size());
  const int src = in_.index("source", tables_.buffers.size());
  Expr elements = pop_index();
  Expr src_index = pop_index();
  Expr dst_index = pop_index();
  if (in_.ok())
    push(
        make_copy(link, dst, std::move(dst_index), src, std::move(src_index), std::move(elements)));
}

void BodyReader::combine_node() {
  const int level = in_.index("level", tables_.levels.size());
  const auto op = static_cast<CombineOp>(in_.code("combine operation", 1, 4));
  const int b = in_.index("buffer", tables_.buffers.size());
  const auto elements = in_.get<int64_t>("combine elements");
  const auto stride = in_.get<int64_t>("combine stride");
  const auto members = in_.get<int64_t>("combine count");
  if (in_.ok() && (elements < 0 || stride < 1 || members < 1)) {
    in_.complain(cat("elements ", elements, ", stride ", stride, ", count ", members,
                     " where at least 0, 1 and 1 are needed"));
  }
  Expr i = pop_index();
  if (in_.ok()) push(make_combine(level, op, b, std::move(i), elements, stride, members));
}

void BodyReader::stmt_node(StmtKind kind) {
  expr_depth_ = 0;
  stmt_depth_ = 0;
  switch (kind) {
    case StmtKind::Seq:
      return seq_node();
    case StmtKind::For:
      return for_node();
    case StmtKind::If: {
      const bool has_else = in_.code("has_else", 0, 1) != 0;
      Expr condition = pop_of(DType::b1);
      Stmt else_body = has_else ? pop_stmt() : Stmt{};
      Stmt then_body = pop_stmt();
      if (in_.ok()) push(make_if(std::move(condition), std::move(then_body), std::move(else_body)));
      return;
    }
    case StmtKind::Let: {
      const int var = in_.index("variable", tables_.vars.size());
      if (!in_.ok()) return;
      Expr value = pop_of(tables_.vars[static_cast<size_t>(var)].dtype);
      Stmt inner = pop_stmt();
      if (in_.ok()) push(make_let(var, std::move(value), std::move(inner)));
      return;
    }
    case StmtKind::Store: {
      const int b = in_.index("buffer", tables_.buffers.size());
      if (!in_.ok()) return;
      Expr value = pop_of(tables_.buffers[static_cast<size_t>(b)].dtype);
      Expr i = pop_index();
      if (in_.ok()) push(make_store(b, std::move(i), std::move(value)));
      return;
    }
    case StmtKind::Copy:
      return copy_node();
    case StmtKind::Barrier: {
      const int level = in_.index("level", tables_.levels.size());
      if (in_.ok()) push(make_barrier(level));
      return;
    }
    case StmtKind::Combine:
      return combine_node();
  }
}

Stmt BodyReader::read() {
  const size_t n = in_.count("nodes", kMaxNodes, 1);
  for (size_t i = 0; i < n && in_.ok(); ++i) {
    const auto tag = in_.get<uint8_t>("node tag");
    const auto kind = expr_kind(tag);
    const auto statement =
        tag > kStmtTag ? stmt_kind(static_cast<uint8_t>(tag - kStmtTag)) : std::nullopt;
    if (kind) {
      expr_node(*kind);
    } else if (statement) {
      stmt_node(*statement);
    } else {
      in_.complain(cat(static_cast<int>(tag), " is not a tag of a node"));
    }
  }
  if (!in_.ok()) return {};
  in_.at_place("end of the body");
  if (!exprs_.empty()) in_.complain(cat(exprs_.size(), " expressions are used by no node"));
  if (stmts_.size() != 1) in_.complain(cat(stmts_.size(), " statements where the body is one"));
  if (in_.left() != 0) in_.complain(cat(in_.left(), " bytes are left over"));
  return pop_stmt();
}

}  // namespace

Stmt read_body(ByteReader& in, const Kernel& tables) {
  return BodyReader(in, tables).read();
}

}  // namespace pimjit
