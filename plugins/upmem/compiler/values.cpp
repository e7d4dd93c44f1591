// Values of expressions in registers. Integers of 8 and 16 bits are kept sign-extended, except
// where the caller takes them `loose`: with anything in the upper bits.
#include <bit>

#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::Expr;
using kit::ExprKind;
using kit::Type;

namespace {

// A divisor that shifts divide by.
bool is_power(const Expr& e) {
  return e.kind == ExprKind::IntImm && e.value > 1 && e.value <= (1 << 20) &&
         std::has_single_bit(static_cast<std::uint64_t>(e.value));
}

}  // namespace

CodeOperand Lowering::value(int index, bool loose, std::optional<VReg> into) {
  const Expr& e = expr(index);
  if (e.type == Type::b1) return truth(index, into);
  if (const auto sum = e.type == Type::i64 ? exact_sum_of(index) : sum_of(index)) {
    if (e.type == Type::i64 && sum->is_constant()) return pair_constant(sum->constant, into);
    const Operand x = materialise(*sum);
    if (e.type == Type::i64) {
      const VReg wide = into ? *into : code_.make(true);
      emit(Op::or_, {wide, x, 0}, true).extend = Extend::sign;
      return wide;
    }
    if (!into) return x;
    move_to(e.type, *into, x);
    return *into;
  }
  switch (e.kind) {
    case ExprKind::IntImm:
      if (e.type == Type::i64) return pair_constant(e.value, into);
      if (into) return define(Op::or_, {fixed(kCodeZero), e.value}, into);
      return constant(e.value);
    case ExprKind::FloatImm: {
      const auto bits = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(e.real));
      if (into) return define(Op::or_, {fixed(kCodeZero), bits}, into);
      return constant(bits);
    }
    case ExprKind::Param: {
      const VReg wide = into ? *into : code_.make(true);
      const Atom& atom = atoms_[param_atoms_[static_cast<std::size_t>(e.index)]];
      emit(Op::ld, {wide, fixed(kCodeZero), atom.number}, true);
      return wide;
    }
    case ExprKind::Var: {
      const Operand x = bindings_[static_cast<std::size_t>(e.index)].value;
      if (!x.is_virtual()) {
        give_up("variable '" + kernel_.vars[static_cast<std::size_t>(e.index)].name +
                "' is used where nothing gives it a value");
        return fixed(kCodeZero);
      }
      if (!into) return x;
      move_to(e.type, *into, x);
      return *into;
    }
    case ExprKind::Load:
      return load(e, into);
    case ExprKind::Select:
      return select(e, into);
    case ExprKind::Cast:
      return cast(e, loose, into);
    case ExprKind::Binary:
      if (e.type == Type::i64) return pair_binary(e, into);
      return word_binary(e, loose, into);
    default:
      give_up("an expression of this kind is not compiled");
      return fixed(kCodeZero);
  }
}

CodeOperand Lowering::load(const Expr& e, std::optional<VReg> into) {
  for (const Promoted& promoted : promoted_) {
    if (promoted.buffer != e.index) continue;
    if (!into) return promoted.reg;
    move_to(e.type, *into, promoted.reg);
    return *into;
  }
  return read(e.index, index_of(e.a), into);
}

CodeOperand Lowering::pair_constant(std::int64_t number, std::optional<VReg> into) {
  const VReg wide = into ? *into : code_.make(true);
  const auto bits = static_cast<std::uint64_t>(number);
  const Operand zero = fixed(kCodeZero);
  emit(Op::or_, {high_of(wide), zero, static_cast<std::int32_t>(bits >> 32)}, true);
  emit(Op::or_, {low_of(wide), zero, static_cast<std::int32_t>(bits)}, true).keeps_rest = true;
  return wide;
}

void Lowering::move_to(Type type, VReg to, Operand from) {
  if (Operand(to) == from) return;
  if (type == Type::i64)
    emit(Op::movd, {to, from}, true);
  else
    emit(Op::or_, {to, from, 0}, true);
}

CodeOperand Lowering::truth(int index, std::optional<VReg> into) {
  const VReg result = into ? *into : code_.make(false);
  const int no = make_label(), end = make_label();
  branch(index, false, no);
  emit(Op::or_, {result, fixed(kCodeZero), 1}, true);
  jump(end);
  bind(no);
  emit(Op::or_, {result, fixed(kCodeZero), 0}, true);
  bind(end);
  return result;
}

CodeOperand Lowering::narrowed(Type type, Operand x, std::optional<VReg> into) {
  if (type == Type::i8) return define(Op::extsb, {x}, into);
  if (type == Type::i16) return define(Op::extsh, {x}, into);
  if (!into) return x;
  move_to(type, *into, x);
  return *into;
}

CodeOperand Lowering::word_binary(const Expr& e, bool loose, std::optional<VReg> into) {
  if (e.op == BinaryOp::min || e.op == BinaryOp::max) return extreme(e, into);
  const bool divides = e.op == BinaryOp::div || e.op == BinaryOp::mod;
  if (e.type == Type::i32 && divides && is_power(expr(e.b))) {
    const Operand x = in_general(value(e.a));
    const Affine dividend = value_atom(x.vreg(), range_of(e.a));
    const auto kind = e.op == BinaryOp::div ? Atom::Kind::quotient : Atom::Kind::remainder;
    const Operand result = divided({kind, depth(), {}, 1, {}, expr(e.b).value, dividend}, depth());
    return narrowed(e.type, result, into);
  }
  if (e.type == Type::f32) {
    const Operand x = value(e.a);
    return float_binary(e.op, x, value(e.b), into);
  }
  if (divides) {
    const Routine called = e.op == BinaryOp::div ? Routine::div_i32 : Routine::rem_i32;
    const Operand x = value(e.a), y = value(e.b);
    const bool final = loose || e.type == Type::i32;
    const Operand result = routine(called, false, x, y, final ? into : std::nullopt);
    return final ? result : narrowed(e.type, result, into);
  }
  const bool word = e.type == Type::i32;
  const bool final = word || loose;
  const std::optional<VReg> target = final ? into : std::nullopt;
  Operand result;
  if (e.op == BinaryOp::mul) {
    const Operand x = value(e.a, true), y = value(e.b, true);
    const VReg out = target ? *target : code_.make(false);
    const ValueRange narrow = word_range(range_of_type(e.type));
    multiply(Group::multiply, out, x, y, word ? word_range(range_of(e.a)) : narrow,
             word ? word_range(range_of(e.b)) : narrow);
    result = out;
  } else if (expr(e.b).kind == ExprKind::IntImm) {
    const std::int64_t number = expr(e.b).value;
    const auto bits = static_cast<std::int32_t>(
        static_cast<std::uint32_t>(e.op == BinaryOp::add ? number : -number));
    result = define(Op::add, {value(e.a, true), bits}, target);
  } else {
    const Operand x = value(e.a, true), y = in_general(value(e.b, true));
    result = define(e.op == BinaryOp::add ? Op::add : Op::sub, {x, y}, target);
  }
  return final ? result : narrowed(e.type, result, into);
}

CodeOperand Lowering::float_binary(BinaryOp op, Operand x, Operand y, std::optional<VReg> into) {
  if (!plain_) {
    const Routine called = op == BinaryOp::add   ? Routine::add_f32
                           : op == BinaryOp::sub ? Routine::sub_f32
                           : op == BinaryOp::mul ? Routine::mul_f32
                                                 : Routine::div_f32;
    return routine(called, false, x, y, into);
  }
  // The general routines, which test for every special case.
  if (op == BinaryOp::sub) y = define(Op::xor_, {y, INT32_MIN});
  const Routine called = op == BinaryOp::mul   ? Routine::mul_f32_general
                         : op == BinaryOp::div ? Routine::div_f32_rare
                                               : Routine::add_f32_general;
  return routine(called, false, x, y, into);
}

void Lowering::multiply(Group group, VReg out, Operand x, Operand y, ValueRange rx, ValueRange ry) {
  if (plain_) {
    routine(Routine::mul_i32_steps, false, x, y, out);
    return;
  }
  Item item;
  item.group = group;
  item.plan = plan_multiply(rx, ry);
  item.dynamic = item.plan.x_bytes == 4 && item.plan.y_bytes == 4;
  item.temps = static_cast<std::uint8_t>(temps_of(item).count());
  item.count = 3 + item.temps;
  item.defines = true;
  item.reads_first = group == Group::multiply_accumulate;
  item.operands = {out, in_general(x), in_general(y)};
  for (std::size_t i = 3; i < item.count; ++i) item.operands[i] = code_.make(false);
  push(item);
}

CodeOperand Lowering::routine(Routine called, bool pair, Operand x, Operand y,
                              std::optional<VReg> into) {
  const VReg out = into ? *into : code_.make(pair);
  Item item;
  item.group = Group::routine;
  item.routine = called;
  item.call = plain_;
  item.count = 3;
  item.defines = true;
  item.operands = {out, x.is_fixed() ? in_general(x) : x, y.is_fixed() ? in_general(y) : y};
  push(item);
  return out;
}

CodeOperand Lowering::pair_binary(const Expr& e, std::optional<VReg> into) {
  if (e.op == BinaryOp::min || e.op == BinaryOp::max) return extreme(e, into);
  const Operand x = value(e.a), y = value(e.b);
  return pair_of(e.op, x, y, into);
}

CodeOperand Lowering::pair_of(BinaryOp op, Operand x, Operand y, std::optional<VReg> into) {
  if (op == BinaryOp::div || op == BinaryOp::mod)
    return routine(op == BinaryOp::div ? Routine::div_i64 : Routine::rem_i64, true, x, y, into);
  if (op == BinaryOp::mul && plain_) return routine(Routine::mul_i64_general, true, x, y, into);
  if (op == BinaryOp::mul) {
    Item item;
    item.group = Group::multiply_pair;
    item.count = 11;
    item.temps = 8;
    item.defines = item.early = true;
    const VReg out = code_.make(true);
    item.operands = {out, x, y};
    for (std::size_t i = 3; i < 11; ++i) item.operands[i] = code_.make(false);
    push(item);
    if (!into) return out;
    move_to(Type::i64, *into, out);
    return *into;
  }
  const VReg out = into ? *into : code_.make(true);
  const bool adds = op == BinaryOp::add;
  const bool reused = Operand(out) == x || Operand(out) == y;
  emit(adds ? Op::add : Op::sub, {low_of(out), low_of(x), low_of(y)}, true).keeps_rest = reused;
  emit(adds ? Op::addc : Op::subc, {high_of(out), high_of(x), high_of(y)}, true).keeps_rest = true;
  return out;
}

CodeOperand Lowering::extreme(const Expr& e, std::optional<VReg> into) {
  const bool smaller = e.op == BinaryOp::min;
  const Operand x = value(e.a);
  if (const Expr& b = expr(e.b); e.type != Type::f32 && b.kind == ExprKind::IntImm &&
                                 e.type != Type::i64 && is_compared_directly(b.value)) {
    const VReg out = into ? *into : code_.make(false);
    const int done = make_label();
    move_to(e.type, out, x);
    compare_words(out, b.value, smaller ? Condition::les : Condition::ges, done);
    emit(Op::or_, {out, fixed(kCodeZero), b.value}, true);
    bind(done);
    return out;
  }
  const Operand y = e.type == Type::i64 ? value(e.b) : in_general(value(e.b));
  return extreme_of(e.type, smaller, x, y, into);
}

CodeOperand Lowering::extreme_of(Type type, bool smaller, Operand x, Operand y,
                                 std::optional<VReg> into) {
  if (type == Type::f32)
    return routine(smaller ? Routine::min_f32 : Routine::max_f32, false, x, y, into);
  const VReg out = into ? *into : code_.make(type == Type::i64);
  const bool swapped = Operand(out) == y;
  const Operand first = swapped ? y : x, second = swapped ? x : y;
  move_to(type, out, first);
  const int done = make_label();
  if (type == Type::i64) {
    emit(Op::sub, {fixed(kCodeZero), low_of(out), low_of(second)}, false);
    emit(Op::subc,
         {fixed(kCodeZero), high_of(out), high_of(second),
          smaller ? Condition::xles : Condition::ges, label_of(done)},
         false);
  } else {
    compare_words(out, second, smaller ? Condition::les : Condition::ges, done);
  }
  move_to(type, out, second);
  bind(done);
  return out;
}

CodeOperand Lowering::combined(BinaryOp op, Type type, Operand x, Operand y) {
  if (op == BinaryOp::min || op == BinaryOp::max)
    return extreme_of(type, op == BinaryOp::min, x, y, {});
  if (type == Type::i64) return pair_of(op, x, y, {});
  if (type == Type::f32) return float_binary(op, x, y, {});
  if (op == BinaryOp::add) return define(Op::add, {x, y});
  const ValueRange range = word_range(range_of_type(type));
  const VReg out = code_.make(false);
  multiply(Group::multiply, out, x, y, range, range);
  return out;
}

CodeOperand Lowering::select(const Expr& e, std::optional<VReg> into) {
  // An arm may read what the condition or the other arm's register holds, so that the result goes
  // to `into` only at the end of an arm.
  const VReg out = into ? *into : make(e.type);
  const int other = make_label(), end = make_label();
  branch(e.a, false, other);
  value(e.b, false, out);
  jump(end);
  bind(other);
  value(e.c, false, out);
  bind(end);
  return out;
}

CodeOperand Lowering::cast(const Expr& e, bool loose, std::optional<VReg> into) {
  const Type from = expr(e.a).type;
  if (from == Type::f32) {
    if (e.type == Type::i64) return routine(Routine::i64_of_f32, true, value(e.a), 0, into);
    if (e.type == Type::i32) return routine(Routine::i32_of_f32, false, value(e.a), 0, into);
    give_up("conversion of f32 to integers of 8 and 16 bits is not compiled");
    return fixed(kCodeZero);
  }
  if (e.type == Type::f32) {
    if (from == Type::i64) return routine(Routine::f32_of_i64, false, value(e.a), 0, into);
    return routine(Routine::f32_of_i32, false, value(e.a), 0, into);
  }
  if (e.type == Type::i64) {
    const Operand x = value(e.a);
    const VReg wide = into ? *into : code_.make(true);
    emit(Op::or_, {wide, x, 0}, true).extend = Extend::sign;
    return wide;
  }
  const bool narrows = kit::bytes_of(e.type) < kit::bytes_of(from);
  Operand x = value(e.a, narrows && from != Type::i64);
  if (from == Type::i64) x = low_of(x);
  if (narrows && !loose && e.type != Type::i32) return narrowed(e.type, x, into);
  if (!into) return x;
  move_to(Type::i32, *into, x);
  return *into;
}

}  // namespace pimjit::upmem
