#include "pimjit/core/workload/lexer.h"

#include <charconv>

#include "pimjit/core/support/text.h"

namespace pimjit::notation {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      Result<Token> token = next();
      if (!token) return fail(token.error());
      tokens.push_back(*token);
      if (token->kind == TokenKind::end) return tokens;
    }
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Token take(TokenKind kind, size_t begin, size_t end) {
    at_ = end;
    return Token{kind, text_.substr(begin, end - begin), static_cast<int>(begin), {}};
  }

  Result<Token> next() {
    if (at_ == text_.size()) return take(TokenKind::end, at_, at_);
    if (is_letter(peek())) {
      size_t end = at_;
      while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
      return take(TokenKind::name, at_, end);
    }
    if (is_digit(peek())) return number();
    const std::string_view two = text_.substr(at_, 2);
    if (two == "+=" || two == "*=" || two == "..") return take(TokenKind::symbol, at_, at_ + 2);
    constexpr std::string_view kSymbols = "[](),;:=+-*/%";
    if (kSymbols.find(peek()) != std::string_view::npos && peek() != '\0') {
      return take(TokenKind::symbol, at_, at_ + 1);
    }
    const auto byte = static_cast<unsigned char>(peek());
    const std::string shown =
        byte > 0x20 && byte < 0x7f ? cat("'", peek(), "'") : cat("byte ", static_cast<int>(byte));
    return fail(user_error("notation_syntax", cat("unexpected ", shown),
                           place_in(text_, static_cast<int>(at_)),
                           "names, numbers and [ ] ( ) , ; : = + - * / % make up the notation"));
  }

  // digits [. digits] [e [sign] digits]; ".." after the digits begins the upper bound of a range.
  Result<Token> number() {
    size_t end = at_;
    const auto digits = [&] {
      while (end < text_.size() && is_digit(text_[end])) ++end;
    };
    const auto digit_at = [&](size_t i) { return i < text_.size() && is_digit(text_[i]); };
    digits();
    bool real = false;
    if (end < text_.size() && text_[end] == '.' && digit_at(end + 1)) {
      real = true;
      ++end;
      digits();
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const bool sign = end + 1 < text_.size() && (text_[end + 1] == '-' || text_[end + 1] == '+');
      if (digit_at(end + 1 + (sign ? 1 : 0))) {
        real = true;
        end += sign ? 2 : 1;
        digits();
      }
    }
    const size_t begin = at_;
    Token token = take(TokenKind::number, begin, end);
    token.literal.is_real = real;
    const char* first = token.text.data();
    const char* last = first + token.text.size();
    const bool integer_fits =
        real || std::from_chars(first, last, token.literal.magnitude).ec == std::errc();
    const bool real_fits = std::from_chars(first, last, token.literal.real).ec == std::errc();
    if (!integer_fits || !real_fits) {
      return fail(user_error("notation_syntax",
                             cat("the number ", token.text, " does not fit 64 bits"),
                             place_in(text_, token.column)));
    }
    return token;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace pimjit::notation
