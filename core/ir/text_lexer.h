#ifndef PIMJIT_CORE_IR_TEXT_LEXER_H_
#define PIMJIT_CORE_IR_TEXT_LEXER_H_

#include <optional>
#include <string>
#include <string_view>

#include "pimjit/core/support/error.h"

namespace pimjit {

// A piece of kernel text. `text` is the piece as written, except for quoted names, whose escapes
// are resolved.
struct TextToken {
  enum class Kind { word, quoted, number, symbol, end };
  Kind kind = Kind::end;
  std::string text;
  size_t offset = 0;
};

// Cuts kernel text into tokens, one ahead of the parser. Words are names and keywords; numbers keep
// their letters
// ("1.5f", "7f800000"); symbols are "..", "->", "<-", "<=", "==", "!=", "&&", "||" and single
// characters.
class TextLexer {
 public:
  TextLexer(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
    advance();
  }

  const TextToken& peek() const { return token_; }
  TextToken next();
  // Whether the token is this word or symbol; take() also steps over it.
  bool at(std::string_view spelling) const {
    return token_.text == spelling && token_.kind != TextToken::Kind::quoted &&
           token_.kind != TextToken::Kind::end;
  }
  bool take(std::string_view spelling);

  // The error that something else was expected at a place, by default the current token; it names
  // what stands there.
  Error expected(const std::string& what) const;
  Error error_at(const std::string& what, size_t offset) const;

 private:
  void advance();
  void skip_space();
  void quoted();
  void number();

  std::string_view text_;
  std::string file_;
  size_t next_ = 0;
  TextToken token_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_TEXT_LEXER_H_
