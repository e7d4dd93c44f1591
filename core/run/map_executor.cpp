#include "pimjit/core/run/map_executor.h"

#include <algorithm>

#include "pimjit/core/run/row_moves.h"

namespace pimjit {
namespace {

int64_t ceil_div(int64_t a, int64_t b) {  // b > 0
  return a / b + (a % b > 0 ? 1 : 0);
}

}  // namespace

Result<MapExecutor> MapExecutor::make(const TransferMap& map, Reducer reducer, DType dtype,
                                      std::vector<int64_t> shape) {
  MapExecutor out;
  out.dtype_ = dtype;
  out.staging_ = map.narrow.value_or(dtype);
  out.reducer_ = reducer;
  out.shape_ = std::move(shape);
  out.digits_ = map.digits.size();
  out.fill_padding_ = map.fill_padding;
  out.pad_integer_ = map.pad_integer;
  out.pad_real_ = map.pad_real;
  // One digit more, of which nothing depends.
  for (const Expr& e : map.index) {
    auto expr = MapExpr::make(e, out.digits_ + 1);
    if (!expr) return fail(expr.error());
    out.index_.push_back(std::move(*expr));
  }
  if (map.guard) {
    auto expr = MapExpr::make(map.guard, out.digits_ + 1);
    if (!expr) return fail(expr.error());
    out.guard_ = std::move(*expr);
  }
  for (size_t d = 0; d < map.digits.size(); ++d) {
    const MapDigit& digit = map.digits[d];
    const int64_t stride = digit.slice_stride * map.slice_elements + digit.element_stride;
    if (digit.extent != 1) out.loops_.push_back({d, digit.extent, stride, digit.reduce});
  }
  out.order_loops();
  return out;
}

bool MapExecutor::linear_in(size_t digit) const {
  if (guard_ && guard_->uses(digit)) return false;
  return std::all_of(index_.begin(), index_.end(),
                     [&](const MapExpr& e) { return e.slope(digit).has_value(); });
}

void MapExecutor::order_loops() {
  for (const Loop& loop : loops_) {
    if (!loop.reduce) continue;
    slow_unpack_ |= guard_ && guard_->uses(loop.digit);
    for (const MapExpr& e : index_) slow_unpack_ |= e.uses(loop.digit);
  }
  // Every element takes its contributions in the order of the reducing digits either way.
  if (!slow_unpack_) {
    std::stable_partition(loops_.begin(), loops_.end(), [](const Loop& l) { return l.reduce; });
  }
  join_loops();
  row_ = {digits_, 1, 0, false};
  if (!loops_.empty() && !loops_.back().reduce && linear_in(loops_.back().digit)) {
    row_ = loops_.back();
    loops_.pop_back();
  }
}

bool MapExecutor::joins(const Loop& outer, const Loop& inner) const {
  if (outer.reduce || inner.reduce || !linear_in(outer.digit) || !linear_in(inner.digit) ||
      outer.stride != inner.stride * inner.extent) {
    return false;
  }
  return std::all_of(index_.begin(), index_.end(), [&](const MapExpr& e) {
    return *e.slope(outer.digit) == *e.slope(inner.digit) * inner.extent;
  });
}

void MapExecutor::join_loops() {
  for (size_t k = loops_.size(); k-- > 1;) {
    if (!joins(loops_[k - 1], loops_[k])) continue;
    loops_[k].extent *= loops_[k - 1].extent;
    loops_.erase(loops_.begin() + static_cast<std::ptrdiff_t>(k) - 1);
  }
}

// Positions x of the row with 0 <= start + slope * x < extent.
void MapExecutor::clip(Row& r, int64_t start, int64_t slope, int64_t extent) {
  if (slope == 0) {
    if (start < 0 || start >= extent) r.last = r.first;
    return;
  }
  const int64_t step = slope > 0 ? slope : -slope;
  // From the end that is met first, walking with the slope.
  const int64_t low = slope > 0 ? ceil_div(-start, step) : ceil_div(start - extent + 1, step);
  const int64_t high = slope > 0 ? ceil_div(extent - start, step) : ceil_div(start + 1, step);
  r.first = std::max(r.first, low);
  r.last = std::max(r.first, std::min(r.last, high));
}

MapExecutor::Row MapExecutor::row(const Digits& digits, const TensorView& tensor) const {
  Row r;
  if (guard_ && guard_->value(digits.data()) == 0) return r;
  r.last = row_.extent;
  for (size_t d = 0; d < index_.size(); ++d) {
    const int64_t start = index_[d].value(digits.data()), slope = *index_[d].slope(row_.digit);
    clip(r, start, slope, shape_[d]);
    if (r.first >= r.last) return Row{};
    r.offset += start * tensor.strides[d];
    r.stride += slope * tensor.strides[d];
  }
  return r;
}

template <typename Fn>
void MapExecutor::for_each_row(const std::vector<Loop>& loops, Fn&& fn) const {
  if (row_.extent <= 0) return;
  for (const Loop& loop : loops) {
    if (loop.extent <= 0) return;
  }
  Digits digits(digits_ + 1, 0);
  int64_t position = 0;
  while (true) {
    fn(static_cast<const Digits&>(digits), position);
    size_t k = loops.size();
    for (; k-- > 0;) {
      const Loop& loop = loops[k];
      position += loop.stride;
      if (++digits[loop.digit] < loop.extent) break;
      position -= loop.stride * loop.extent;
      digits[loop.digit] = 0;
    }
    if (k == static_cast<size_t>(-1)) return;
  }
}

void MapExecutor::fill(std::byte* staging, int64_t stride, int64_t from, int64_t to) const {
  if (!fill_padding_ || from >= to) return;
  fill_row(staging_, {staging + from * stride * bytes_of(staging_), stride}, pad_integer_,
           pad_real_, to - from);
}

void MapExecutor::pack(const TensorView& tensor, std::byte* staging) const {
  const int64_t from_width = bytes_of(dtype_), width = bytes_of(staging_), stride = row_.stride;
  const auto* const data = static_cast<const std::byte*>(tensor.data);
  for_each_row(loops_, [&](const Digits& digits, int64_t position) {
    const Row r = row(digits, tensor);
    std::byte* const to = staging + position * width;
    if (r.first < r.last) {
      convert_row(staging_, {to + r.first * stride * width, stride}, dtype_,
                  {data + (r.offset + r.first * r.stride) * from_width, r.stride},
                  r.last - r.first);
    }
    fill(to, stride, 0, r.first);
    fill(to, stride, r.last, row_.extent);
  });
}

void MapExecutor::unpack(const std::byte* staging, const TensorView& tensor) const {
  if (slow_unpack_) return unpack_slowly(staging, tensor);
  const int64_t width = bytes_of(dtype_), from_width = bytes_of(staging_), stride = row_.stride;
  auto* const data = static_cast<std::byte*>(tensor.data);
  for_each_row(loops_, [&](const Digits& digits, int64_t position) {
    const Row r = row(digits, tensor);
    if (r.first >= r.last) return;
    const bool first = std::all_of(loops_.begin(), loops_.end(), [&](const Loop& loop) {
      return !loop.reduce || digits[loop.digit] == 0;
    });
    const RowEnd to{data + (r.offset + r.first * r.stride) * width, r.stride};
    const ConstRowEnd from{staging + (position + r.first * stride) * from_width, stride};
    if (first) {
      convert_row(dtype_, to, staging_, from, r.last - r.first);
    } else {
      reduce_row(dtype_, reducer_, to, from, r.last - r.first);
    }
  });
}

// Element by element: the first contribution that counts is stored, the others are added to it.
void MapExecutor::unpack_slowly(const std::byte* staging, const TensorView& tensor) const {
  const int64_t width = bytes_of(dtype_);
  auto* const data = static_cast<std::byte*>(tensor.data);
  std::vector<Loop> outer, reducing;
  for (const Loop& loop : loops_) (loop.reduce ? reducing : outer).push_back(loop);
  outer.push_back(row_);
  for_each_row(outer, [&](const Digits& fixed, int64_t start) {
    bool first = true;
    for_each_row(reducing, [&](const Digits& varying, int64_t position) {
      Digits digits = fixed;
      for (const Loop& loop : reducing) digits[loop.digit] = varying[loop.digit];
      const Row r = row(digits, tensor);
      // The row's own digit is already in the offset, so position 0 is the one meant.
      if (r.first > 0 || r.last <= 0) return;
      const RowEnd to{data + r.offset * width, 1};
      const ConstRowEnd from{staging + (start + position) * width, 1};
      if (first) {
        copy_row(dtype_, to, from, 1);
      } else {
        reduce_row(dtype_, reducer_, to, from, 1);
      }
      first = false;
    });
  });
}

}  // namespace pimjit
