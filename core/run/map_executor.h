#ifndef PIMJIT_CORE_RUN_MAP_EXECUTOR_H_
#define PIMJIT_CORE_RUN_MAP_EXECUTOR_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/map_expr.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// A TransferMap ready to run: digits that continue each other are joined, rows along the innermost
// digit are moved at once where the index is linear in it, contiguous ones by memcpy. Semantics:
// TransferMap in lowered_module.h; a result that no position contributes to is left alone.
// Immutable; any thread.
class MapExecutor {
 public:
  // Errors, internal: map_expression. The map must have passed verify_host_program.
  static Result<MapExecutor> make(const TransferMap& map, Reducer reducer, DType dtype,
                                  std::vector<int64_t> shape);

  // `tensor` has the executor's type and shape, any strides; `staging` slices * slice_elements
  // elements, of the map's narrow type if it has one. Positions that are padding are written only
  // if the map fills them.
  void pack(const TensorView& tensor, std::byte* staging) const;
  void unpack(const std::byte* staging, const TensorView& tensor) const;

 private:
  struct Loop {
    size_t digit;  // of the map; of joined digits the last one, which then runs over all of them
    int64_t extent;
    int64_t stride;  // elements of staging
    bool reduce;
  };
  // Where a row, all positions of the innermost loop, lies in the tensor.
  struct Row {
    int64_t first = 0, last = 0;  // positions [first, last) are elements, the others padding
    int64_t offset = 0;           // elements, of position 0
    int64_t stride = 0;           // elements, of one position
  };
  using Digits = std::vector<int64_t>;

  void order_loops();
  bool joins(const Loop& outer, const Loop& inner) const;
  void join_loops();
  bool linear_in(size_t digit) const;
  Row row(const Digits& digits, const TensorView& tensor) const;
  static void clip(Row& r, int64_t start, int64_t slope, int64_t extent);
  // fn(digits with the row's at 0, position in staging) for each row.
  template <typename Fn>
  void for_each_row(const std::vector<Loop>& loops, Fn&& fn) const;
  void fill(std::byte* staging, int64_t stride, int64_t from, int64_t to) const;
  void unpack_slowly(const std::byte* staging, const TensorView& tensor) const;

  DType dtype_ = DType::i32;
  DType staging_ = DType::i32;  // packing: elements of staging
  Reducer reducer_ = Reducer::none;
  std::vector<int64_t> shape_;
  size_t digits_ = 0;        // of the map; one more, always 0, makes rows of one position
  std::vector<Loop> loops_;  // outer to inner, without the row's
  Loop row_{};
  std::vector<MapExpr> index_;
  std::optional<MapExpr> guard_;
  bool slow_unpack_ = false;  // which positions count depends on a reducing digit
  bool fill_padding_ = false;
  int64_t pad_integer_ = 0;
  double pad_real_ = 0;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_MAP_EXECUTOR_H_
