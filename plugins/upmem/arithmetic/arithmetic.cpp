#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

#include <utility>

#include "pimjit/plugins/upmem/arithmetic/multiply.h"
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {

const char* to_string(Routine routine) {
  constexpr const char* kNames[] = {
      "mul_i32",        "mul_i64",      "div_i32",       "rem_i32",         "div_i64",
      "rem_i64",        "add_f32",      "sub_f32",       "mul_f32",         "div_f32",
      "min_f32",        "max_f32",      "lt_f32",        "le_f32",          "eq_f32",
      "f32_of_i32",     "f32_of_i64",   "i32_of_f32",    "i64_of_f32",      "add_f32_rare",
      "mul_f32_rare",   "div_f32_rare", "mul_i32_steps", "mul_i64_general", "add_f32_general",
      "mul_f32_general"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Routine::count));
  return kNames[static_cast<std::size_t>(routine)];
}

void emit_move(Builder& b, R to, R from) {
  if (to != from) b.emit(Op::or_, {to, from, 0});
}

void emit_jump(Builder& b, Label to) {
  b.emit(Op::or_, {kZero, kZero, 0, Condition::always, to});
}

void emit_return(Arithmetic& math) {
  math.b.emit(Op::call, {kZero, math.w.link, 0});
}

Label emit_rare_case(Arithmetic& math, Routine rare, R out, R x, R y, Label done) {
  const auto& t = math.w.t;
  const Label target = math.routine(rare);
  if (x == t[0] && y == t[1] && out == t[0]) return target;
  Builder& b = math.b;
  return math.later([&b, &math, target, out, x, y, done] {
    emit_move(b, math.w.t[0], x);
    emit_move(b, math.w.t[1], y);
    b.emit(Op::call, {math.w.link, kZero, BuilderOperand(target)});
    b.emit(Op::or_, {out, math.w.t[0], 0, Condition::always, done});
  });
}

namespace {

void emit_body(Arithmetic& math, Routine routine, R out, R x, R y) {
  const D wide_out{out.code}, wide_x{x.code}, wide_y{y.code};
  const auto& t = math.w.t;
  switch (routine) {
    case Routine::mul_i32:
      return emit_dynamic_multiply(math, out, x, y, {t[2], t[3], t[4], t[5]});
    case Routine::add_f32:
      return emit_add_f32(math, out, x, y);
    case Routine::sub_f32:
      return emit_subtract_f32(math, out, x, y);
    case Routine::mul_f32:
      return emit_multiply_f32(math, out, x, y);
    case Routine::div_f32:
      return emit_divide_f32(math, out, x, y);
    case Routine::min_f32:
      return emit_extreme_f32(math, false, out, x, y);
    case Routine::max_f32:
      return emit_extreme_f32(math, true, out, x, y);
    case Routine::lt_f32:
      return emit_compare_f32(math, Relation::less, out, x, y);
    case Routine::le_f32:
      return emit_compare_f32(math, Relation::less_equal, out, x, y);
    case Routine::eq_f32:
      return emit_compare_f32(math, Relation::equal, out, x, y);
    case Routine::f32_of_i32:
      return emit_f32_of_i32(math, out, x);
    case Routine::f32_of_i64:
      return emit_f32_of_i64(math, out, wide_x);
    case Routine::i32_of_f32:
      return emit_i32_of_f32(math, out, x);
    case Routine::i64_of_f32:
      return emit_i64_of_f32(math, wide_out, x);
    case Routine::mul_i64:
      return emit_multiply_i64(math, wide_out, wide_x, wide_y);
    default:
      return math.call(routine);
  }
}

void emit_routine(Arithmetic& math, Routine routine) {
  const auto& t = math.w.t;
  switch (routine) {
    case Routine::add_f32_rare:
      return emit_add_f32_rare(math);
    case Routine::mul_f32_rare:
      return emit_multiply_f32_rare(math);
    case Routine::div_f32_rare:
      return emit_divide_f32_rare(math);
    case Routine::mul_i64_general:
      return emit_multiply_i64_general(math);
    case Routine::add_f32_general:
      return emit_add_f32_general(math);
    case Routine::mul_f32_general:
      return emit_multiply_f32_general(math);
    case Routine::div_i32:
    case Routine::rem_i32:
      emit_divide_i32(math, routine == Routine::rem_i32);
      break;
    case Routine::div_i64:
    case Routine::rem_i64:
      emit_divide_i64(math, routine == Routine::rem_i64);
      break;
    case Routine::mul_i32_steps:
      emit_multiply_steps(math);
      break;
    case Routine::mul_i64:
      emit_multiply_i64(math, math.w.pair(0), math.w.pair(0), math.w.pair(2));
      break;
    case Routine::f32_of_i64:
      emit_f32_of_i64(math, t[0], math.w.pair(0));
      break;
    case Routine::i64_of_f32:
      emit_i64_of_f32(math, math.w.pair(0), t[0]);
      break;
    default:
      emit_body(math, routine, t[0], t[0], t[1]);
  }
  emit_return(math);
}

// Too long to stand inline.
bool only_called(Routine routine) {
  return (routine >= Routine::div_i32 && routine <= Routine::rem_i64) ||
         routine >= Routine::add_f32_rare;
}

bool takes_wide(Routine routine) {
  return routine == Routine::mul_i64 || routine == Routine::mul_i64_general ||
         routine == Routine::div_i64 || routine == Routine::rem_i64 ||
         routine == Routine::f32_of_i64;
}

bool gives_wide(Routine routine) {
  return routine == Routine::mul_i64 || routine == Routine::mul_i64_general ||
         routine == Routine::div_i64 || routine == Routine::rem_i64 ||
         routine == Routine::i64_of_f32;
}

bool takes_two(Routine routine) {
  return routine < Routine::f32_of_i32 || routine > Routine::i64_of_f32;
}

}  // namespace

void Arithmetic::inlined(Routine routine, R out, R x, R y) {
  if (only_called(routine)) return called(routine, out, x, y);
  emit_body(*this, routine, out, x, y);
}

void Arithmetic::called(Routine routine, R out, R x, R y) {
  if (takes_wide(routine)) {
    b.emit(Op::movd, {w.pair(0), D{x.code}});
    if (takes_two(routine)) b.emit(Op::movd, {w.pair(2), D{y.code}});
  } else {
    emit_move(b, w.t[0], x);
    if (takes_two(routine)) emit_move(b, w.t[1], y);
  }
  call(routine);
  if (gives_wide(routine))
    b.emit(Op::movd, {D{out.code}, w.pair(0)});
  else
    emit_move(b, out, w.t[0]);
}

void Arithmetic::call(Routine which) {
  b.emit(Op::call, {w.link, kZero, BuilderOperand(routine(which))});
}

Label Arithmetic::routine(Routine which) {
  Label& label = routines_[static_cast<std::size_t>(which)];
  if (label.id < 0) {
    const int asking = std::exchange(owner, kNobody);
    label = later([this, which] { emit_routine(*this, which); });
    owner = asking;
    b.name_code(to_string(which), label);
  }
  return label;
}

Label Arithmetic::later(std::function<void()> emit) {
  blocks_.push_back({b.label(), owner, std::move(emit)});
  return blocks_.back().label;
}

void Arithmetic::finish(const std::function<void(int owner)>& begins) {
  // Blocks may ask for further blocks, which are then their owner's.
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    owner = blocks_[i].owner;
    if (begins) begins(owner);
    b.bind(blocks_[i].label);
    const std::function<void()> emit = std::move(blocks_[i].emit);
    emit();
  }
  blocks_.clear();
}

}  // namespace pimjit::upmem
