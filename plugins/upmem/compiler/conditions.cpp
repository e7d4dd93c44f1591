// Conditions as branches.
#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::Expr;
using kit::ExprKind;
using kit::Type;

namespace {

Condition condition_of(BinaryOp op, bool when, bool wide) {
  switch (op) {
    case BinaryOp::lt:
      return when ? Condition::lts : Condition::ges;
    case BinaryOp::le:
      if (wide) return when ? Condition::xles : Condition::xgts;
      return when ? Condition::les : Condition::gts;
    case BinaryOp::eq:
      if (wide) return when ? Condition::xz : Condition::xnz;
      return when ? Condition::z : Condition::nz;
    default:
      return condition_of(BinaryOp::eq, !when, wide);
  }
}

// The condition with its operands exchanged.
Condition mirrored(Condition c) {
  switch (c) {
    case Condition::lts:
      return Condition::gts;
    case Condition::gts:
      return Condition::lts;
    case Condition::les:
      return Condition::ges;
    case Condition::ges:
      return Condition::les;
    default:
      return c;
  }
}

}  // namespace

// Jumps to `target` when the condition is `when`, else goes on.
void Lowering::branch(int index, bool when, int target) {
  const Expr& e = expr(index);
  switch (e.kind) {
    case ExprKind::IntImm:
      if ((e.value != 0) == when) jump(target);
      return;
    case ExprKind::Not:
      return branch(e.a, !when, target);
    case ExprKind::Select: {
      const int other = make_label(), end = make_label();
      branch(e.a, false, other);
      branch(e.b, when, target);
      jump(end);
      bind(other);
      branch(e.c, when, target);
      return bind(end);
    }
    default:
      break;
  }
  if (e.op != BinaryOp::logical_and && e.op != BinaryOp::logical_or)
    return compare(e, when, target);
  // One operand decides alone: `a && b` is false, `a || b` is true.
  const bool decisive = e.op == BinaryOp::logical_or;
  if (when == decisive) {
    branch(e.a, when, target);
    return branch(e.b, when, target);
  }
  const int end = make_label();
  branch(e.a, decisive, end);
  branch(e.b, when, target);
  bind(end);
}

void Lowering::compare(const Expr& e, bool when, int target) {
  const Type type = expr(e.a).type;
  if (compare_sums(e, when, target)) return;
  if (type == Type::f32) {
    const bool negated = e.op == BinaryOp::ne;
    const Routine called = e.op == BinaryOp::lt   ? Routine::lt_f32
                           : e.op == BinaryOp::le ? Routine::le_f32
                                                  : Routine::eq_f32;
    const Operand x = value(e.a), y = value(e.b);
    const Operand holds = routine(called, false, x, y, {});
    return compare_words(holds, 0, when != negated ? Condition::nz : Condition::z, target);
  }
  if (type == Type::i64) {
    const Operand x = value(e.a), y = value(e.b);
    emit(Op::sub, {fixed(kCodeZero), low_of(x), low_of(y)}, false);
    emit(Op::subc,
         {fixed(kCodeZero), high_of(x), high_of(y), condition_of(e.op, when, true),
          label_of(target)},
         false);
    return;
  }
  const Operand x = value(e.a);
  const Expr& b = expr(e.b);
  const Operand y = b.kind == ExprKind::IntImm ? Operand(b.value) : value(e.b);
  compare_words(x, y, condition_of(e.op, when, false), target);
}

// The comparison of two sums that a word holds: as one sum against a constant.
bool Lowering::compare_sums(const Expr& e, bool when, int target) {
  const auto a = exact_sum_of(e.a), b = exact_sum_of(e.b);
  if (!a || !b) return false;
  const auto difference = combine(*a, *b, -1);
  if (!difference || !atoms_.range_of(*difference).in_word()) return false;
  const Range range = atoms_.range_of(*difference);
  const bool ordered = e.op == BinaryOp::lt || e.op == BinaryOp::le;
  const std::int64_t limit = e.op == BinaryOp::lt ? -1 : 0;
  if (ordered && (range.high <= limit || range.low > limit)) {
    if ((range.high <= limit) == when) jump(target);
    return true;
  }
  Affine key = *difference;
  key.constant = 0;
  if (key.is_constant()) {
    if (((difference->constant == 0) == (e.op == BinaryOp::eq)) == when) jump(target);
    return true;
  }
  if (!atoms_.range_of(key).in_word()) return false;
  compare_words(materialise(key), -difference->constant, condition_of(e.op, when, false), target);
  return true;
}

bool Lowering::is_compared_directly(std::int64_t number) {
  return number >= -1024 && number <= 1023;
}

// Jumps when `a - b` meets the condition.
void Lowering::compare_words(Operand a, Operand b, Condition condition, int target) {
  if (b.kind == Operand::Kind::imm && !is_compared_directly(b.value)) b = constant(b.value);
  if (a.kind == Operand::Kind::imm) a = constant(a.value);
  if (b.is_fixed() && !a.is_fixed()) {
    std::swap(a, b);
    condition = mirrored(condition);
  }
  if (b.is_fixed()) b = in_general(b);
  emit(Op::sub, {fixed(kCodeZero), a, b, condition, label_of(target)}, false);
}

}  // namespace pimjit::upmem
