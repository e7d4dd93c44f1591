#include "pimjit/core/ir/parser.h"

#include <bit>
#include <charconv>

#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/text_names.h"
#include "pimjit/core/ir/text_tables.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// An expression or statement with the depth of its tree.
template <typename Node>
struct Parsed {
  Node node;
  int depth = 1;
};
using ParsedExpr = Parsed<Expr>;
using ParsedStmt = Parsed<Stmt>;

struct Operator {
  BinaryOp op;
  int precedence;
};
constexpr Operator kOperators[] = {
    {BinaryOp::logical_or, 1}, {BinaryOp::logical_and, 2}, {BinaryOp::eq, 3},  {BinaryOp::ne, 3},
    {BinaryOp::le, 4},         {BinaryOp::lt, 4},          {BinaryOp::add, 5}, {BinaryOp::sub, 5},
    {BinaryOp::mul, 6},        {BinaryOp::div, 6},         {BinaryOp::mod, 6}};

// Reads a body. After a problem all functions give null nodes.
class BodyParser {
 public:
  explicit BodyParser(TextSource& in) : in_(in) {}
  ParsedStmt block();

 private:
  ParsedExpr expr(int precedence = 1);
  ParsedExpr unary();
  ParsedExpr primary();
  ParsedExpr literal();
  ParsedExpr float_bits();
  ParsedExpr call(const std::string& word, size_t offset);
  ParsedExpr binary(BinaryOp op, ParsedExpr a, ParsedExpr b, size_t offset);
  ParsedExpr typed(DType t, const char* what);
  ParsedExpr index(const char* what);
  ParsedExpr element(int& buffer);
  ParsedExpr level_index();

  ParsedStmt statement();
  ParsedStmt loop();
  ParsedStmt branch();
  ParsedStmt let();
  ParsedStmt store();
  ParsedStmt copy();
  ParsedStmt combine();

  bool ok() const { return in_.ok(); }
  bool enter(int& nesting) {
    if (++nesting > kMaxTreeDepth)
      in_.complain(in_.lexer.expected(cat("nesting of at most ", kMaxTreeDepth)));
    return ok();
  }
  template <typename Node>
  Parsed<Node> checked(Node node, int depth, size_t offset) {
    if (depth > kMaxTreeDepth) in_.complain_at(cat("nested deeper than ", kMaxTreeDepth), offset);
    return {std::move(node), depth};
  }

  TextSource& in_;
  int expr_nesting_ = 0, stmt_nesting_ = 0;
};

ParsedExpr BodyParser::binary(BinaryOp op, ParsedExpr a, ParsedExpr b, size_t offset) {
  if (!ok()) return {};
  const DType ta = a.node->dtype;
  const DType tb = b.node->dtype;
  if (ta != tb) {
    in_.complain_at(
        cat("operands of ", to_string(op), " have types ", to_string(ta), " and ", to_string(tb)),
        offset);
  } else if (!takes(op, ta)) {
    in_.complain_at(cat(to_string(op), " does not exist for ", to_string(ta)), offset);
  }
  if (!ok()) return {};
  const int depth = 1 + std::max(a.depth, b.depth);
  return checked(make_binary(op, std::move(a.node), std::move(b.node)), depth, offset);
}

// Operators of at least the given precedence, left-associative.
ParsedExpr BodyParser::expr(int precedence) {
  ParsedExpr left = unary();
  while (ok()) {
    const Operator* found = nullptr;
    for (const Operator& o : kOperators) {
      if (o.precedence >= precedence && in_.lexer.at(to_string(o.op))) found = &o;
    }
    if (found == nullptr) break;
    const size_t offset = in_.lexer.next().offset;
    ParsedExpr right = expr(found->precedence + 1);
    left = binary(found->op, std::move(left), std::move(right), offset);
  }
  return left;
}

ParsedExpr BodyParser::unary() {
  if (!enter(expr_nesting_)) return {};
  const size_t offset = in_.lexer.peek().offset;
  ParsedExpr result;
  if (in_.take("!")) {
    ParsedExpr a = unary();
    if (ok() && a.node->dtype != DType::b1) {
      in_.complain_at(cat("! does not exist for ", to_string(a.node->dtype)), offset);
    }
    if (ok()) result = checked(make_not(std::move(a.node)), a.depth + 1, offset);
  } else {
    result = primary();
  }
  --expr_nesting_;
  return result;
}

ParsedExpr BodyParser::typed(DType t, const char* what) {
  const size_t offset = in_.lexer.peek().offset;
  ParsedExpr e = expr();
  if (ok() && e.node->dtype != t) {
    in_.complain_at(cat(what, " has type ", to_string(e.node->dtype), ", needed is ", to_string(t)),
                    offset);
  }
  return e;
}

ParsedExpr BodyParser::index(const char* what) {
  const size_t offset = in_.lexer.peek().offset;
  ParsedExpr e = expr();
  if (ok() && !is_index_type(e.node->dtype)) {
    in_.complain_at(cat(what, " has type ", to_string(e.node->dtype), ", needed is i32 or i64"),
                    offset);
  }
  return e;
}

// buffer[index]; gives the index.
ParsedExpr BodyParser::element(int& buffer) {
  buffer = in_.reference(in_.buffers);
  in_.expect("[");
  ParsedExpr e = index("the index");
  in_.expect("]");
  return e;
}

ParsedExpr BodyParser::float_bits() {
  const size_t offset = in_.lexer.peek().offset;
  in_.expect("#");
  const std::string digits = in_.lexer.next().text;
  uint32_t bits = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  if (digits.size() != 8 || result.ec != std::errc() || result.ptr != digits.data() + 8) {
    in_.complain_at("expected the 8 hexadecimal digits of a float", offset);
  }
  if (!ok()) return {};
  return {make_float(std::bit_cast<float>(bits)), 1};
}

ParsedExpr BodyParser::literal() {
  const size_t offset = in_.lexer.peek().offset;
  const std::string sign = in_.take("-") ? "-" : "";
  if (in_.lexer.peek().kind != TextToken::Kind::number) {
    in_.complain(in_.lexer.expected("a number"));
    return {};
  }
  const std::string digits = sign + in_.lexer.next().text;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  if (digits.back() == 'f') {
    float value = 0;
    const auto result = std::from_chars(begin, end - 1, value);
    if (result.ec != std::errc() || result.ptr != end - 1) {
      in_.complain_at(cat("\"", digits.substr(0, 40), "\" is no f32"), offset);
      return {};
    }
    return {make_float(value), 1};
  }
  int64_t value = 0;
  const auto result = std::from_chars(begin, end, value);
  const DType t = in_.take(":") ? in_.dtype("constant") : DType::i32;
  if (!ok()) return {};
  if (result.ec != std::errc() || result.ptr != end || !is_int(t) || value < min_value(t) ||
      value > max_value(t)) {
    in_.complain_at(cat("\"", digits.substr(0, 40), "\" is no ", to_string(t)), offset);
    return {};
  }
  return {make_int(t, value), 1};
}

// min, max, select and casts: what a reserved word in an expression can be.
ParsedExpr BodyParser::call(const std::string& word, size_t offset) {
  const auto cast_to = parse_dtype(word);
  if (cast_to == DType::f32 && in_.lexer.at("#")) return float_bits();
  if (!cast_to && word != "min" && word != "max" && word != "select") {
    in_.complain_at(cat("expected an expression, found \"", word, '"'), offset);
    return {};
  }
  in_.expect("(");
  ParsedExpr a = word == "select" ? typed(DType::b1, "the condition") : expr();
  ParsedExpr b, c;
  if (!cast_to) in_.expect(","), b = expr();
  if (word == "select") in_.expect(","), c = expr();
  in_.expect(")");
  if (!ok()) return {};
  if (cast_to) {
    if (a.node->dtype == *cast_to) in_.complain_at(cat("a cast from ", word, " to itself"), offset);
    if (!ok()) return {};
    return checked(make_cast(*cast_to, std::move(a.node)), a.depth + 1, offset);
  }
  if (word != "select") {
    return binary(word == "min" ? BinaryOp::min : BinaryOp::max, std::move(a), std::move(b),
                  offset);
  }
  if (b.node->dtype != c.node->dtype) {
    in_.complain_at(cat("arms of select have types ", to_string(b.node->dtype), " and ",
                        to_string(c.node->dtype)),
                    offset);
    return {};
  }
  const int depth = 1 + std::max({a.depth, b.depth, c.depth});
  return checked(make_select(std::move(a.node), std::move(b.node), std::move(c.node)), depth,
                 offset);
}

ParsedExpr BodyParser::level_index() {
  const int level = in_.reference(in_.levels);
  DType t = DType::i32;
  if (in_.take(":")) {
    const size_t offset = in_.lexer.peek().offset;
    t = in_.dtype("level index");
    if (ok() && !is_index_type(t))
      in_.complain_at(cat("a level index is i32 or i64, not ", to_string(t)), offset);
  }
  if (!ok()) return {};
  return {make_level_index(t, level), 1};
}

ParsedExpr BodyParser::primary() {
  if (!ok()) return {};
  const TextToken token = in_.lexer.peek();
  if (token.kind == TextToken::Kind::number || in_.lexer.at("-")) return literal();
  if (in_.take("(")) {
    ParsedExpr inner = expr();
    in_.expect(")");
    return inner;
  }
  if (in_.take("true")) return {make_bool(true), 1};
  if (in_.take("false")) return {make_bool(false), 1};
  if (in_.take("@")) return level_index();
  if (in_.take("$")) {
    const int i = in_.reference(in_.params);
    if (!ok()) return {};
    return {make_param(in_.kernel.params[static_cast<size_t>(i)].dtype, i), 1};
  }
  if (token.kind == TextToken::Kind::word && is_reserved_word(token.text)) {
    in_.lexer.next();
    return call(token.text, token.offset);
  }
  if (token.kind != TextToken::Kind::word && token.kind != TextToken::Kind::quoted) {
    in_.complain(in_.lexer.expected("an expression"));
    return {};
  }
  // A name: a buffer when its "[" follows, else a variable. The lexer sees one token only, so the
  // name is looked up in both.
  TextLexer ahead = in_.lexer;
  ahead.next();
  if (ahead.take("#")) ahead.next();
  if (!ahead.at("[")) {
    const int id = in_.reference(in_.vars);
    if (!ok()) return {};
    return {make_var(in_.kernel.vars[static_cast<size_t>(id)].dtype, id), 1};
  }
  int buffer = 0;
  ParsedExpr i = element(buffer);
  if (!ok()) return {};
  return checked(
      make_load(in_.kernel.buffers[static_cast<size_t>(buffer)].dtype, buffer, std::move(i.node)),
      i.depth + 1, token.offset);
}

ParsedStmt BodyParser::block() {
  const size_t offset = in_.lexer.peek().offset;
  in_.expect("{");
  if (!enter(stmt_nesting_)) return {};
  std::vector<Stmt> inner;
  int depth = 0;
  while (ok() && !in_.lexer.at("}")) {
    ParsedStmt s = statement();
    depth = std::max(depth, s.depth);
    inner.push_back(std::move(s.node));
  }
  in_.expect("}");
  --stmt_nesting_;
  if (!ok()) return {};
  if (inner.size() != 1) ++depth;
  return checked(make_seq(std::move(inner)), depth, offset);
}

ParsedStmt BodyParser::loop() {
  const size_t offset = in_.lexer.peek().offset;
  const int var = in_.reference(in_.vars);
  if (!ok()) return {};
  const DType t = in_.kernel.vars[static_cast<size_t>(var)].dtype;
  if (!is_index_type(t))
    in_.complain_at(cat("loop variable of type ", to_string(t), ", needed is i32 or i64"), offset);
  in_.expect("=");
  ParsedExpr min = typed(t, "the first value");
  in_.expect("count");
  ParsedExpr extent = typed(t, "the count");
  LoopKind kind = LoopKind::serial;
  int64_t unroll = 0;
  for (const LoopKind k : {LoopKind::unrolled, LoopKind::vectorized, LoopKind::parallel}) {
    if (in_.take(to_string(k))) kind = k;
  }
  if (kind == LoopKind::unrolled && in_.take("(")) {
    const size_t place = in_.lexer.peek().offset;
    unroll = in_.integer("number of copies");
    if (ok() && (unroll < 1 || unroll > kMaxUnroll))
      in_.complain_at(cat("unrolled by ", unroll, ", allowed is 1 .. ", kMaxUnroll), place);
    in_.expect(")");
  }
  ParsedStmt body = block();
  if (!ok()) return {};
  return checked(make_for(var, std::move(min.node), std::move(extent.node), kind,
                          static_cast<int>(unroll), std::move(body.node)),
                 body.depth + 1, offset);
}

ParsedStmt BodyParser::branch() {
  const size_t offset = in_.lexer.peek().offset;
  ParsedExpr condition = typed(DType::b1, "the condition");
  ParsedStmt then_body = block();
  ParsedStmt else_body{{}, 0};
  if (in_.take("else")) else_body = block();
  if (!ok()) return {};
  const int depth = 1 + std::max(then_body.depth, else_body.depth);
  return checked(
      make_if(std::move(condition.node), std::move(then_body.node), std::move(else_body.node)),
      depth, offset);
}

ParsedStmt BodyParser::let() {
  const size_t offset = in_.lexer.peek().offset;
  const int var = in_.reference(in_.vars);
  in_.expect("=");
  if (!ok()) return {};
  ParsedExpr value = typed(in_.kernel.vars[static_cast<size_t>(var)].dtype, "the value");
  ParsedStmt body = block();
  if (!ok()) return {};
  return checked(make_let(var, std::move(value.node), std::move(body.node)), body.depth + 1,
                 offset);
}

ParsedStmt BodyParser::store() {
  int buffer = 0;
  ParsedExpr i = element(buffer);
  in_.expect("=");
  if (!ok()) return {};
  ParsedExpr value = typed(in_.kernel.buffers[static_cast<size_t>(buffer)].dtype, "the value");
  if (!ok()) return {};
  return {make_store(buffer, std::move(i.node), std::move(value.node)), 1};
}

ParsedStmt BodyParser::copy() {
  const int link = in_.reference(in_.links);
  int dst = 0;
  int src = 0;
  ParsedExpr to = element(dst);
  in_.expect("<-");
  ParsedExpr from = element(src);
  in_.expect("count");
  ParsedExpr n = index("the count");
  if (!ok()) return {};
  return {make_copy(link, dst, std::move(to.node), src, std::move(from.node), std::move(n.node)),
          1};
}

ParsedStmt BodyParser::combine() {
  const int level = in_.reference(in_.levels);
  std::optional<CombineOp> op;
  for (const CombineOp o : {CombineOp::sum, CombineOp::prod, CombineOp::min, CombineOp::max}) {
    if (!op && in_.take(to_string(o))) op = o;
  }
  if (!op) in_.complain(in_.lexer.expected("sum, prod, min or max"));
  int buffer = 0;
  ParsedExpr i = element(buffer);
  in_.expect("elements");
  const size_t offset = in_.lexer.peek().offset;
  const int64_t elements = in_.integer("number of elements");
  in_.expect("stride");
  const int64_t stride = in_.integer("stride");
  in_.expect("count");
  const int64_t count = in_.integer("count");
  if (ok() && (elements < 0 || stride < 1 || count < 1)) {
    in_.complain_at(cat("elements ", elements, ", stride ", stride, ", count ", count,
                        " where at least 0, 1 and 1 are needed"),
                    offset);
  }
  if (!ok()) return {};
  return {make_combine(level, *op, buffer, std::move(i.node), elements, stride, count), 1};
}

ParsedStmt BodyParser::statement() {
  if (in_.take("for")) return loop();
  if (in_.take("if")) return branch();
  if (in_.take("let")) return let();
  if (in_.take("copy")) return copy();
  if (in_.take("combine")) return combine();
  if (in_.take("barrier")) {
    const int level = in_.reference(in_.levels);
    if (!ok()) return {};
    return {make_barrier(level), 1};
  }
  const TextToken& token = in_.lexer.peek();
  const bool name = token.kind == TextToken::Kind::quoted ||
                    (token.kind == TextToken::Kind::word && !is_reserved_word(token.text));
  if (name) return store();
  in_.complain(in_.lexer.expected(
      "a statement (for, if, let, copy, barrier, combine or an element of a buffer) or \"}\""));
  return {};
}

}  // namespace

Result<Kernel> parse_kernel(std::string_view text, const std::string& file) {
  TextSource in(text, file);
  parse_tables(in);
  ParsedStmt body;
  if (in.ok()) body = BodyParser(in).block();
  in.expect("}");
  if (in.ok() && in.lexer.peek().kind != TextToken::Kind::end)
    in.complain(in.lexer.expected("the end of the text"));
  if (!in.ok()) return fail(std::move(*in.problem));
  in.kernel.body = std::move(body.node);
  return std::move(in.kernel);
}

}  // namespace pimjit
