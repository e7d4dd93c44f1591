#include "pimjit/core/run/map_expr.h"

#include <algorithm>

#include "pimjit/core/ir/arith.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr int kStack = 64;

int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t wrapping_mul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

}  // namespace

Result<MapExpr> MapExpr::make(const Expr& e, size_t digits) {
  MapExpr result;
  result.uses_.assign(digits, false);
  if (!e || !result.compile(*e, digits, 0)) {
    return fail(internal_error("map_expression",
                               "an expression of a transfer map is more than integer operations "
                               "on its digits"));
  }
  for_each_expr(e, [&](const ExprNode& n) {
    if (n.kind == ExprKind::Var) result.uses_[static_cast<size_t>(as<Var>(n).id)] = true;
  });
  result.affine_ = e->dtype == DType::i64;
  for (size_t d = 0; d < digits; ++d) {
    result.slopes_.push_back(slope_of(*e, d));
    result.affine_ = result.affine_ && result.slopes_.back().has_value();
    result.coefficients_.push_back(result.slopes_.back().value_or(0));
  }
  const std::vector<int64_t> origin(digits, 0);
  const bool affine = result.affine_;
  result.affine_ = false;
  result.constant_ = result.value(origin.data());
  result.affine_ = affine;
  return result;
}

bool MapExpr::compile(const ExprNode& e, size_t digits, int depth) {
  if (depth >= kStack - 3 || is_float(e.dtype)) return false;
  const auto emit = [&](Code code, int64_t operand = 0, BinaryOp op = BinaryOp::add) {
    steps_.push_back({code, op, e.dtype, operand});
    return true;
  };
  switch (e.kind) {
    case ExprKind::IntImm:
      return emit(Code::constant, as<IntImm>(e).value);
    case ExprKind::Var: {
      const int id = as<Var>(e).id;
      return id >= 0 && static_cast<size_t>(id) < digits && emit(Code::digit, id);
    }
    case ExprKind::Binary: {
      const auto& n = as<Binary>(e);
      if (!compile(*n.a, digits, depth) || !compile(*n.b, digits, depth + 1)) return false;
      emit(Code::binary, 0, n.op);
      const bool narrow = e.dtype != DType::i64 && e.dtype != DType::b1;
      return !narrow || emit(Code::wrap);
    }
    case ExprKind::Not:
      return compile(*as<Not>(e).a, digits, depth) && emit(Code::negate);
    case ExprKind::Select: {
      const auto& n = as<Select>(e);
      return compile(*n.condition, digits, depth) && compile(*n.if_true, digits, depth + 1) &&
             compile(*n.if_false, digits, depth + 2) && emit(Code::select);
    }
    case ExprKind::Cast:
      return compile(*as<Cast>(e).a, digits, depth) && emit(Code::wrap);
    default:
      return false;
  }
}

bool MapExpr::mentions(const ExprNode& e, size_t d) {
  bool found = e.kind == ExprKind::Var && static_cast<size_t>(as<Var>(e).id) == d;
  for_each_operand(e, [&](const Expr& operand) { found = found || mentions(*operand, d); });
  return found;
}

std::optional<int64_t> MapExpr::slope_of(const ExprNode& e, size_t d) {
  if (!mentions(e, d)) return 0;
  if (e.dtype != DType::i64) return std::nullopt;
  if (e.kind == ExprKind::Var) return 1;
  if (e.kind != ExprKind::Binary) return std::nullopt;
  const auto& n = as<Binary>(e);
  const auto a = slope_of(*n.a, d), b = slope_of(*n.b, d);
  if (!a || !b) return std::nullopt;
  if (n.op == BinaryOp::add) return wrapping_add(*a, *b);
  if (n.op == BinaryOp::sub) return wrapping_add(*a, wrapping_mul(*b, -1));
  if (n.op != BinaryOp::mul) return std::nullopt;
  if (const int64_t* c = as_int_constant(n.b)) return wrapping_mul(*a, *c);
  if (const int64_t* c = as_int_constant(n.a)) return wrapping_mul(*b, *c);
  return std::nullopt;
}

int64_t MapExpr::value(const int64_t* digits) const {
  if (affine_) {
    int64_t sum = constant_;
    for (size_t d = 0; d < coefficients_.size(); ++d) sum += coefficients_[d] * digits[d];
    return sum;
  }
  int64_t stack[kStack];
  int top = -1;
  for (const Step& s : steps_) {
    switch (s.code) {
      case Code::constant:
        stack[++top] = s.operand;
        break;
      case Code::digit:
        stack[++top] = digits[s.operand];
        break;
      case Code::binary:
        --top;
        stack[top] = eval_int(s.op, DType::i64, stack[top], stack[top + 1]);
        break;
      case Code::negate:
        stack[top] = stack[top] == 0;
        break;
      case Code::select:
        top -= 2;
        stack[top] = stack[top] != 0 ? stack[top + 1] : stack[top + 2];
        break;
      case Code::wrap:
        stack[top] = wrap_to(s.type, stack[top]);
        break;
    }
  }
  return stack[0];
}

}  // namespace pimjit
