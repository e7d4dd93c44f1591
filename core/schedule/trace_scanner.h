#ifndef PIMJIT_CORE_SCHEDULE_TRACE_SCANNER_H_
#define PIMJIT_CORE_SCHEDULE_TRACE_SCANNER_H_

#include <string>
#include <vector>

#include "pimjit/core/support/error.h"

namespace pimjit {

// Words and signs of trace text. Private to this folder.
enum class TokenKind : uint8_t { name, number, text, sign, end_of_statement, end };
struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;    // the name; the contents of quoted text; the sign
  int64_t number = 0;  // of `number`
  int line = 1, column = 1;
};

// All tokens, the last one `end`. Names include dots and stars ("i.0*k"). Errors (user) with line
// and column.
Result<std::vector<Token>> scan_trace(const std::string& text);

// "line 3, column 7" as the error's `where`.
Error trace_error(const Token& at, std::string what, std::string hint = {});
// "'edge'", "the end of the line"
std::string describe(const Token& token);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_TRACE_SCANNER_H_
