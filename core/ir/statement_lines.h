#ifndef PIMJIT_CORE_IR_STATEMENT_LINES_H_
#define PIMJIT_CORE_IR_STATEMENT_LINES_H_

#include <string>
#include <vector>

#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// A line of a kernel's body as to_text prints it, and the statement that begins on it, numbered as
// in serialised kernels (post order; docs/ir.md, "Serialised kernels"). -1: none begins there.
struct StatementLine {
  std::string text;  // without the newline
  int statement = -1;
  friend bool operator==(const StatementLine&, const StatementLine&) = default;
};
std::vector<StatementLine> statement_lines(const Kernel& kernel);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_STATEMENT_LINES_H_
