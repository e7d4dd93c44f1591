#include "pimjit/plugins/upmem/assembler/expression.h"

#include <limits>

namespace pimjit::upmem {
namespace {

constexpr int kMaxDepth = 64;

// Binding strength of a binary operator, 0 for anything else.
int strength(const Token& token) {
  if (token.kind != Token::Kind::mark) return 0;
  const std::string& mark = token.spelling;
  if (mark == "|") return 1;
  if (mark == "^") return 2;
  if (mark == "&") return 3;
  if (mark == "<<" || mark == ">>") return 4;
  if (mark == "+" || mark == "-") return 5;
  if (mark == "*" || mark == "/" || mark == "%") return 6;
  return 0;
}

class Evaluator {
 public:
  Evaluator(std::span<const Token> tokens, std::size_t& at, const NameValue& name_value)
      : tokens_(tokens), at_(at), name_value_(name_value) {}

  Expected<std::int64_t> binary(int weakest, int depth) {
    auto left = unary(depth);
    while (left && at_ < tokens_.size() && strength(tokens_[at_]) >= weakest) {
      const Token& mark = tokens_[at_++];
      const auto right = binary(strength(mark) + 1, depth + 1);
      if (!right) return right;
      left = apply(mark, *left, *right);
    }
    return left;
  }

 private:
  tl::unexpected<Error> bad(std::string what, const Token& token) const {
    return fail(Origin::user, "bad_assembly", std::move(what), std::to_string(token.column));
  }

  Expected<std::int64_t> unary(int depth) {
    const Token& token = tokens_[at_];
    if (depth > kMaxDepth) return bad("the expression is nested too deeply", token);
    if (token.kind == Token::Kind::number) {
      ++at_;
      return static_cast<std::int64_t>(token.value);
    }
    if (token.kind == Token::Kind::name) {
      auto value = name_value_(token.spelling);
      if (!value) return bad(value.error().what, token);
      ++at_;
      return value;
    }
    if (token.kind == Token::Kind::mark && token.spelling == "(") {
      ++at_;
      auto value = binary(1, depth + 1);
      if (!value) return value;
      if (tokens_[at_].kind != Token::Kind::mark || tokens_[at_].spelling != ")")
        return bad("expected `)`", tokens_[at_]);
      ++at_;
      return value;
    }
    if (token.kind == Token::Kind::mark && (token.spelling == "-" || token.spelling == "~")) {
      ++at_;
      auto value = unary(depth + 1);
      if (!value) return value;
      const auto bits = static_cast<std::uint64_t>(*value);
      return static_cast<std::int64_t>(token.spelling == "-" ? std::uint64_t{0} - bits : ~bits);
    }
    return bad("expected a number, a name or `(`", token);
  }

  Expected<std::int64_t> apply(const Token& mark, std::int64_t left, std::int64_t right) const {
    const auto a = static_cast<std::uint64_t>(left), b = static_cast<std::uint64_t>(right);
    switch (mark.spelling[0]) {
      case '|':
        return static_cast<std::int64_t>(a | b);
      case '^':
        return static_cast<std::int64_t>(a ^ b);
      case '&':
        return static_cast<std::int64_t>(a & b);
      case '+':
        return static_cast<std::int64_t>(a + b);
      case '-':
        return static_cast<std::int64_t>(a - b);
      case '*':
        return static_cast<std::int64_t>(a * b);
      case '<':
        return b > 63 ? 0 : static_cast<std::int64_t>(a << b);
      case '>':
        return b > 63 ? 0 : left >> b;
      default:
        break;
    }
    if (right == 0) return bad("division by zero", mark);
    if (left == std::numeric_limits<std::int64_t>::min() && right == -1)
      return mark.spelling == "/" ? left : 0;
    return mark.spelling == "/" ? left / right : left % right;
  }

  std::span<const Token> tokens_;
  std::size_t& at_;
  const NameValue& name_value_;
};

}  // namespace

Expected<std::int64_t> evaluate(std::span<const Token> tokens, std::size_t& at,
                                const NameValue& name_value) {
  return Evaluator(tokens, at, name_value).binary(1, 0);
}

}  // namespace pimjit::upmem
