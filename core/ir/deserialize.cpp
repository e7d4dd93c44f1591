#include <bit>
#include <cstring>
#include <optional>

#include "pimjit/core/ir/byte_format.h"
#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

static_assert(std::endian::native == std::endian::little,
              "values are copied as they lie in memory");

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

bool is_index_type(DType t) {
  return t == DType::i32 || t == DType::i64;
}

// Reads a kernel front to back. After the first problem nothing is read any more: get() gives
// zeros, and every loop asks ok().
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  Result<Kernel> read();

 private:
  template <typename Node>
  struct Item {
    Node node;
    int depth;
  };

  bool ok() const { return !problem_; }
  void complain(const std::string& what) {
    if (ok()) problem_ = bad(what, at_, field_);
  }
  static Error bad(const std::string& what, size_t at, const char* field) {
    return target_error("kernel_bytes", cat("serialised kernel: ", what),
                        cat("byte ", at, ", ", field));
  }
  template <typename T>
  T get(const char* field) {
    T value{};
    if (!ok()) return value;
    field_ = field;
    at_ = next_;
    if (end_ - next_ < sizeof value) {
      complain(cat("ends early, ", sizeof value, " bytes needed and ", end_ - next_, " left"));
      return value;
    }
    std::memcpy(&value, bytes_.data() + next_, sizeof value);
    next_ += sizeof value;
    return value;
  }
  // A count of entries of at least `entry_bytes` each, so that a huge count cannot reserve memory
  // the bytes do not pay for.
  size_t count(const char* field, size_t limit, size_t entry_bytes) {
    const auto value = get<uint32_t>(field);
    if (value > limit) complain(cat(value, " where at most ", limit, " are allowed"));
    if (ok() && value > (end_ - next_) / entry_bytes)
      complain(cat(value, " entries do not fit into the bytes left"));
    return ok() ? value : 0;
  }
  int index(const char* field, size_t size) {
    const auto value = get<uint32_t>(field);
    if (value >= size) complain(cat(value, " where ", size, " exist"));
    return ok() ? static_cast<int>(value) : 0;
  }
  uint8_t code(const char* field, uint8_t low, uint8_t high) {
    const auto value = get<uint8_t>(field);
    if (value < low || value > high) {
      complain(cat(static_cast<int>(value), " is not a code of ", static_cast<int>(low), "..",
                   static_cast<int>(high)));
      return low;
    }
    return value;
  }
  DType dtype(const char* field, bool condition_too = false) {
    return static_cast<DType>(code(field, condition_too ? 0 : 1, 5));
  }
  DType index_dtype(const char* field) {
    const DType t = dtype(field);
    if (!is_index_type(t)) complain(cat(to_string(t), " where i32 or i64 is needed"));
    return t;
  }
  const std::string& name(const char* field) {
    static const std::string kNone;
    const int i = index(field, strings_.size());
    return ok() ? strings_[static_cast<size_t>(i)] : kNone;
  }

  Status header();
  void strings();
  void tables();
  KernelBuffer buffer();
  void body();
  void expr_node(ExprKind kind);
  void binary_node();
  void stmt_node(StmtKind kind);
  void seq_node();
  void for_node();
  void copy_node();
  void combine_node();

  // The last expression pushed; a null one after a problem. Its depth goes into depth_.
  Expr pop_expr() {
    if (ok() && exprs_.empty()) complain("an operand is missing");
    if (!ok()) return {};
    Item<Expr> item = std::move(exprs_.back());
    exprs_.pop_back();
    expr_depth_ = std::max(expr_depth_, item.depth);
    return std::move(item.node);
  }
  Expr pop_typed(bool fits, Expr e, const char* needed) {
    if (ok() && !fits)
      complain(cat("operand of type ", to_string(e->dtype), " where ", needed, " is needed"));
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
    if (ok() && stmts_.empty()) complain("a statement is missing");
    if (!ok()) return {};
    Item<Stmt> item = std::move(stmts_.back());
    stmts_.pop_back();
    stmt_depth_ = std::max(stmt_depth_, item.depth);
    return std::move(item.node);
  }
  void push(Expr e) {
    if (expr_depth_ >= kMaxTreeDepth)
      complain(cat("an expression is nested deeper than ", kMaxTreeDepth));
    exprs_.push_back({std::move(e), expr_depth_ + 1});
  }
  void push(Stmt s) {
    if (stmt_depth_ >= kMaxTreeDepth)
      complain(cat("a statement is nested deeper than ", kMaxTreeDepth));
    stmts_.push_back({std::move(s), stmt_depth_ + 1});
  }

  std::span<const uint8_t> bytes_;
  size_t next_ = 0, end_ = 0;
  size_t at_ = 0;                // where the field read last begins
  const char* field_ = "magic";  // its name
  std::optional<Error> problem_;
  std::vector<std::string> strings_;
  Kernel kernel_;
  std::vector<Item<Expr>> exprs_;
  std::vector<Item<Stmt>> stmts_;
  int expr_depth_ = 0, stmt_depth_ = 0;  // of the operands of the node being read
};

// Magic, version, size and hash: whether these are the bytes that were written.
Status Reader::header() {
  constexpr size_t kHeader = 12;
  end_ = bytes_.size();
  if (get<uint32_t>("magic") != kKernelMagic)
    complain("this is no kernel, the first bytes are not \"PJKN\"");
  const auto version = get<uint16_t>("version");
  if (ok() && (version == 0 || version > kKernelFormatVersion)) {
    return fail(target_error("kernel_version",
                             cat("serialised kernel has format version ", version,
                                 ", this reader knows 1..", kKernelFormatVersion),
                             cat("byte ", at_, ", version")));
  }
  if (get<uint16_t>("reserved") != 0) complain("is not zero");
  const auto size = get<uint32_t>("size");
  if (size != bytes_.size())
    complain(cat("the kernel has ", size, " bytes, given are ", bytes_.size()));
  if (size > kMaxKernelBytes)
    complain(cat(size, " bytes where at most ", kMaxKernelBytes, " are allowed"));
  if (size < kHeader + sizeof(uint64_t)) complain(cat(size, " bytes are too few"));
  if (!ok()) return fail(*problem_);
  end_ = size - sizeof(uint64_t);
  uint64_t stored = 0;
  std::memcpy(&stored, bytes_.data() + end_, sizeof stored);
  if (stored != fnv1a(bytes_.data(), end_))
    return fail(bad("the hash does not fit the contents", end_, "hash"));
  return {};
}

void Reader::strings() {
  const size_t n = count("strings", kMaxStrings, sizeof(uint32_t));
  strings_.reserve(n);
  for (size_t i = 0; i < n && ok(); ++i) {
    const auto length = get<uint32_t>("string length");
    if (length > kMaxStringBytes)
      complain(cat(length, " where at most ", kMaxStringBytes, " are allowed"));
    if (ok() && length > end_ - next_)
      complain(cat("a string of ", length, " bytes, ", end_ - next_, " left"));
    if (!ok()) return;
    strings_.emplace_back(reinterpret_cast<const char*>(bytes_.data()) + next_, length);
    next_ += length;
  }
}

KernelBuffer Reader::buffer() {
  KernelBuffer b{};
  b.name = name("buffer name");
  b.dtype = dtype("buffer dtype");
  b.kind = static_cast<BufferKind>(code("buffer kind", 0, 1));
  const uint8_t flags = code("buffer flags", 0, kFlagWritten | kFlagRange);
  b.written = (flags & kFlagWritten) != 0;
  b.scope = index("buffer scope", kernel_.scopes.size());
  b.elements = get<int64_t>("buffer elements");
  if (b.elements < 0 || b.elements > kMaxBufferBytes / bytes_of(b.dtype)) {
    complain(cat(b.elements, " elements are not 0 .. 2^60 bytes"));
  }
  b.align = get<int64_t>("buffer align");
  if (ok() && (b.align < 1 || b.align > kMaxAlignment || (b.align & (b.align - 1)) != 0)) {
    complain(cat(b.align, " is not a power of two in 1 .. 2^30"));
  }
  b.param = get<int32_t>("buffer param");
  const auto params = static_cast<int>(kernel_.params.size());
  if (ok() && (b.kind == BufferKind::device ? b.param < 0 || b.param >= params : b.param != -1)) {
    complain(
        cat(b.param, " where ", b.kind == BufferKind::device ? "a parameter" : "-1", " is needed"));
  }
  if ((flags & kFlagRange) != 0) {
    const auto low = get<int64_t>("buffer range low");
    const auto high = get<int64_t>("buffer range high");
    if (ok() &&
        (!is_int(b.dtype) || low > high || low < min_value(b.dtype) || high > max_value(b.dtype))) {
      complain(cat(low, "..", high, " is no range of ", to_string(b.dtype)));
    }
    b.range = {low, high};
  }
  return b;
}

void Reader::tables() {
  strings();
  kernel_.name = name("kernel name");
  for (size_t n = count("levels", kMaxLevels, 13); n > 0 && ok(); --n) {
    KernelLevel l{name("level name"), static_cast<LevelKind>(code("level kind", 0, 3)),
                  get<int64_t>("level count")};
    if (l.count < 1) complain(cat(l.count, " instances where at least 1 is needed"));
    kernel_.levels.push_back(std::move(l));
  }
  for (size_t n = count("scopes", kMaxScopes, 8); n > 0 && ok(); --n) {
    KernelScope s{name("scope name"), get<int32_t>("scope level")};
    if (s.level < -1 || s.level >= static_cast<int>(kernel_.levels.size())) {
      complain(cat("level ", s.level, " where ", kernel_.levels.size(), " exist"));
    }
    kernel_.scopes.push_back(std::move(s));
  }
  for (size_t n = count("links", kMaxLinks, 12); n > 0 && ok(); --n) {
    const size_t scopes = kernel_.scopes.size();
    kernel_.links.push_back(
        {name("link name"), index("link from", scopes), index("link to", scopes)});
  }
  for (size_t n = count("params", kMaxParams, 5); n > 0 && ok(); --n) {
    kernel_.params.push_back({name("parameter name"), index_dtype("parameter dtype")});
  }
  for (size_t n = count("buffers", kMaxBuffers, 31); n > 0 && ok(); --n)
    kernel_.buffers.push_back(buffer());
  for (size_t n = count("vars", kMaxVars, 5); n > 0 && ok(); --n) {
    kernel_.vars.push_back({name("variable name"), dtype("variable dtype")});
  }
}

void Reader::binary_node() {
  const auto op = binary_op(get<uint8_t>("operation"));
  if (!op) complain("unknown operation");
  Expr b = pop_expr();
  Expr a = pop_expr();
  if (!ok()) return;
  if (a->dtype != b->dtype)
    complain(cat("operands of types ", to_string(a->dtype), " and ", to_string(b->dtype)));
  if (!takes(*op, a->dtype))
    complain(cat(to_string(*op), " does not exist for ", to_string(a->dtype)));
  if (ok()) push(make_binary(*op, std::move(a), std::move(b)));
}

void Reader::expr_node(ExprKind kind) {
  expr_depth_ = 0;
  switch (kind) {
    case ExprKind::IntImm: {
      const DType t = dtype("constant dtype", true);
      const auto value = get<int64_t>("constant");
      if (ok() && (is_float(t) || value < min_value(t) || value > max_value(t)))
        complain(cat(value, " is no value of ", to_string(t)));
      if (ok()) push(make_int(t, value));
      return;
    }
    case ExprKind::FloatImm:
      return push(make_float(get<float>("constant")));
    case ExprKind::Var: {
      const int id = index("variable", kernel_.vars.size());
      if (ok()) push(make_var(kernel_.vars[static_cast<size_t>(id)].dtype, id));
      return;
    }
    case ExprKind::LevelIndex: {
      const DType t = index_dtype("level index dtype");
      const int level = index("level", kernel_.levels.size());
      if (ok()) push(make_level_index(t, level));
      return;
    }
    case ExprKind::Param: {
      const int i = index("parameter", kernel_.params.size());
      if (ok()) push(make_param(kernel_.params[static_cast<size_t>(i)].dtype, i));
      return;
    }
    case ExprKind::Binary:
      return binary_node();
    case ExprKind::Not: {
      Expr a = pop_of(DType::b1);
      if (ok()) push(make_not(std::move(a)));
      return;
    }
    case ExprKind::Select: {
      Expr if_false = pop_expr();
      Expr if_true = ok() ? pop_of(if_false->dtype) : Expr{};
      Expr condition = pop_of(DType::b1);
      if (ok()) push(make_select(std::move(condition), std::move(if_true), std::move(if_false)));
      return;
    }
    case ExprKind::Cast: {
      const DType t = dtype("cast dtype");
      Expr a = pop_expr();
      // make_cast would give the operand itself; the node must come back as it was written.
      if (ok() && a->dtype == t) complain(cat("a cast from ", to_string(t), " to itself"));
      if (ok()) push(make_cast(t, std::move(a)));
      return;
    }
    case ExprKind::Load: {
      const int b = index("buffer", kernel_.buffers.size());
      Expr i = pop_index();
      if (ok()) push(make_load(kernel_.buffers[static_cast<size_t>(b)].dtype, b, std::move(i)));
      return;
    }
  }
}

void Reader::seq_node() {
  const auto n = get<uint32_t>("statements of a sequence");
  if (ok() && n > stmts_.size())
    complain(cat(n, " statements needed and ", stmts_.size(), " there"));
  if (ok() && n == 1) complain("a sequence of one statement");
  if (!ok()) return;
  std::vector<Stmt> inner(n);
  for (size_t i = n; i-- > 0;) {
    inner[i] = pop_stmt();
    if (inner[i]->kind == StmtKind::Seq) return complain("a sequence directly inside a sequence");
  }
  push(make_seq(std::move(inner)));
}

void Reader::for_node() {
  const int var = index("loop variable", kernel_.vars.size());
  const auto loop = static_cast<LoopKind>(code("loop kind", 0, 3));
  const auto unroll = get<uint32_t>("unroll");
  if (ok() && unroll > (loop == LoopKind::unrolled ? kMaxUnroll : 0))
    complain(cat(unroll, " does not fit the kind of the loop"));
  if (!ok()) return;
  const DType t = kernel_.vars[static_cast<size_t>(var)].dtype;
  if (!is_index_type(t))
    return complain(cat("loop variable of type ", to_string(t), " where i32 or i64 is needed"));
  Expr extent = pop_of(t);
  Expr min = pop_of(t);
  Stmt inner = pop_stmt();
  if (ok())
    push(make_for(var, std::move(min), std::move(extent), loop, static_cast<int>(unroll),
                  std::move(inner)));
}

void Reader::copy_node() {
  const int link = index("link", kernel_.links.size());
  const int dst = index("destination", kernel_.buffers.size());
  const int src = index("source", kernel_.buffers.size());
  Expr elements = pop_index();
  Expr src_index = pop_index();
  Expr dst_index = pop_index();
  if (ok())
    push(
        make_copy(link, dst, std::move(dst_index), src, std::move(src_index), std::move(elements)));
}

void Reader::combine_node() {
  const int level = index("level", kernel_.levels.size());
  const auto op = static_cast<CombineOp>(code("combine operation", 1, 4));
  const int b = index("buffer", kernel_.buffers.size());
  const auto elements = get<int64_t>("combine elements");
  const auto stride = get<int64_t>("combine stride");
  const auto members = get<int64_t>("combine count");
  if (ok() && (elements < 0 || stride < 1 || members < 1)) {
    complain(cat("elements ", elements, ", stride ", stride, ", count ", members,
                 " where at least 0, 1 and 1 are needed"));
  }
  Expr i = pop_index();
  if (ok()) push(make_combine(level, op, b, std::move(i), elements, stride, members));
}

void Reader::stmt_node(StmtKind kind) {
  expr_depth_ = 0;
  stmt_depth_ = 0;
  switch (kind) {
    case StmtKind::Seq:
      return seq_node();
    case StmtKind::For:
      return for_node();
    case StmtKind::If: {
      const bool has_else = code("has_else", 0, 1) != 0;
      Expr condition = pop_of(DType::b1);
      Stmt else_body = has_else ? pop_stmt() : Stmt{};
      Stmt then_body = pop_stmt();
      if (ok()) push(make_if(std::move(condition), std::move(then_body), std::move(else_body)));
      return;
    }
    case StmtKind::Let: {
      const int var = index("variable", kernel_.vars.size());
      if (!ok()) return;
      Expr value = pop_of(kernel_.vars[static_cast<size_t>(var)].dtype);
      Stmt inner = pop_stmt();
      if (ok()) push(make_let(var, std::move(value), std::move(inner)));
      return;
    }
    case StmtKind::Store: {
      const int b = index("buffer", kernel_.buffers.size());
      if (!ok()) return;
      Expr value = pop_of(kernel_.buffers[static_cast<size_t>(b)].dtype);
      Expr i = pop_index();
      if (ok()) push(make_store(b, std::move(i), std::move(value)));
      return;
    }
    case StmtKind::Copy:
      return copy_node();
    case StmtKind::Barrier: {
      const int level = index("level", kernel_.levels.size());
      if (ok()) push(make_barrier(level));
      return;
    }
    case StmtKind::Combine:
      return combine_node();
  }
}

void Reader::body() {
  const size_t n = count("nodes", kMaxNodes, 1);
  for (size_t i = 0; i < n && ok(); ++i) {
    const auto tag = get<uint8_t>("node tag");
    const auto kind = expr_kind(tag);
    const auto statement =
        tag > kStmtTag ? stmt_kind(static_cast<uint8_t>(tag - kStmtTag)) : std::nullopt;
    if (kind) {
      expr_node(*kind);
    } else if (statement) {
      stmt_node(*statement);
    } else {
      complain(cat(static_cast<int>(tag), " is not a tag of a node"));
    }
  }
  if (!ok()) return;
  field_ = "end of the body";
  at_ = next_;
  if (!exprs_.empty()) return complain(cat(exprs_.size(), " expressions are used by no node"));
  if (stmts_.size() != 1) return complain(cat(stmts_.size(), " statements where the body is one"));
  if (next_ != end_) return complain(cat(end_ - next_, " bytes are left over"));
  kernel_.body = pop_stmt();
}

Result<Kernel> Reader::read() {
  if (Status status = header(); !status) return fail(status.error());
  tables();
  body();
  if (!ok()) return fail(*problem_);
  return std::move(kernel_);
}

}  // namespace

Result<Kernel> deserialize(std::span<const uint8_t> bytes) {
  return Reader(bytes).read();
}

}  // namespace pimjit
