#ifndef PIMJIT_JIT_HOST_TRANSFER_NEST_H_
#define PIMJIT_JIT_HOST_TRANSFER_NEST_H_

#include <cstdint>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

enum class NestKind : uint8_t { pack, unpack, fill };

// What generated code may rely on: row-major tensors without gaps have strides that are known when
// it is compiled, others bring theirs with the call.
enum class TensorLayout : uint8_t { row_major, strided };

// A loop over one digit of a map, or over several that continue each other.
struct NestLoop {
  size_t digit = 0;  // whose variable is the loop's; of joined digits the last, the others are 0
  int64_t extent = 1;
  int64_t staging = 0;         // elements of staging from one iteration to the next
  std::vector<int64_t> index;  // per dimension, what an iteration adds; 0 where it is not linear
};

// The index of one dimension of the tensor.
struct NestIndex {
  Expr expr;
  bool affine = false;  // constant + sum of NestLoop::index times variable
  int64_t constant = 0;
  bool checked = true;  // it may lie outside the tensor
};

// A digit whose value is that of one slice: number of the slice / stride % extent.
struct SliceDigit {
  size_t digit = 0;
  int64_t extent = 1, stride = 1;
  std::vector<int64_t> index;  // as in NestLoop
};

// The loops of a transfer (semantics: TransferMap) in the order generated code runs them; only that
// of the reducing ones matters for the result.
struct TransferNest {
  NestKind kind = NestKind::pack;
  DType dtype = DType::i32;
  DType staging = DType::i32;  // elements there; may be narrower, where nothing is added up
  Reducer reducer = Reducer::none;
  FinalReduction how;
  std::vector<int64_t> shape;
  size_t digits = 0;  // of the map
  std::vector<SliceDigit> slice;
  std::vector<NestLoop> outer;     // outer to inner
  std::vector<NestLoop> reducing;  // outer to inner; inside the others
  NestLoop row;                    // innermost, linear in everything, in no guard
  std::vector<NestIndex> index;
  Expr guard;               // null: always true
  bool by_element = false;  // the guard decides about each contribution, not about each element
  bool empty = false;       // no position
  bool followed = false;    // pieces of rows, once added up, are passed on (NestFollower) ...
  bool dropped = false;     // ... and not written to the tensor
  bool fill_padding = false;
  int64_t pad_integer = 0;
  double pad_real = 0;

  // Contributions to each element.
  int64_t partials() const;
  // Of all positions, each contribution counted.
  int64_t bytes() const;
};

// `one_slice`: the nest moves the slice whose number comes with the call, and its staging is that
// slice. Errors, internal: map_expression.
Result<TransferNest> plan_transfer(NestKind kind, const TransferMap& map, Reducer reducer,
                                   const Tensor& tensor, TensorLayout layout, bool one_slice);

// All elements of a tensor, to be filled with `map`'s padding.
Result<TransferNest> plan_fill(const TransferMap& map, const Tensor& tensor, TensorLayout layout);

// More than this leaves the second caches before anyone reads it again.
inline constexpr int64_t kLargeTransfer = 4 << 20;

// What is shared out among threads: iterations of the outermost `loops` loops taken as one, or
// positions of the row.
struct NestSplit {
  size_t loops = 0;
  bool row = false;
  int64_t count = 1;
  int64_t grain = 1;  // that one thread should take at least
};
NestSplit split_of(const TransferNest& nest);

}  // namespace pimjit

#endif  // PIMJIT_JIT_HOST_TRANSFER_NEST_H_
