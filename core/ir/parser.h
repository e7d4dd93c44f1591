#ifndef PIMJIT_CORE_IR_PARSER_H_
#define PIMJIT_CORE_IR_PARSER_H_

#include <string>
#include <string_view>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// Reads the text form of a kernel (docs/ir.md, "Text"): what to_text prints, with any white space
// and comments. The kernel has correct types and indices; everything else is verify_kernel's
// concern. Errors (user): kernel_text, with `file`:line:column in `where` and what was expected.
// Safe on hostile text.
Result<Kernel> parse_kernel(std::string_view text, const std::string& file = "<text>");

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_PARSER_H_
