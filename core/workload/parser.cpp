#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/lexer.h"
#include "pimjit/core/workload/program.h"

namespace pimjit::notation {
namespace {

// Recursive descent. Every parse_* returns false once error_ is set.
class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens) : tokens_(std::move(tokens)) {
    program_.text = std::string(text);
  }

  Result<Program> run() {
    if (!parse_all()) return fail(error_);
    return std::move(program_);
  }

 private:
  const Token& token() const { return tokens_[at_]; }
  bool is(std::string_view symbol) const {
    return token().kind == TokenKind::symbol && token().text == symbol;
  }
  bool is_word(std::string_view word) const {
    return token().kind == TokenKind::name && token().text == word;
  }
  bool accept(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++at_;
    return true;
  }

  bool error(std::string code, std::string what, int column, std::string hint = {}) {
    error_ = error_at(program_, std::move(code), std::move(what), column, std::move(hint));
    return false;
  }
  bool expected(std::string_view wanted, std::string hint = {}) {
    const std::string found =
        token().kind == TokenKind::end ? "the end" : cat("'", token().text, "'");
    return error("notation_syntax", cat("expected ", wanted, " but found ", found), token().column,
                 std::move(hint));
  }
  bool expect(std::string_view symbol) { return accept(symbol) || expected(cat("'", symbol, "'")); }

  bool parse_all() {
    do {
      if (!parse_statement()) return false;
    } while (accept(";") && token().kind != TokenKind::end && !is_word("where"));
    if (is_word("where")) {
      ++at_;
      do {
        if (!parse_range()) return false;
      } while (accept(","));
    }
    return token().kind == TokenKind::end || expected("an operator, ';' or the end");
  }

  bool parse_name(std::string_view role, std::string* name, int* column) {
    if (token().kind != TokenKind::name) return expected(role);
    if (is_reserved(token().text)) {
      return error("notation_syntax",
                   cat("'", token().text, "' is a reserved word and cannot be ", role),
                   token().column, "choose another name");
    }
    *name = std::string(token().text);
    *column = token().column;
    ++at_;
    return true;
  }

  bool parse_statement() {
    Statement statement;
    if (!parse_tensor(&statement.output, "the name of the output tensor")) return false;
    if (!parse_operator(&statement.reducer)) return false;
    if (!parse_expression(&statement)) return false;
    program_.statements.push_back(std::move(statement));
    return true;
  }

  bool parse_operator(Reducer* reducer) {
    *reducer = is("+=") ? Reducer::sum : is("*=") ? Reducer::prod : Reducer::none;
    if (*reducer == Reducer::none && (is_word("min") || is_word("max"))) {
      *reducer = is_word("min") ? Reducer::min : Reducer::max;
      ++at_;
    }
    if (is("=") || is("+=") || is("*=")) {
      ++at_;
      return true;
    }
    return expected("'='", "assign with =, or reduce with += *= min= max=");
  }

  bool parse_tensor(TensorUse* use, std::string_view role) {
    if (!parse_name(role, &use->name, &use->column)) return false;
    if (accept(":") && !parse_type(use)) return false;
    if (!accept("[")) return true;
    use->brackets = true;
    if (accept("]")) return true;
    do {
      use->index.emplace_back();
      if (!parse_index(&use->index.back())) return false;
    } while (accept(","));
    return accept("]") || expected("',' or ']'");
  }

  bool parse_type(TensorUse* use) {
    constexpr const char* kTypes = "types are i8 i16 i32 i64 f32";
    if (token().kind != TokenKind::name) return expected("a type", kTypes);
    const std::optional<DType> dtype = parse_dtype(token().text);
    if (!dtype || *dtype == DType::b1) {
      return error("bad_dtype", cat("'", token().text, "' is no type of a tensor"), token().column,
                   kTypes);
    }
    use->dtype = dtype;
    ++at_;
    return true;
  }

  bool parse_index(Index* index) {
    index->column = token().column;
    bool negative = accept("-");
    while (true) {
      IndexPart part;
      if (!parse_index_part(&part)) return false;
      if (negative) part.coefficient = -part.coefficient;
      index->parts.push_back(std::move(part));
      if (accept("+")) {
        negative = false;
      } else if (accept("-")) {
        negative = true;
      } else {
        return true;
      }
    }
  }

  bool parse_index_part(IndexPart* part) {
    part->column = token().column;
    part->coefficient = 1;
    const bool number_first = token().kind == TokenKind::number;
    if (number_first) {
      if (!parse_coefficient(&part->coefficient)) return false;
      if (!accept("*")) return true;
      return parse_name("an axis", &part->axis, &part->column);
    }
    if (!parse_name("an axis or a number", &part->axis, &part->column)) return false;
    return !accept("*") || parse_coefficient(&part->coefficient);
  }

  bool parse_coefficient(int64_t* value) {
    if (token().kind != TokenKind::number || token().literal.is_real) {
      return expected("a whole number", "an index is a sum of axes times whole numbers");
    }
    if (token().literal.magnitude > static_cast<uint64_t>(kMaxElements)) {
      return error("too_large",
                   cat("the number ", token().text, " in an index is above ", kMaxElements),
                   token().column);
    }
    *value = static_cast<int64_t>(token().literal.magnitude);
    ++at_;
    return true;
  }

  bool parse_expression(Statement* s) {
    if (!parse_term(s)) return false;
    while (is("+") || is("-")) {
      if (!parse_binary(s, is("+") ? ScalarOp::add : ScalarOp::sub, &Parser::parse_term)) {
        return false;
      }
    }
    return true;
  }

  bool parse_term(Statement* s) {
    if (!parse_unary(s)) return false;
    while (is("*") || is("/") || is("%")) {
      const ScalarOp op = is("*") ? ScalarOp::mul : is("/") ? ScalarOp::div : ScalarOp::mod;
      if (!parse_binary(s, op, &Parser::parse_unary)) return false;
    }
    return true;
  }

  bool parse_binary(Statement* s, ScalarOp op, bool (Parser::*operand)(Statement*)) {
    const int column = token().column;
    const int a = static_cast<int>(s->body.size()) - 1;
    ++at_;
    if (!(this->*operand)(s)) return false;
    return add_node(s, Node{op, a, static_cast<int>(s->body.size()) - 1, {}, column});
  }

  bool parse_unary(Statement* s) {
    if (depth_ == kMaxNesting) {
      return error("too_large", cat("the expression is nested deeper than ", kMaxNesting),
                   token().column);
    }
    ++depth_;
    const bool ok = parse_operand(s);
    --depth_;
    return ok;
  }

  bool parse_operand(Statement* s) {
    const int column = token().column;
    if (token().kind == TokenKind::number) return parse_number(s, false);
    if (accept("-")) {
      if (token().kind == TokenKind::number) return parse_number(s, true);
      if (!parse_unary(s)) return false;
      return add_node(s, Node{ScalarOp::neg, static_cast<int>(s->body.size()) - 1, -1, {}, column});
    }
    if (accept("(")) return parse_expression(s) && expect(")");
    if (is_word("min") || is_word("max")) return parse_call(s);
    TensorUse use;
    if (!parse_tensor(&use, "a tensor, a number or '('")) return false;
    s->uses.push_back(std::move(use));
    return add_node(s, Node{ScalarOp::load, static_cast<int>(s->uses.size()) - 1, -1, {}, column});
  }

  bool parse_number(Statement* s, bool negative) {
    Node node{ScalarOp::constant, -1, -1, token().literal, token().column};
    node.literal.negative = negative;
    ++at_;
    return add_node(s, node);
  }

  bool parse_call(Statement* s) {
    const int column = token().column;
    const ScalarOp op = is_word("min") ? ScalarOp::min : ScalarOp::max;
    ++at_;
    if (!expect("(") || !parse_expression(s)) return false;
    const int a = static_cast<int>(s->body.size()) - 1;
    if (!expect(",") || !parse_expression(s)) return false;
    const int b = static_cast<int>(s->body.size()) - 1;
    return expect(")") && add_node(s, Node{op, a, b, {}, column});
  }

  bool add_node(Statement* s, const Node& node) {
    if (s->body.size() == kMaxBodyNodes) {
      return error("too_large", cat("the expression has more than ", kMaxBodyNodes, " operations"),
                   node.column);
    }
    s->body.push_back(node);
    return true;
  }

  bool parse_range() {
    DeclaredRange range;
    if (!parse_name("the name of an input", &range.tensor, &range.column)) return false;
    if (!is_word("in")) return expected("'in'", "ranges are written A in 0..49");
    ++at_;
    if (!parse_bound(&range.range.low) || !expect("..") || !parse_bound(&range.range.high)) {
      return false;
    }
    program_.ranges.push_back(range);
    return true;
  }

  bool parse_bound(int64_t* value) {
    const bool negative = accept("-");
    if (token().kind != TokenKind::number || token().literal.is_real) {
      return expected("a whole number", "ranges are written A in 0..49");
    }
    const uint64_t magnitude = token().literal.magnitude;
    const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
    if (magnitude > limit) {
      return error("bad_range", cat("the bound ", token().text, " does not fit 64 bits"),
                   token().column);
    }
    *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
    ++at_;
    return true;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  Program program_;
  Error error_;
};

}  // namespace

Result<Program> parse_program(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return fail(user_error(
        "too_large", cat("the notation has ", text.size(), " bytes, more than ", kMaxTextBytes)));
  }
  Result<std::vector<Token>> tokens = tokenize(text);
  if (!tokens) return fail(tokens.error());
  return Parser(text, std::move(*tokens)).run();
}

}  // namespace pimjit::notation
