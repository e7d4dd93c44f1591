#ifndef PIMJIT_CORE_WORKLOAD_LEXER_H_
#define PIMJIT_CORE_WORKLOAD_LEXER_H_

#include <string_view>
#include <vector>

#include "pimjit/core/workload/program.h"

namespace pimjit::notation {

enum class TokenKind { name, number, symbol, end };

// `text` views the notation. Symbols: [ ] ( ) , ; : = += *= + - * / % ..
struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  int column = 0;
  Literal literal;  // of a number
};

// The tokens of `text`, the last one `end`. Errors: a byte that starts no token, a number out of
// range. Private to core/workload.
Result<std::vector<Token>> tokenize(std::string_view text);

}  // namespace pimjit::notation

#endif  // PIMJIT_CORE_WORKLOAD_LEXER_H_
