#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_LEXER_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

struct Token {
  enum class Kind : std::uint8_t { name, number, text, mark, end };
  Kind kind = Kind::end;
  int column = 1;           // from 1
  std::string spelling;     // name or mark as written; decoded contents of a string
  std::uint64_t value = 0;  // number
};

// The tokens of one line, closed by an `end` token. Names may contain . _ $ and digits; numbers are
// decimal, 0x, 0b or a character in single quotes; comments start with //, # or ;. The error's
// `where` is the column as text.
Expected<std::vector<Token>> tokenize(std::string_view line);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_LEXER_H_
