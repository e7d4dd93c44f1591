#ifndef PIMJIT_PLUGINS_UPMEM_ASSEMBLER_EXPRESSION_H_
#define PIMJIT_PLUGINS_UPMEM_ASSEMBLER_EXPRESSION_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "pimjit/plugins/upmem/assembler/lexer.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// The value of a name; the error's `what` says why it has none.
using NameValue = std::function<Expected<std::int64_t>(const std::string& name)>;

// Evaluates a C-like expression (| ^ & << >> + - * / % ~ - and parentheses, 64-bit, wrapping)
// starting at tokens[at] and leaves `at` behind it. The error's `where` is the column.
Expected<std::int64_t> evaluate(std::span<const Token> tokens, std::size_t& at,
                                const NameValue& name_value);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ASSEMBLER_EXPRESSION_H_
