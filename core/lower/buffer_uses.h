#ifndef PIMJIT_CORE_LOWER_BUFFER_USES_H_
#define PIMJIT_CORE_LOWER_BUFFER_USES_H_

#include <vector>

#include "pimjit/core/ir/stmt.h"

namespace pimjit {

// How statements use buffers, for passes that move them. Pure; any thread.

// Per buffer: loads, copies and combines in the statement that read it.
std::vector<int64_t> reads_in(const Stmt& s, size_t buffers);

// A statement that does nothing but write buffers, and none that it reads.
struct FillUses {
  bool only_fills = false;       // the rest is filled in then only
  std::vector<int> written;      // ascending
  std::vector<Expr> where;       // decide which elements: indices, bounds of loops, sizes of copies
  std::vector<Expr> conditions;  // decide whether it writes at all: conditions right around it
};
FillUses fill_uses(const Stmt& s, size_t buffers);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_BUFFER_USES_H_
