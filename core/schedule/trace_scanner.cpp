#include "pimjit/core/schedule/trace_scanner.h"

#include <charconv>
#include <string_view>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_part(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '*';
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  Result<std::vector<Token>> run() {
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == ' ' || c == '\t' || c == '\r') {
        ++position_;
      } else if (c == '#' && starts_statement()) {
        while (position_ < text_.size() && text_[position_] != '\n') ++position_;
      } else if (auto added = add_token(c); !added) {
        return fail(added.error());
      }
    }
    tokens_.push_back(here(TokenKind::end_of_statement));
    tokens_.push_back(here(TokenKind::end));
    return std::move(tokens_);
  }

 private:
  bool starts_statement() const {
    return tokens_.empty() || tokens_.back().kind == TokenKind::end_of_statement;
  }
  Token here(TokenKind kind) const {
    Token token;
    token.kind = kind;
    token.line = line_;
    token.column = static_cast<int>(position_ - line_start_) + 1;
    return token;
  }

  Status add_token(char c) {
    if (c == '\n' || c == ';') return add_end();
    if (c == '"') return add_quoted();
    const bool negative =
        c == '-' && position_ + 1 < text_.size() && is_digit(text_[position_ + 1]);
    if (is_digit(c) || negative) return add_number();
    if (is_letter(c)) {
      Token token = here(TokenKind::name);
      const size_t start = position_;
      while (position_ < text_.size() && is_name_part(text_[position_])) ++position_;
      token.text = text_.substr(start, position_ - start);
      tokens_.push_back(std::move(token));
      return {};
    }
    if (std::string_view("(),=:/#").find(c) == std::string_view::npos)
      return fail(trace_error(here(TokenKind::sign), cat("unexpected character ", printable(c))));
    Token token = here(TokenKind::sign);
    token.text = c;
    ++position_;
    tokens_.push_back(std::move(token));
    return {};
  }

  static std::string printable(char c) {
    if (c >= 32 && c < 127) return cat('\'', c, '\'');
    return cat("of code ", static_cast<int>(static_cast<unsigned char>(c)));
  }

  Status add_end() {
    tokens_.push_back(here(TokenKind::end_of_statement));
    if (text_[position_++] == '\n') {
      ++line_;
      line_start_ = position_;
    }
    return {};
  }

  Status add_number() {
    Token token = here(TokenKind::number);
    const char* begin = text_.data() + position_;
    const auto parsed = std::from_chars(begin, text_.data() + text_.size(), token.number);
    if (parsed.ec != std::errc()) return fail(trace_error(token, "the number is too large"));
    position_ += static_cast<size_t>(parsed.ptr - begin);
    tokens_.push_back(std::move(token));
    return {};
  }

  Status add_quoted() {
    Token token = here(TokenKind::text);
    for (++position_; position_ < text_.size(); ++position_) {
      const char c = text_[position_];
      if (c == '\n') break;
      if (c == '"') {
        ++position_;
        tokens_.push_back(std::move(token));
        return {};
      }
      if (c != '\\') {
        token.text += c;
      } else if (!add_escape(token.text)) {
        return fail(trace_error(here(TokenKind::sign), "unknown escape in quoted text",
                                "known are \\\", \\\\ and \\xHH"));
      }
    }
    return fail(trace_error(token, "quoted text without an end", "close it with \""));
  }

  bool add_escape(std::string& out) {
    if (++position_ >= text_.size()) return false;
    const char c = text_[position_];
    if (c == '"' || c == '\\') {
      out += c;
      return true;
    }
    if (c != 'x' || position_ + 2 >= text_.size()) return false;
    const int high = hex_value(text_[position_ + 1]), low = hex_value(text_[position_ + 2]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high * 16 + low);
    position_ += 2;
    return true;
  }

  const std::string& text_;
  size_t position_ = 0, line_start_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

Error trace_error(const Token& at, std::string what, std::string hint) {
  return user_error("bad_trace", std::move(what), cat("line ", at.line, ", column ", at.column),
                    std::move(hint));
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::number:
      return cat('\'', token.number, '\'');
    case TokenKind::end_of_statement:
    case TokenKind::end:
      return "the end of the instruction";
    default:
      return cat('\'', token.text, '\'');
  }
}

Result<std::vector<Token>> scan_trace(const std::string& text) {
  return Scanner(text).run();
}

}  // namespace pimjit
