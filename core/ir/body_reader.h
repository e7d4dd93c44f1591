#ifndef PIMJIT_CORE_IR_BODY_READER_H_
#define PIMJIT_CORE_IR_BODY_READER_H_

#include "pimjit/core/ir/byte_reader.h"
#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// Reads the nodes of a serialised kernel whose tables are known, up to the end of the bytes. A null
// statement, and !in.ok(), when something is wrong.
Stmt read_body(ByteReader& in, const Kernel& tables);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_BODY_READER_H_
