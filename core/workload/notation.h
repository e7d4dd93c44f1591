#ifndef PIMJIT_CORE_WORKLOAD_NOTATION_H_
#define PIMJIT_CORE_WORKLOAD_NOTATION_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/workload/workload.h"

namespace pimjit {

// Index notation as text -> Workload. Pure; any thread. Grammar and meaning: docs/workload.md.
//   C[i] += alpha * A[i,k] * B[k]            sum; also *= (prod), min=, max=, and = for none
//   C:i32[i] += A:i8[i,k] * B:i8[k]          types
//   T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)      a chain
//   C[i] = A[i] + B[i] where A in 0..49, B in -5..5           value ranges
struct NotationOptions {
  std::map<std::string, int64_t> sizes = {};      // axis name -> extent
  DType dtype = DType::i32;                       // inputs without a type of their own
  std::map<std::string, DType> dtypes = {};       // tensor name -> type, as if written in the text
  std::map<std::string, ValueRange> ranges = {};  // tensor name -> declared range
};

// Errors (user), `where` showing the column and a caret line: syntax, unknown names, an axis
// without a size, sizes for axes that do not occur, mixed types, overflow of sizes, a range outside
// the type.
Result<Workload> parse_workload(std::string_view text, const NotationOptions& options);

// A named operator: a predefined text. `sizes`: of every axis, for a first try; only who asks for
// them gets them.
struct NamedOperator {
  const char* name;
  const char* text;
  const char* summary;
  std::map<std::string, int64_t> sizes;
};
const std::vector<NamedOperator>& named_operators();

// `computation` is the name of an operator or index notation.
Result<Workload> make_workload(std::string_view computation, const NotationOptions& options);

}  // namespace pimjit

#endif  // PIMJIT_CORE_WORKLOAD_NOTATION_H_
