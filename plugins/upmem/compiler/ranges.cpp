// What values expressions may have.
#include <algorithm>

#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::Expr;
using kit::ExprKind;
using kit::Type;

namespace {

Range united(const Range& a, const Range& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

}  // namespace

Range range_of_type(Type type) {
  if (type == Type::b1) return {0, 1};
  if (type == Type::i8) return {-128, 127};
  if (type == Type::i16) return {-32768, 32767};
  if (type == Type::i64) return {-kUnknownBound, kUnknownBound};
  return {INT32_MIN, INT32_MAX};
}

ValueRange word_range(const Range& range) {
  if (!range.in_word()) return {};
  return {range.low, range.high};
}

Range Lowering::range_of(int index) {
  if (const auto sum = exact_sum_of(index)) return atoms_.range_of(*sum);
  return range_within(index);
}

// By the structure of the expression.
Range Lowering::range_within(int index) {
  const Expr& e = expr(index);
  const Range all = range_of_type(e.type);
  // Beyond its type's range a value wraps.
  const auto unless_wrapped = [&](const Range& range) {
    return range.low >= all.low && range.high <= all.high ? range : all;
  };
  switch (e.kind) {
    case ExprKind::IntImm:
      return unless_wrapped({e.value, e.value});
    case ExprKind::Load:
      if (const auto& known = ranges_[static_cast<std::size_t>(e.index)])
        return unless_wrapped({known->low, known->high});
      return all;
    case ExprKind::Cast:
      return expr(e.a).type == Type::f32 ? all : unless_wrapped(range_within(e.a));
    case ExprKind::Select:
      return united(range_within(e.b), range_within(e.c));
    case ExprKind::Binary:
      return e.type == Type::f32 || e.type == Type::b1 ? all : unless_wrapped(range_of_binary(e));
    case ExprKind::Var:
    case ExprKind::LevelIndex:
      if (const auto sum = exact_sum_of(index)) return unless_wrapped(atoms_.range_of(*sum));
      return all;
    default:
      return all;
  }
}

Range Lowering::range_of_binary(const Expr& e) {
  const Range a = range_within(e.a), b = range_within(e.b);
  const Range unknown = range_of_type(e.type);
  // Of 64-bit numbers that may be any, only one side can be told.
  const bool bounded = a.in_word() && b.in_word();
  switch (e.op) {
    case BinaryOp::min:
      return {std::min(a.low, b.low), std::min(a.high, b.high)};
    case BinaryOp::max:
      return {std::max(a.low, b.low), std::max(a.high, b.high)};
    case BinaryOp::add:
      return bounded ? Range{a.low + b.low, a.high + b.high} : unknown;
    case BinaryOp::sub:
      return bounded ? Range{a.low - b.high, a.high - b.low} : unknown;
    case BinaryOp::mul: {
      if (!bounded) return unknown;
      const auto [low, high] =
          std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
      return {low, high};
    }
    case BinaryOp::div:
      return a.in_word() && b.low == b.high && b.low > 0 ? Range{a.low / b.low, a.high / b.low}
                                                         : unknown;
    case BinaryOp::mod:
      if (!a.in_word() || b.low != b.high || b.low <= 0) return unknown;
      return {std::max(std::min<std::int64_t>(a.low, 0), 1 - b.low),
              std::min(std::max<std::int64_t>(a.high, 0), b.low - 1)};
    default:
      return unknown;
  }
}

}  // namespace pimjit::upmem
