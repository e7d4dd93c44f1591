// f32 comparisons. Numbers of one sign are ordered as their bits, so that integer comparisons
// serve.
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {
namespace {

// An infinity, its sign shifted out: NaNs are above.
constexpr std::uint32_t kInfinityShifted = 0xff000000;

// Shifts the signs out into t[2], t[3] and branches when an operand is a NaN.
void emit_test_nan(Arithmetic& math, R x, R y, Label nan) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  b.emit(Op::or_, {t[4], kZero, kInfinityShifted});
  b.emit(Op::lsl, {t[2], x, 1});
  b.emit(Op::lsl, {t[3], y, 1});
  b.emit(Op::sub, {kZero, t[2], t[4], Condition::gtu, nan});
  b.emit(Op::sub, {kZero, t[3], t[4], Condition::gtu, nan});
}

void emit_equal(Arithmetic& math, R out, R x, R y) {
  Builder& b = math.b;
  const R t = math.w.t[2], limit = math.w.t[3];
  const Label differ = b.label(), done = b.label();
  b.emit(Op::sub, {kZero, x, y, Condition::nz, differ});
  b.emit(Op::lsl, {t, x, 1});
  b.emit(Op::or_, {limit, kZero, kInfinityShifted});
  b.emit(Op::sub, {out, t, limit, Condition::leu});
  emit_jump(b, done);
  b.bind(differ);
  // Different bits are equal only as zeros of both signs.
  b.emit(Op::or_, {t, x, y});
  b.emit(Op::lsl, {out, t, 1, Condition::z});
  b.bind(done);
}

}  // namespace

void emit_compare_f32(Arithmetic& math, Relation relation, R out, R x, R y) {
  if (relation == Relation::equal) return emit_equal(math, out, x, y);
  Builder& b = math.b;
  const auto& t = math.w.t;
  const Label done = b.label(), negative = b.label(), zeros = b.label(), nan = b.label();
  const bool or_equal = relation == Relation::less_equal;
  const Condition holds = or_equal ? Condition::les : Condition::lts;
  emit_test_nan(math, x, y, nan);
  b.emit(Op::and_, {kZero, x, y, Condition::mi, negative});
  b.emit(Op::or_, {kZero, t[2], t[3], Condition::z, zeros});
  b.emit(Op::sub, {out, x, y, holds});
  emit_jump(b, done);
  b.bind(negative);
  b.emit(Op::sub, {out, y, x, holds});
  emit_jump(b, done);
  b.bind(zeros);
  if (or_equal) {
    b.emit(Op::or_, {out, kZero, 1, Condition::always, done});
    b.bind(nan);
  } else {
    b.bind(nan);
  }
  b.emit(Op::or_, {out, kZero, 0});
  b.bind(done);
}

void emit_extreme_f32(Arithmetic& math, bool maximum, R out, R x, R y) {
  Builder& b = math.b;
  const Label done = b.label(), negative = b.label(), nan = b.label();
  const Label take_x = b.label(), take_y = b.label();
  emit_test_nan(math, x, y, nan);
  b.emit(Op::and_, {kZero, x, y, Condition::mi, negative});
  b.emit(Op::sub, {kZero, x, y, Condition::gts, maximum ? take_x : take_y});
  b.emit(Op::or_, {out, maximum ? y : x, 0, Condition::always, done});
  b.bind(negative);
  b.emit(Op::sub, {kZero, x, y, Condition::gts, maximum ? take_y : take_x});
  b.emit(Op::or_, {out, maximum ? x : y, 0, Condition::always, done});
  b.bind(take_x);
  b.emit(Op::or_, {out, x, 0, Condition::always, done});
  b.bind(take_y);
  b.emit(Op::or_, {out, y, 0, Condition::always, done});
  b.bind(nan);
  b.emit(Op::or_, {out, kZero, 0x7fc00000});
  b.bind(done);
}

}  // namespace pimjit::upmem
