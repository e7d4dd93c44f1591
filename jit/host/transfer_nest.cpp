#include "pimjit/jit/host/transfer_nest.h"

#include <algorithm>

#include "pimjit/core/run/map_expr.h"

namespace pimjit {
namespace {

// Less than this is not worth waking a thread for.
constexpr int64_t kBytesPerThread = 256 * 1024;

std::vector<int64_t> row_major_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) strides[d] = stride;
  return strides;
}

class Planner {
 public:
  Planner(NestKind kind, const TransferMap& map, const Tensor& tensor, TensorLayout layout)
      : map_(map), strides_(row_major_strides(tensor.shape)), layout_(layout) {
    nest_.kind = kind;
    nest_.dtype = tensor.dtype;
    nest_.staging = map.narrow.value_or(tensor.dtype);
    nest_.shape = tensor.shape;
    nest_.digits = map.digits.size();
    nest_.guard = map.guard;
    nest_.fill_padding = map.fill_padding;
    nest_.pad_integer = map.pad_integer;
    nest_.pad_real = map.pad_real;
  }

  Result<TransferNest> plan(Reducer reducer, bool one_slice) {
    nest_.reducer = reducer;
    if (Status ok = read_expressions(); !ok) return fail(ok.error());
    sort_digits(one_slice);
    find_checks();
    if (!nest_.by_element) {
      join(nest_.outer, false);
      join(nest_.reducing, true);
    }
    nest_.row.digit = nest_.digits;
    nest_.row.index.assign(nest_.shape.size(), 0);
    if (!nest_.by_element && !nest_.outer.empty() && linear_in(nest_.outer.back().digit)) {
      nest_.row = std::move(nest_.outer.back());
      nest_.outer.pop_back();
    }
    follow_tensor();
    return std::move(nest_);
  }

 private:
  // One digit more than there are, of which nothing depends: that of rows of one position.
  Status read_expressions() {
    for (const Expr& e : map_.index) {
      auto expr = MapExpr::make(e, nest_.digits + 1);
      if (!expr) return fail(expr.error());
      nest_.index.push_back({e, expr->affine(), expr->affine() ? expr->constant() : 0, true});
      all_affine_ = all_affine_ && expr->affine();
      index_.push_back(std::move(*expr));
    }
    if (!map_.guard) return {};
    auto expr = MapExpr::make(map_.guard, nest_.digits + 1);
    if (!expr) return fail(expr.error());
    guard_.push_back(std::move(*expr));
    return {};
  }

  std::vector<int64_t> slopes(size_t digit) const {
    std::vector<int64_t> slopes;
    for (const MapExpr& e : index_) slopes.push_back(e.slope(digit).value_or(0));
    return slopes;
  }

  void sort_digits(bool one_slice) {
    for (size_t d = 0; d < nest_.digits; ++d) {
      const MapDigit& digit = map_.digits[d];
      nest_.empty |= digit.extent <= 0;
      if (digit.extent == 1) continue;
      if (one_slice && digit.slice_stride > 0) {
        nest_.slice.push_back({d, digit.extent, digit.slice_stride, slopes(d)});
        continue;
      }
      const int64_t step = digit.slice_stride * map_.slice_elements + digit.element_stride;
      (digit.reduce ? nest_.reducing : nest_.outer).push_back({d, digit.extent, step, slopes(d)});
      if (!digit.reduce) continue;
      nest_.by_element |= !guard_.empty() && guard_[0].uses(d);
      for (const MapExpr& e : index_) nest_.by_element |= e.uses(d);
    }
  }

  void find_checks() {
    for (size_t d = 0; d < index_.size(); ++d) {
      if (!nest_.index[d].affine) continue;
      int64_t low = nest_.index[d].constant, high = low;
      const auto reach = [&](int64_t step, int64_t extent) {
        (step < 0 ? low : high) += step * (extent - 1);
      };
      for (const NestLoop& loop : nest_.outer) reach(loop.index[d], loop.extent);
      for (const NestLoop& loop : nest_.reducing) reach(loop.index[d], loop.extent);
      for (const SliceDigit& digit : nest_.slice) reach(digit.index[d], digit.extent);
      nest_.index[d].checked = low < 0 || high >= nest_.shape[d];
    }
  }

  bool linear_in(size_t digit) const {
    if (!guard_.empty() && guard_[0].uses(digit)) return false;
    return std::all_of(index_.begin(), index_.end(),
                       [&](const MapExpr& e) { return e.slope(digit).has_value(); });
  }

  // Where the strides are known and an index needs no check, it matters only for the address.
  bool continues(const NestLoop& outer, const NestLoop& inner) const {
    if (!linear_in(outer.digit) || !linear_in(inner.digit)) return false;
    const bool by_address = layout_ == TensorLayout::row_major && all_affine_;
    int64_t gap = 0;
    for (size_t d = 0; d < nest_.shape.size(); ++d) {
      const int64_t difference = outer.index[d] - inner.index[d] * inner.extent;
      if (difference != 0 && (!by_address || nest_.index[d].checked)) return false;
      gap += difference * strides_[d];
    }
    return gap == 0;
  }

  void join(std::vector<NestLoop>& loops, bool reducing) const {
    for (size_t k = loops.size(); k-- > 1;) {
      const NestLoop& outer = loops[k - 1];
      NestLoop& inner = loops[k];
      if (outer.staging != inner.staging * inner.extent) continue;
      if (!reducing && !continues(outer, inner)) continue;
      inner.extent *= outer.extent;
      loops.erase(loops.begin() + static_cast<std::ptrdiff_t>(k) - 1);
    }
  }

  // What is written is written front to back. What is packed is read so if it is large: slices are
  // few streams, but rows of one slice may lie on a page each.
  void follow_tensor() {
    if (layout_ != TensorLayout::row_major || !all_affine_) return;
    if (nest_.kind == NestKind::pack && nest_.bytes() < kLargeTransfer) return;
    const auto step = [&](const NestLoop& loop) {
      int64_t elements = 0;
      for (size_t d = 0; d < loop.index.size(); ++d) elements += loop.index[d] * strides_[d];
      return elements < 0 ? -elements : elements;
    };
    std::stable_sort(nest_.outer.begin(), nest_.outer.end(),
                     [&](const NestLoop& a, const NestLoop& b) { return step(a) > step(b); });
  }

  const TransferMap& map_;
  const std::vector<int64_t> strides_;
  const TensorLayout layout_;
  TransferNest nest_;
  std::vector<MapExpr> index_;
  std::vector<MapExpr> guard_;  // one, or none
  bool all_affine_ = true;
};

}  // namespace

int64_t TransferNest::partials() const {
  int64_t n = 1;
  for (const NestLoop& loop : reducing) n *= loop.extent;
  return n;
}

int64_t TransferNest::bytes() const {
  int64_t positions = row.extent;
  for (const NestLoop& loop : outer) positions *= loop.extent;
  return positions * partials() * bytes_of(dtype);
}

Result<TransferNest> plan_transfer(NestKind kind, const TransferMap& map, Reducer reducer,
                                   const Tensor& tensor, TensorLayout layout, bool one_slice) {
  return Planner(kind, map, tensor, layout).plan(reducer, one_slice);
}

Result<TransferNest> plan_fill(const TransferMap& map, const Tensor& tensor, TensorLayout layout) {
  TransferMap all;
  all.pad_integer = map.pad_integer;
  all.pad_real = map.pad_real;
  const std::vector<int64_t> strides = row_major_strides(tensor.shape);
  for (size_t d = 0; d < tensor.shape.size(); ++d) {
    all.digits.push_back({tensor.shape[d], 0, strides[d], false});
    all.index.push_back(make_var(DType::i64, static_cast<int>(d)));
  }
  return Planner(NestKind::fill, all, tensor, layout).plan(Reducer::none, false);
}

NestSplit split_of(const TransferNest& nest) {
  // Enough pieces to even out threads that are slow.
  constexpr int64_t kPieces = 32;
  const int64_t bytes = nest.bytes();
  NestSplit split;
  while (split.loops < nest.outer.size() && split.count < kPieces)
    split.count *= nest.outer[split.loops++].extent;
  if (split.count < kPieces && !nest.by_element && nest.row.extent > split.count) {
    split = {0, true, nest.row.extent, 1};
  }
  split.grain = std::max<int64_t>(1, split.count);
  if (bytes > kBytesPerThread) {
    const int64_t each = std::max<int64_t>(1, bytes / split.count);
    split.grain = (kBytesPerThread + each - 1) / each;
  }
  if (const int64_t most = nest.how.reduce_threads; most > 0)
    split.grain = std::max(split.grain, (split.count + most - 1) / most);
  return split;
}

}  // namespace pimjit
