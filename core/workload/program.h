#ifndef PIMJIT_CORE_WORKLOAD_PROGRAM_H_
#define PIMJIT_CORE_WORKLOAD_PROGRAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/core/workload/workload.h"

// Index notation as it was written, before names, types and sizes are resolved. The parser and the
// builder make a Program; resolve() turns it into a Workload. Private to core/workload.
namespace pimjit::notation {

// Offset of a byte of Program::text, or kNoColumn for what was built in C++.
inline constexpr int kNoColumn = -1;

// Bounds of the notation; docs/workload.md, "Limits".
inline constexpr size_t kMaxBodyNodes = 4096;
inline constexpr int kMaxNesting = 200;
inline constexpr size_t kMaxTextBytes = size_t{1} << 16;

struct Literal {
  bool is_real = false;
  bool negative = false;
  uint64_t magnitude = 0;  // of an integer
  double real = 0;         // the magnitude, of both kinds
};

// coefficient * axis, or a constant when `axis` is empty.
struct IndexPart {
  int64_t coefficient = 0;
  std::string axis;
  int column = kNoColumn;
};

struct Index {
  std::vector<IndexPart> parts;
  int column = kNoColumn;
};

struct TensorUse {
  std::string name;
  int column = kNoColumn;
  std::optional<DType> dtype;
  bool brackets = false;
  std::vector<Index> index;
};

// Post order, like ScalarNode; `a` of a load is the position in Statement::uses.
struct Node {
  ScalarOp op = ScalarOp::constant;
  int a = -1;
  int b = -1;
  Literal literal;
  int column = kNoColumn;
};

struct Statement {
  TensorUse output;
  Reducer reducer = Reducer::none;
  std::vector<TensorUse> uses;
  std::vector<Node> body;
};

struct DeclaredRange {
  std::string tensor;
  ValueRange range;
  int column = kNoColumn;
};

struct Program {
  std::string text;  // empty when built in C++
  std::vector<Statement> statements;
  std::vector<DeclaredRange> ranges;
};

// Text -> Program; syntax errors only.
Result<Program> parse_program(std::string_view text);

// Program -> Workload, checked.
Result<Workload> resolve(const Program& program, const NotationOptions& options);

// "column 9:\n    C[i] += A[i\n        ^" for the byte at `column`; long texts are cut around it.
std::string place_in(std::string_view text, int column);

// A user error at a column of the program's text.
Error error_at(const Program& program, std::string code, std::string what, int column,
               std::string hint = {});

// Whether `name` can name an axis or a tensor.
bool is_valid_name(std::string_view name);
bool is_reserved(std::string_view name);

}  // namespace pimjit::notation

#endif  // PIMJIT_CORE_WORKLOAD_PROGRAM_H_
