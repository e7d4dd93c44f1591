#ifndef PIMJIT_CORE_WORKLOAD_WORKLOAD_H_
#define PIMJIT_CORE_WORKLOAD_WORKLOAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/support/dtype.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// What to compute: one or more stages in index notation over tensors of fixed shape. A Workload is
// a value; every function below is pure and safe to call from any thread. Semantics:
// docs/workload.md.

enum class AxisKind : uint8_t { spatial, reduction };

struct Axis {
  std::string name;
  AxisKind kind;
  int64_t extent;  // elements, >= 0
};

// sum over axes of coefficients[axis] * axis + constant, in elements of one tensor dimension.
struct AffineIndex {
  std::vector<int64_t> coefficients;  // one per axis of the stage
  int64_t constant = 0;
  bool operator==(const AffineIndex&) const = default;
};

// A read of tensor `tensor` at one affine index per dimension (none for a scalar).
struct Access {
  int tensor;
  std::vector<AffineIndex> index;
  bool operator==(const Access&) const = default;
};

// Operators of the right-hand side. All arithmetic is done in the stage's compute type.
enum class ScalarOp : uint8_t { load, constant, add, sub, mul, div, mod, min, max, neg };

// One node of an expression tree in post order: every node but the last is the operand of exactly
// one later node, and a binary node directly follows its second operand.
struct ScalarNode {
  ScalarOp op;
  int a = -1;           // operand, or for `load` the number of the access
  int b = -1;           // second operand
  int64_t integer = 0;  // `constant` of an integer compute type
  double real = 0;      // `constant` of a float compute type
};

enum class Reducer : uint8_t { none, sum, prod, min, max };

// output[spatial axes] (reducer)= body(accesses). Axes 0..rank-1 are the spatial ones in the order
// of the output's dimensions, the reduction axes follow in order of first appearance. Every load is
// converted to `compute` first.
struct Stage {
  std::vector<Axis> axes;
  int output;  // tensor number
  int rank;    // number of spatial axes == rank of the output
  Reducer
      reducer;    // none exactly when there is no reduction axis and the statement is an assignment
  DType compute;  // accumulator type == dtype of the output
  std::vector<Access> accesses;  // distinct, in order of first use in the body
  std::vector<ScalarNode> body;  // the last node is the value
};

// Declared bounds of an input's values, both included. Integer tensors use low/high; f32 too
// (converted).
struct ValueRange {
  int64_t low;
  int64_t high;
  bool operator==(const ValueRange&) const = default;
};

enum class TensorRole : uint8_t { input, intermediate, output };

struct Tensor {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;  // elements per dimension, row major, last one contiguous
  TensorRole role;
  std::optional<ValueRange> range;  // inputs only
  int64_t elements() const;         // product of the shape; 1 for a scalar
  int64_t bytes() const { return elements() * bytes_of(dtype); }
};

struct Workload {
  std::string name;  // the operator's name or "custom"; not part of the key
  std::vector<Tensor>
      tensors;  // inputs in order of first appearance, intermediates, then the output last
  std::vector<Stage> stages;  // the last one writes the output

  std::vector<int> inputs() const;
  int output() const { return static_cast<int>(tensors.size()) - 1; }
  // Position of the tensor of that name, or -1.
  int find_tensor(const std::string& tensor_name) const;
};

// Largest element count of any tensor or iteration space; keeps every product of extents inside
// int64.
inline constexpr int64_t kMaxElements = int64_t{1} << 46;

// Checks everything stated above (index bounds, order of axes, types, sizes). Every Workload handed
// out by the parser and the builder has passed it.
Status check_workload(const Workload& workload);

// Index notation again: "C[i] += A[i,k] * B[k]".
std::string to_text(const Workload& workload);
// "i=4096,k=4096" over all stages.
std::string sizes_text(const Workload& workload);

// Canonical text of the computation, independent of the names of axes and tensors; with sizes,
// types, ranges. `shape_free_key` leaves the sizes out: the key of "the same computation at another
// shape".
std::string workload_key(const Workload& workload);
std::string shape_free_key(const Workload& workload);

const char* to_string(Reducer reducer);

// Identity of the reducer in type t: sum 0, prod 1, min the largest value (+inf), max the smallest
// (-inf). For f32 the double holds the value; for integers `integer`.
struct Identity {
  int64_t integer;
  double real;
};
Identity identity_of(Reducer reducer, DType t);

}  // namespace pimjit

#endif  // PIMJIT_CORE_WORKLOAD_WORKLOAD_H_
