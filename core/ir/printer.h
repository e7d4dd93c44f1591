#ifndef PIMJIT_CORE_IR_PRINTER_H_
#define PIMJIT_CORE_IR_PRINTER_H_

#include <string>

#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// The text of a kernel (docs/ir.md, "Text"). parse_kernel reads it back to an equal kernel when the
// kernel is valid. Total: an index that refers to nothing prints as "?7", a missing node as "?",
// what is nested deeper than the limit as "...".
std::string to_text(const Kernel& kernel);

// A part of a kernel, with the names of its tables. Statements end in a newline each.
std::string to_text(const Expr& e, const Kernel& names);
std::string to_text(const Stmt& s, const Kernel& names, int indent = 0);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_PRINTER_H_
