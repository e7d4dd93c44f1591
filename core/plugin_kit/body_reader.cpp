#include "pimjit/core/plugin_kit/body_reader.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace pimjit::kit {
namespace {

constexpr uint32_t kMaxNodes = 1u << 22;
constexpr int kMaxDepth = 512;
constexpr uint8_t kStmtTag = 64;
constexpr uint32_t kMaxUnroll = 1u << 20;

const char* name_of(Type t) {
  constexpr const char* kNames[] = {"b1", "i8", "i16", "i32", "i64", "f32"};
  return kNames[static_cast<int>(t)];
}

// Whether an operation exists for operands of type `t`.
bool exists_for(BinaryOp op, Type t) {
  switch (op) {
    case BinaryOp::eq:
    case BinaryOp::ne:
      return true;
    case BinaryOp::logical_and:
    case BinaryOp::logical_or:
      return t == Type::b1;
    case BinaryOp::mod:
      return t != Type::b1 && t != Type::f32;
    default:
      return t != Type::b1;
  }
}

bool gives_b1(BinaryOp op) {
  switch (op) {
#define PIMJIT_RESULT_same false
#define PIMJIT_RESULT_b1 true
#define PIMJIT_BINARY(Name, code, text, result) \
  case BinaryOp::Name:                          \
    return PIMJIT_RESULT_##result;
#include "pimjit/core/ir/nodes.def"
#undef PIMJIT_RESULT_same
#undef PIMJIT_RESULT_b1
  }
  return false;
}

bool fits(Type t, int64_t value) {
  switch (t) {
    case Type::b1:
      return value == 0 || value == 1;
    case Type::i8:
      return value == static_cast<int8_t>(value);
    case Type::i16:
      return value == static_cast<int16_t>(value);
    case Type::i32:
      return value == static_cast<int32_t>(value);
    case Type::i64:
      return true;
    case Type::f32:
      return false;
  }
  return false;
}

}  // namespace

void BodyReader::read() {
  const uint32_t n = in_.count("nodes", kMaxNodes, 1);
  for (uint32_t i = 0; i < n && in_.ok(); ++i) {
    const uint8_t tag = in_.u8("node tag");
    depth_ = 0;
    if (tag >= 1 && tag <= static_cast<uint8_t>(ExprKind::Load)) {
      read_expr(static_cast<ExprKind>(tag));
    } else if (tag > kStmtTag && tag <= kStmtTag + static_cast<uint8_t>(StmtKind::Combine)) {
      read_stmt(static_cast<StmtKind>(tag - kStmtTag));
    } else {
      in_.fail("node tag", "no node has the tag " + std::to_string(tag));
    }
  }
  if (!in_.ok()) return;
  if (!exprs_.empty())
    return in_.fail("body", std::to_string(exprs_.size()) + " expressions are not used");
  if (stmts_.size() != 1) {
    return in_.fail("body", "it leaves " + std::to_string(stmts_.size()) + " statements, not one");
  }
  kernel_.body = stmts_[0].node;
}

Type BodyReader::type_of(int expr) const {
  return expr < 0 ? Type::i32 : kernel_.exprs[static_cast<size_t>(expr)].type;
}

int BodyReader::pop_expr() {
  if (exprs_.empty()) in_.fail("node", "an operand is missing");
  if (!in_.ok()) return kNone;
  const Entry top = exprs_.back();
  exprs_.pop_back();
  depth_ = std::max(depth_, top.depth);
  return top.node;
}

int BodyReader::pop_stmt() {
  if (stmts_.empty()) in_.fail("node", "a statement is missing");
  if (!in_.ok()) return kNone;
  const Entry top = stmts_.back();
  stmts_.pop_back();
  depth_ = std::max(depth_, top.depth);
  return top.node;
}

int BodyReader::pop_index() {
  const int expr = pop_expr();
  if (in_.ok() && !is_index(type_of(expr))) {
    in_.fail("node", std::string("an index or size of type ") + name_of(type_of(expr)));
  }
  return expr;
}

int BodyReader::pop_typed(Type type) {
  const int expr = pop_expr();
  if (in_.ok() && type_of(expr) != type) {
    in_.fail("node", std::string("an operand of type ") + name_of(type_of(expr)) + " instead of " +
                         name_of(type));
  }
  return expr;
}

Type BodyReader::read_type(const char* field) {
  const uint8_t code = in_.u8(field);
  if (code > 5) in_.fail(field, "no type has the code " + std::to_string(code));
  return in_.ok() ? static_cast<Type>(code) : Type::i32;
}

// The nodes without operands.
void BodyReader::read_leaf(Expr& e) {
  switch (e.kind) {
    case ExprKind::IntImm:
      e.type = read_type("constant type");
      e.value = in_.i64("constant value");
      if (in_.ok() && !fits(e.type, e.value)) {
        in_.fail("constant value", std::to_string(e.value) + " is no value of " + name_of(e.type));
      }
      break;
    case ExprKind::FloatImm: {
      e.type = Type::f32;
      const uint32_t bits = in_.u32("constant bits");
      std::memcpy(&e.real, &bits, sizeof bits);
      break;
    }
    case ExprKind::Var:
      e.index = in_.index("variable", kernel_.vars.size());
      if (in_.ok()) e.type = kernel_.vars[static_cast<size_t>(e.index)].type;
      break;
    case ExprKind::LevelIndex:
      e.type = read_type("level index type");
      if (!is_index(e.type)) in_.fail("level index type", "neither i32 nor i64");
      e.index = in_.index("level", kernel_.levels.size());
      break;
    case ExprKind::Param:
      e.index = in_.index("parameter", kernel_.params.size());
      if (in_.ok()) e.type = kernel_.params[static_cast<size_t>(e.index)].type;
      break;
    default:
      break;
  }
}

void BodyReader::read_expr(ExprKind kind) {
  Expr e;
  e.kind = kind;
  switch (kind) {
    case ExprKind::Binary:
      read_binary(e);
      break;
    case ExprKind::Not:
      e.type = Type::b1;
      e.a = pop_typed(Type::b1);
      break;
    case ExprKind::Select:
      e.c = pop_expr();
      e.type = type_of(e.c);
      e.b = pop_typed(e.type);
      e.a = pop_typed(Type::b1);
      break;
    case ExprKind::Cast:
      e.type = read_type("cast type");
      if (e.type == Type::b1) in_.fail("cast type", "there is no cast to b1");
      e.a = pop_expr();
      break;
    case ExprKind::Load:
      e.index = in_.index("buffer", kernel_.buffers.size());
      if (in_.ok()) e.type = kernel_.buffers[static_cast<size_t>(e.index)].type;
      e.a = pop_index();
      break;
    default:
      read_leaf(e);
      break;
  }
  if (depth_ + 1 > kMaxDepth) in_.fail("node", "expressions are nested too deep");
  kernel_.exprs.push_back(e);
  exprs_.push_back({static_cast<int>(kernel_.exprs.size()) - 1, depth_ + 1});
}

void BodyReader::read_binary(Expr& e) {
  const uint8_t code = in_.u8("operation");
  if (code < 1 || code > static_cast<uint8_t>(BinaryOp::logical_or)) {
    in_.fail("operation", "no operation has the code " + std::to_string(code));
  }
  e.op = in_.ok() ? static_cast<BinaryOp>(code) : BinaryOp::add;
  e.b = pop_expr();
  e.a = pop_typed(type_of(e.b));
  if (!in_.ok()) return;
  if (!exists_for(e.op, type_of(e.a))) {
    in_.fail("operation",
             "operation " + std::to_string(code) + " does not exist for " + name_of(type_of(e.a)));
  }
  e.type = gives_b1(e.op) ? Type::b1 : type_of(e.a);
}

int BodyReader::buffer_index(const char* field) {
  return in_.index(field, kernel_.buffers.size());
}

void BodyReader::read_stmt(StmtKind kind) {
  Stmt s;
  s.kind = kind;
  switch (kind) {
    case StmtKind::Seq:
      read_seq(s);
      break;
    case StmtKind::For:
      read_for(s);
      break;
    case StmtKind::If:
      read_if(s);
      break;
    case StmtKind::Let:
      read_let(s);
      break;
    case StmtKind::Store: {
      s.dst = buffer_index("buffer");
      const Type type = in_.ok() ? kernel_.buffers[static_cast<size_t>(s.dst)].type : Type::i32;
      s.b = pop_typed(type);
      s.a = pop_index();
      depth_ = 0;
      break;
    }
    case StmtKind::Copy:
      read_copy(s);
      break;
    case StmtKind::Barrier:
      s.level = in_.index("level", kernel_.levels.size());
      break;
    case StmtKind::Combine:
      read_combine(s);
      break;
  }
  const int deepest = depth_ + 1;  // statements only
  if (deepest > kMaxDepth) in_.fail("node", "statements are nested too deep");
  kernel_.stmts.push_back(s);
  stmts_.push_back({static_cast<int>(kernel_.stmts.size()) - 1, deepest});
}

void BodyReader::read_seq(Stmt& s) {
  const uint32_t n = in_.u32("sequence length");
  if (n > stmts_.size()) in_.fail("sequence length", "statements are missing");
  if (!in_.ok()) return;
  s.first = static_cast<int>(kernel_.children.size());
  s.count = static_cast<int>(n);
  for (size_t i = stmts_.size() - n; i < stmts_.size(); ++i) {
    kernel_.children.push_back(stmts_[i].node);
    depth_ = std::max(depth_, stmts_[i].depth);
  }
  stmts_.resize(stmts_.size() - n);
}

void BodyReader::read_for(Stmt& s) {
  s.var = in_.index("loop variable", kernel_.vars.size());
  const Type type = in_.ok() ? kernel_.vars[static_cast<size_t>(s.var)].type : Type::i32;
  if (!is_index(type)) in_.fail("loop variable", "neither i32 nor i64");
  const uint8_t kind = in_.u8("loop kind");
  if (kind > 3) in_.fail("loop kind", "no kind has the code " + std::to_string(kind));
  s.loop = static_cast<LoopKind>(kind);
  const uint32_t unroll = in_.u32("unroll");
  if (unroll > (s.loop == LoopKind::unrolled ? kMaxUnroll : 0))
    in_.fail("unroll", std::to_string(unroll));
  s.unroll = static_cast<int>(unroll);
  s.b = pop_typed(type);
  s.a = pop_typed(type);
  depth_ = 0;
  s.body = pop_stmt();
}

void BodyReader::read_if(Stmt& s) {
  const uint8_t has_else = in_.u8("has_else");
  if (has_else > 1) in_.fail("has_else", std::to_string(has_else));
  s.a = pop_typed(Type::b1);
  depth_ = 0;
  if (has_else == 1) s.else_body = pop_stmt();
  s.body = pop_stmt();
}

void BodyReader::read_let(Stmt& s) {
  s.var = in_.index("variable", kernel_.vars.size());
  s.a = pop_typed(in_.ok() ? kernel_.vars[static_cast<size_t>(s.var)].type : Type::i32);
  depth_ = 0;
  s.body = pop_stmt();
}

void BodyReader::read_copy(Stmt& s) {
  s.link = in_.index("link", kernel_.links.size());
  s.dst = buffer_index("destination");
  s.src = in_.index("source", kernel_.buffers.size());
  s.c = pop_index();
  s.b = pop_index();
  s.a = pop_index();
  depth_ = 0;
}

void BodyReader::read_combine(Stmt& s) {
  s.level = in_.index("level", kernel_.levels.size());
  const uint8_t op = in_.u8("combine op");
  if (op < 1 || op > 4) in_.fail("combine op", "no operation has the code " + std::to_string(op));
  s.op = static_cast<CombineOp>(op);
  s.dst = buffer_index("buffer");
  s.elements = in_.i64("combine elements");
  s.stride = in_.i64("combine stride");
  s.group = in_.i64("combine count");
  if (s.elements < 0 || s.stride < 1 || s.group < 1) {
    in_.fail("combine count", "elements, stride or count is too small");
  }
  s.a = pop_index();
  depth_ = 0;
}

}  // namespace pimjit::kit
