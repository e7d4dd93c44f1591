#ifndef PIMJIT_CORE_RUN_ROW_MOVES_H_
#define PIMJIT_CORE_RUN_ROW_MOVES_H_

#include <cstddef>
#include <cstdint>

#include "pimjit/core/support/dtype.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// Loops over `n` elements of type t at strides given in elements, either sign. Any alignment.

struct RowEnd {
  std::byte* data;
  int64_t stride;
};
struct ConstRowEnd {
  const std::byte* data;
  int64_t stride;
};

void copy_row(DType t, RowEnd to, ConstRowEnd from, int64_t n);
// Between integers, which narrower types lose the high bits of, or equal types.
void convert_row(DType to_type, RowEnd to, DType from_type, ConstRowEnd from, int64_t n);
// to[i] = to[i] (reducer) from[i], as docs/ir.md defines the operation.
void reduce_row(DType t, Reducer reducer, RowEnd to, ConstRowEnd from, int64_t n);
// Integers wrap to t; f32 takes `real` rounded.
void fill_row(DType t, RowEnd to, int64_t integer, double real, int64_t n);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_ROW_MOVES_H_
