#include "pimjit/core/ir/text_lexer.h"

#include <algorithm>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr std::string_view kPairs[] = {"..", "->", "<-", "<=", "==", "!=", "&&", "||"};

}  // namespace

TextToken TextLexer::next() {
  TextToken token = std::move(token_);
  advance();
  return token;
}

bool TextLexer::take(std::string_view spelling) {
  if (!at(spelling)) return false;
  advance();
  return true;
}

Error TextLexer::expected(const std::string& what) const {
  std::string found = "the end of the text";
  if (token_.kind != TextToken::Kind::end) {
    found = cat('"', token_.text.substr(0, 40), token_.text.size() > 40 ? "..." : "", '"');
  }
  return error_at(cat("expected ", what, ", found ", found), token_.offset);
}

Error TextLexer::error_at(const std::string& what, size_t offset) const {
  const std::string_view before = text_.substr(0, std::min(offset, text_.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column =
      newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return user_error("kernel_text", what, cat(file_, ':', line, ':', column));
}

void TextLexer::skip_space() {
  while (next_ < text_.size()) {
    const char c = text_[next_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++next_;
    } else if (text_.substr(next_, 2) == "//") {
      next_ = std::min(text_.find('\n', next_), text_.size());
    } else {
      return;
    }
  }
}

// A name in quotes. What is not closed, or escaped otherwise than with \" \\ \xHH, becomes the
// symbol of a single quote, which no rule accepts.
void TextLexer::quoted() {
  std::string value;
  for (size_t i = next_ + 1; i < text_.size(); ++i) {
    char c = text_[i];
    if (c == '"') {
      token_.kind = TextToken::Kind::quoted;
      token_.text = std::move(value);
      next_ = i + 1;
      return;
    }
    if (c == '\\' && i + 1 < text_.size()) {
      c = text_[++i];
      if (c == 'x' && i + 2 < text_.size() && hex_value(text_[i + 1]) >= 0 &&
          hex_value(text_[i + 2]) >= 0) {
        c = static_cast<char>(hex_value(text_[i + 1]) * 16 + hex_value(text_[i + 2]));
        i += 2;
      } else if (c != '"' && c != '\\') {
        break;
      }
    } else if (c == '\n') {
      break;
    }
    value += c;
  }
  token_.kind = TextToken::Kind::symbol;
  token_.text = "\"";
  ++next_;
}

// Digits, letters, a point that is not the range sign, and a sign inside an exponent.
void TextLexer::number() {
  const size_t begin = next_;
  while (next_ < text_.size()) {
    const char c = text_[next_];
    const bool exponent_sign = (c == '+' || c == '-') && text_[next_ - 1] == 'e';
    const bool point = c == '.' && text_.substr(next_, 2) != "..";
    if (!is_digit(c) && !is_letter(c) && !point && !exponent_sign) break;
    ++next_;
  }
  token_.kind = TextToken::Kind::number;
  token_.text = text_.substr(begin, next_ - begin);
}

void TextLexer::advance() {
  skip_space();
  token_ = {TextToken::Kind::end, "", next_};
  if (next_ >= text_.size()) return;
  const char c = text_[next_];
  if (c == '"') return quoted();
  if (is_digit(c)) return number();
  const size_t begin = next_;
  if (is_letter(c)) {
    while (next_ < text_.size() &&
           (is_letter(text_[next_]) || is_digit(text_[next_]) || text_[next_] == '.'))
      ++next_;
    token_.kind = TextToken::Kind::word;
  } else {
    const std::string_view two = text_.substr(next_, 2);
    next_ += std::find(std::begin(kPairs), std::end(kPairs), two) != std::end(kPairs) ? 2 : 1;
    token_.kind = TextToken::Kind::symbol;
  }
  token_.text = text_.substr(begin, next_ - begin);
}

}  // namespace pimjit
