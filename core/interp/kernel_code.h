#ifndef PIMJIT_CORE_INTERP_KERNEL_CODE_H_
#define PIMJIT_CORE_INTERP_KERNEL_CODE_H_

#include <string>
#include <vector>

#include "pimjit/core/interp/scalar_ops.h"
#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// A kernel in the form the interpreter runs: expressions as flat register code, statements as
// numbered records. Made once per kernel; immutable afterwards.

enum class OpCode : uint8_t {
  constant,         // r[dst] = constants[a]
  variable,         // r[dst] = variable a
  level,            // r[dst] = index at level a
  param,            // r[dst] = argument a, wrapped to type
  binary,           // r[dst] = r[dst] (op) r[dst + 1]
  binary_constant,  // r[dst] = r[dst] (op) constants[a]
  binary_variable,  // r[dst] = r[dst] (op) variable a
  logical_not,      // r[dst] = !r[dst]
  cast,             // r[dst] = type(r[dst]), from `from`
  load,             // r[dst] = buffer a at r[dst]
  select,           // jumps to `target` when r[dst] is false
  short_and,        // jumps to `target` when r[dst] is defined and false
  short_or,         // ... defined and true
  jump,             // jumps to `target`
  select_end,       // r[dst] = r[dst + 1], poisoned if r[dst] is
};

struct Op {
  OpCode code;
  BinaryOp binary = BinaryOp::add;
  DType type = DType::i32;
  DType from = DType::i32;
  // Of the jumps that skip something: a load stands in what they may skip, so that the condition
  // decides which memory is touched.
  bool guards_load = false;
  int dst = 0;
  int a = 0;
  int target = 0;
};

// ops [begin, end) leave the value in register 0; the value itself when it is a constant.
struct ExprCode {
  int begin = 0, end = 0;
  bool is_constant = false;
  Value constant;
};

inline constexpr int kNoSync = 1 << 20;

struct StmtCode {
  StmtKind kind;
  int number = 0;        // position in the kernel, outer before inner, from 1: for messages
  int sync = kNoSync;    // outermost level of the barriers and combines inside
  bool reverse = false;  // a parallel loop: the second run takes its iterations backwards
  bool moves = false;    // Store of a load alone: an element goes as it is, written or not
  int var = -1;          // For, Let
  int buffer = -1;       // Store, Combine; Copy: destination
  int source = -1;       // Copy
  int link = -1;         // Copy
  int level = -1;        // Barrier, Combine
  CombineOp op = CombineOp::sum;
  int64_t elements = 0, stride = 1, count = 1;  // Combine
  ExprCode e[3];          // For: min, extent; If: condition; Let: value; Store: index, value;
                          // Copy: destination, source, elements; Combine: index
  std::vector<int> body;  // statements inside; of If: then, else
};

struct KernelCode {
  std::vector<Op> ops;
  std::vector<Value> constants;
  std::vector<StmtCode> stmts;
  int root = 0;
  int registers = 1;
};

// Errors, internal: kernel_malformed for references to nothing, missing nodes and types that do not
// fit where code could not run at all; anything subtler is verify_kernel's.
Result<KernelCode> compile_for_interpreter(const Kernel& kernel);

// "statement 12 (store C)".
std::string describe(const Kernel& kernel, const StmtCode& stmt);

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_KERNEL_CODE_H_
