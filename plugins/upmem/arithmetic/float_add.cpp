// f32 addition. Operands are ordered by magnitude; where no bit is carried beyond the significand,
// the shifted and rounded smaller significand is added to the bits of the larger operand as they
// stand.
#include "pimjit/plugins/upmem/arithmetic/routines.h"

namespace pimjit::upmem {

void emit_round(Builder& b, R q, R g, R high, R sticky, int shift, Label end) {
  b.emit(Op::lsr, {q, high, shift});
  b.emit(Op::lsl, {g, high, 32 - shift, Condition::pl, end});
  b.emit(Op::add, {q, q, 1});
  b.emit(Op::lsl, {g, g, 1, Condition::nz, end});
  b.emit(Op::sub, {kZero, sticky, 0, Condition::nz, end});
  b.emit(Op::and_, {q, q, -2});
}

namespace {

// The registers of one addition: a is the operand of larger magnitude.
struct Addition {
  Arithmetic& math;
  R out, a, b;
  R ea, eb;  // on entry the operands shifted left by one
  Label rare, done;

  Builder& code = math.b;
  R distance = math.w.t[4], mb = math.w.t[5], rb = math.w.t[6], sticky = math.w.t[7];
  R q = math.w.t[8], g = math.w.t[9], ma = math.w.t[10];
  // mb is dead once it has been shifted.
  R sum = out == a || out == b ? math.w.t[5] : out;
  Label give_a = code.label();

  void run();
  void same_sign();
  void carried(Label entry, Label right);
  void opposite_signs();
  void cancel(Label entry, Label round, Label zero);
  void significand(R m, R x) {
    code.emit(Op::lsl, {m, x, 8});
    code.emit(Op::or_, {m, kTopBit, m});
  }
};

void Addition::run() {
  const Label subtract = code.label();
  code.emit(Op::lsr, {eb, eb, 24, Condition::z, rare});
  code.emit(Op::lsr, {ea, ea, 24});
  code.emit(Op::sub, {kZero, ea, 255, Condition::z, rare});
  code.emit(Op::xor_, {kZero, a, b, Condition::mi, subtract});
  same_sign();
  code.bind(subtract);
  opposite_signs();
  code.bind(give_a);
  code.emit(Op::or_, {out, a, 0, Condition::always, done});
}

void Addition::same_sign() {
  const Label equal = code.label(), add = code.label(), check = code.label();
  const Label carry = code.label(), right = code.label();
  significand(mb, b);
  code.emit(Op::sub, {distance, ea, eb, Condition::z, equal});
  code.emit(Op::sub, {kZero, distance, 25, Condition::gtu, give_a});
  code.emit(Op::lsr, {rb, mb, distance});
  code.emit(Op::lsrx, {sticky, mb, distance});
  code.emit(Op::lsr, {q, rb, 8});
  code.emit(Op::lsl, {g, rb, 24, Condition::pl, add});
  code.emit(Op::add, {q, q, 1});
  code.emit(Op::lsl, {g, g, 1, Condition::nz, add});
  code.emit(Op::sub, {kZero, sticky, 0, Condition::nz, add});
  code.emit(Op::add, {sum, a, q});
  code.emit(Op::and_, {sum, sum, -2, Condition::always, check});
  code.bind(add);
  code.emit(Op::add, {sum, a, q});
  code.bind(check);
  // The exponent field is that of a unless the sum, or rounding it, carried.
  code.emit(Op::xor_, {g, sum, a});
  if (sum == out) {
    code.emit(Op::lsl, {g, g, 8, Condition::pl, done});
  } else {
    code.emit(Op::lsl, {g, g, 8, Condition::mi, carry});
    code.bind(right);
    code.emit(Op::or_, {out, sum, 0, Condition::always, done});
  }
  carried(carry, sum == out ? done : right);
  code.bind(equal);
  code.emit(Op::or_, {rb, mb, 0});
  code.emit(Op::or_, {sticky, kZero, 0, Condition::always, carry});
}

void Addition::carried(Label entry, Label right) {
  const Label pack = code.label();
  code.bind(entry);
  significand(ma, a);
  code.emit(Op::add, {ma, ma, rb, Condition::nc, right});
  code.emit(Op::sub, {kZero, ea, 254, Condition::z, rare});
  emit_round(code, q, g, ma, sticky, 9, pack);
  code.bind(pack);
  code.emit(Op::lsr, {g, a, 23});
  code.emit(Op::add, {g, g, 1});
  code.emit(Op::lsl_add, {out, q, g, 23, Condition::always, done});
}

void Addition::opposite_signs() {
  const Label shift = code.label(), round = code.label(), pack = code.label(), zero = code.label();
  significand(mb, b);
  significand(ma, a);
  code.emit(Op::sub, {distance, ea, eb});
  code.emit(Op::sub, {kZero, distance, 25, Condition::gtu, give_a});
  code.emit(Op::lsr, {rb, mb, distance});
  code.emit(Op::lsrx, {sticky, mb, distance});
  code.emit(Op::sub, {sticky, 0, sticky});
  code.emit(Op::subc, {ma, ma, rb, Condition::pl, shift});
  code.emit(Op::lsr, {distance, a, 23});
  code.emit(Op::sub, {distance, distance, 1});
  code.bind(round);
  emit_round(code, q, g, ma, sticky, 8, pack);
  code.bind(pack);
  code.emit(Op::lsl_add, {out, q, distance, 23, Condition::always, done});
  cancel(shift, round, zero);
  code.bind(zero);
  code.emit(Op::or_, {out, kZero, 0, Condition::always, done});
}

// Leading bits have cancelled. More than one does so only where the difference is exact.
void Addition::cancel(Label entry, Label round, Label zero) {
  const Label far = code.label();
  code.bind(entry);
  code.emit(Op::add, {sticky, sticky, sticky});
  code.emit(Op::addc, {ma, ma, ma, Condition::pl, far});
  code.emit(Op::sub, {kZero, ea, 1, Condition::z, rare});
  code.emit(Op::lsr, {distance, a, 23});
  code.emit(Op::sub, {distance, distance, 2, Condition::always, round});
  code.bind(far);
  code.emit(Op::clz, {g, ma, Condition::max, zero});
  code.emit(Op::sub, {ea, ea, g});
  code.emit(Op::sub, {kZero, ea, 2, Condition::lts, rare});
  code.emit(Op::lsl, {ma, ma, g});
  code.emit(Op::lsr, {q, ma, 8});
  code.emit(Op::lsr, {distance, a, 23});
  code.emit(Op::sub, {distance, distance, g});
  code.emit(Op::sub, {distance, distance, 2});
  code.emit(Op::lsl_add, {out, q, distance, 23, Condition::always, done});
}

}  // namespace

void emit_add_f32(Arithmetic& math, R out, R x, R y) {
  Builder& b = math.b;
  const auto& t = math.w.t;
  const Label done = b.label(), swapped = b.label();
  const Label rare = emit_rare_case(math, Routine::add_f32_rare, out, x, y, done);
  b.emit(Op::lsl, {t[2], x, 1});
  b.emit(Op::lsl, {t[3], y, 1});
  b.emit(Op::sub, {kZero, t[2], t[3], Condition::ltu, swapped});
  Addition{math, out, x, y, t[2], t[3], rare, done}.run();
  b.bind(swapped);
  Addition{math, out, y, x, t[3], t[2], rare, done}.run();
  b.bind(done);
}

void emit_subtract_f32(Arithmetic& math, R out, R x, R y) {
  const auto& t = math.w.t;
  const R negated = y == t[1] ? y : t[11];
  math.b.emit(Op::add, {negated, kTopBit, y});
  emit_add_f32(math, out, x, negated);
}

}  // namespace pimjit::upmem
