#include "pimjit/jit/kernel_code/ranges.h"

#include <algorithm>

namespace pimjit {
namespace {

using kit::BinaryOp;
using kit::ExprKind;

std::optional<Range> sum(const Range& a, const Range& b) {
  Range r{};
  if (__builtin_add_overflow(a.low, b.low, &r.low) ||
      __builtin_add_overflow(a.high, b.high, &r.high))
    return std::nullopt;
  return r;
}

std::optional<Range> product(const Range& a, const Range& b) {
  int64_t ends[4];
  if (__builtin_mul_overflow(a.low, b.low, &ends[0]) ||
      __builtin_mul_overflow(a.low, b.high, &ends[1]) ||
      __builtin_mul_overflow(a.high, b.low, &ends[2]) ||
      __builtin_mul_overflow(a.high, b.high, &ends[3]))
    return std::nullopt;
  const auto [low, high] = std::minmax_element(std::begin(ends), std::end(ends));
  return Range{*low, *high};
}

std::optional<Range> difference(const Range& a, const Range& b) {
  Range r{};
  if (__builtin_sub_overflow(a.low, b.high, &r.low) ||
      __builtin_sub_overflow(a.high, b.low, &r.high))
    return std::nullopt;
  return r;
}

// By a positive divisor, of what is not negative.
std::optional<Range> quotient(BinaryOp op, const Range& a, const Range& b) {
  if (a.low < 0 || b.low < 1) return std::nullopt;
  if (op == BinaryOp::div) return Range{a.low / b.high, a.high / b.low};
  return Range{0, std::min(a.high, b.high - 1)};
}

std::optional<Range> combined(BinaryOp op, const Range& a, const Range& b) {
  switch (op) {
    case BinaryOp::add:
      return sum(a, b);
    case BinaryOp::sub:
      return difference(a, b);
    case BinaryOp::mul:
      return product(a, b);
    case BinaryOp::div:
    case BinaryOp::mod:
      return quotient(op, a, b);
    case BinaryOp::min:
      return Range{std::min(a.low, b.low), std::min(a.high, b.high)};
    case BinaryOp::max:
      return Range{std::max(a.low, b.low), std::max(a.high, b.high)};
    default:
      return std::nullopt;
  }
}

bool fits(kit::Type type, const Range& r) {
  const int bits = 8 * kit::bytes_of(type);
  if (bits == 64) return true;
  const int64_t most = (int64_t{1} << (bits - 1)) - 1;
  return -most - 1 <= r.low && r.high <= most;
}

}  // namespace

Ranges::Ranges(const kit::Kernel& kernel) : kernel_(kernel), variables_(kernel.vars.size()) {}

void Ranges::set(int var, std::optional<Range> range) {
  variables_[static_cast<size_t>(var)] = range;
}

std::optional<Range> Ranges::of(int expr) const {
  return of(kernel_.exprs[static_cast<size_t>(expr)]);
}

std::optional<Range> Ranges::of(const kit::Expr& e) const {
  if (!kit::is_index(e.type)) return std::nullopt;
  switch (e.kind) {
    case ExprKind::IntImm:
      return Range{e.value, e.value};
    case ExprKind::Var:
      return variables_[static_cast<size_t>(e.index)];
    case ExprKind::LevelIndex:
      return Range{0, kernel_.levels[static_cast<size_t>(e.index)].count - 1};
    case ExprKind::Binary: {
      const auto a = of(e.a), b = of(e.b);
      if (!a || !b) return std::nullopt;
      const auto r = combined(e.op, *a, *b);
      return r && fits(e.type, *r) ? r : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Range> Ranges::of_loop(const kit::Stmt& loop) const {
  const auto min = of(loop.a), extent = of(loop.b);
  if (!min || !extent) return std::nullopt;
  if (extent->high < 1) return min;
  const auto last = sum(*min, {0, extent->high - 1});
  return last && fits(kernel_.vars[static_cast<size_t>(loop.var)].type, *last) ? last
                                                                               : std::nullopt;
}

}  // namespace pimjit
