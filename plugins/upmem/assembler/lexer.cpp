#include "pimjit/plugins/upmem/assembler/lexer.h"

#include <array>

namespace pimjit::upmem {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

class Lexer {
 public:
  explicit Lexer(std::string_view line) : line_(line) {}

  Expected<std::vector<Token>> run() {
    while (skip_space()) {
      Token token;
      token.column = static_cast<int>(at_) + 1;
      Status status = next(token);
      if (!status) return tl::unexpected(status.error());
      tokens_.push_back(std::move(token));
    }
    Token end;
    end.column = static_cast<int>(at_) + 1;
    tokens_.push_back(end);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0';
  }

  // Whether a token follows.
  bool skip_space() {
    while (at_ < line_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\r')) ++at_;
    if (at_ >= line_.size()) return false;
    return peek() != '#' && peek() != ';' && !(peek() == '/' && peek(1) == '/');
  }

  tl::unexpected<Error> bad(std::string what, std::size_t at) const {
    return fail(Origin::user, "bad_assembly", std::move(what), std::to_string(at + 1));
  }

  Status next(Token& token) {
    if (starts_name(peek())) {
      const std::size_t first = at_;
      while (starts_name(peek()) || is_digit(peek())) ++at_;
      token.kind = Token::Kind::name;
      token.spelling = line_.substr(first, at_ - first);
      return {};
    }
    if (is_digit(peek())) return read_number(token);
    if (peek() == '"' || peek() == '\'') return read_text(token);
    return read_mark(token);
  }

  Status read_number(Token& token) {
    const std::size_t first = at_;
    int base = 10;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) base = 16;
    if (peek() == '0' && (peek(1) == 'b' || peek(1) == 'B')) base = 2;
    if (base != 10) at_ += 2;
    const std::size_t digits = at_;
    for (; digit_value(peek()) < base; ++at_) {
      const auto digit = static_cast<std::uint64_t>(digit_value(peek()));
      if (token.value > (~std::uint64_t{0} - digit) / static_cast<std::uint64_t>(base))
        return bad("number does not fit 64 bits", first);
      token.value = token.value * static_cast<std::uint64_t>(base) + digit;
    }
    if (at_ == digits || starts_name(peek()) || is_digit(peek()))
      return bad("expected a digit of base " + std::to_string(base), at_);
    token.kind = Token::Kind::number;
    return {};
  }

  Status read_text(Token& token) {
    const std::size_t first = at_;
    const char quote = line_[at_++];
    while (peek() != quote) {
      if (at_ >= line_.size()) return bad("expected a closing quote", first);
      char c = line_[at_++];
      if (c == '\\') {
        Status status = read_escape(c);
        if (!status) return status;
      }
      token.spelling += c;
    }
    ++at_;
    token.kind = Token::Kind::text;
    if (quote == '"') return {};
    if (token.spelling.size() != 1)
      return bad("expected one character between single quotes", first);
    token.kind = Token::Kind::number;
    token.value = static_cast<std::uint8_t>(token.spelling[0]);
    return {};
  }

  Status read_escape(char& c) {
    constexpr std::array<char, 7> kNames = {'n', 't', 'r', '0', '\\', '"', '\''};
    constexpr std::array<char, 7> kValues = {'\n', '\t', '\r', '\0', '\\', '"', '\''};
    const char name = peek();
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (kNames[i] != name) continue;
      c = kValues[i];
      ++at_;
      return {};
    }
    return bad("expected an escape of: n t r 0 \\ \" '", at_);
  }

  Status read_mark(Token& token) {
    const std::string_view rest = line_.substr(at_);
    token.kind = Token::Kind::mark;
    token.spelling = rest.substr(0, rest.starts_with("<<") || rest.starts_with(">>") ? 2 : 1);
    constexpr std::string_view kSingle = ",:()+-*/%&|^~=<>!";
    if (token.spelling.size() == 1 && kSingle.find(token.spelling[0]) == std::string_view::npos)
      return bad("unexpected character", at_);
    at_ += token.spelling.size();
    return {};
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Expected<std::vector<Token>> tokenize(std::string_view line) {
  return Lexer(line).run();
}

}  // namespace pimjit::upmem
