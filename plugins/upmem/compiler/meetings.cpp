// Where tasklets meet: barriers, and the combination of what each has.
#include <algorithm>

#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::Type;

namespace {

// The lowest atomic bits that programs may use.
constexpr int kBarrierBit = 200, kHandshakeBit = 201;
// What a handshake's word holds besides the address of a slice.
constexpr int kNobody = 0, kWaiting = 1;

BinaryOp operation_of(kit::CombineOp op) {
  switch (op) {
    case kit::CombineOp::sum:
      return BinaryOp::add;
    case kit::CombineOp::prod:
      return BinaryOp::mul;
    case kit::CombineOp::min:
      return BinaryOp::min;
    case kit::CombineOp::max:
      break;
  }
  return BinaryOp::max;
}

// Elements that a round of the loop over slices takes.
std::int64_t elements_at_once(const kit::Stmt& s, Type type) {
  if (s.op == kit::CombineOp::prod || type == Type::f32) return 1;
  for (const std::int64_t count : {8, 4, 2})
    if (s.elements % count == 0) return count;
  return 1;
}

}  // namespace

// Tasklets come one by one under a lock; the last one wakes all others, which sleep.
void Lowering::barrier() {
  if (layout_.tasklets == 1) return;
  const Operand zero = fixed(kCodeZero);
  const int again = make_label(), last = make_label(), done = make_label();
  const int left = make_label(), freed = make_label(), slept = make_label();
  bind(again);
  emit(Op::acquire, {zero, kBarrierBit, Condition::nz, label_of(again)}, false);
  const VReg t = define(Op::lw, {zero, layout_.barrier});
  emit(Op::add, {t, t, -1, Condition::z, label_of(last)}, true);
  emit(Op::sw, {zero, layout_.barrier, t}, false);
  emit(Op::release, {zero, kBarrierBit, Condition::nz, label_of(left)}, false);
  bind(left);
  emit(Op::stop, {Condition::never, label_of(slept)}, false);
  bind(slept);
  jump(done);
  bind(last);
  emit(Op::or_, {t, zero, layout_.tasklets}, true);
  emit(Op::sw, {zero, layout_.barrier, t}, false);
  emit(Op::release, {zero, kBarrierBit, Condition::nz, label_of(freed)}, false);
  bind(freed);
  const int wake = make_label(), next = make_label(), retry = make_label();
  emit(Op::add, {t, t, -1}, true);
  bind(wake);
  emit(Op::sub, {zero, fixed(kCodeId), t, Condition::z, label_of(next)}, false);
  bind(retry);
  emit(Op::resume, {t, 0, Condition::nz, label_of(retry)}, false);
  bind(next);
  emit(Op::add, {t, t, -1, Condition::pl, label_of(wake)}, true);
  bind(done);
}

// A tree: in round n, members at multiples of 2^(n+1) take in the one 2^n further on. A member that
// has been taken in leaves the tree, with a handshake that hands over the address of its slice.
void Lowering::combine_statement(const kit::Stmt& s) {
  const kit::Buffer& slices = buffer(s.dst);
  if (s.elements > slices.elements)
    return give_up("a combine of " + std::to_string(s.elements) + " elements in buffer '" +
                   slices.name + "', which has " + std::to_string(slices.elements));
  if (s.group > layout_.tasklets || s.stride > layout_.tasklets ||
      layout_.tasklets % (s.stride * s.group) != 0)
    return give_up("a combine of groups of " + std::to_string(s.group) + " tasklets, " +
                   std::to_string(s.stride) + " apart, of " + std::to_string(layout_.tasklets));
  barrier();
  if (s.group == 1 || s.elements == 0) return;
  const VReg own = code_.make(false);
  emit(Op::or_, {own, materialise(address_of(s.dst, index_of(s.a))), 0}, true);
  // (id / stride) % group.
  Affine digit = small_quotient(atom_affine(instance_atom_), s.stride);
  if (s.stride * s.group < layout_.tasklets)
    digit = *combine(digit, small_quotient(digit, s.group), -s.group);
  const Operand member = materialise(digit);
  const int leave = make_label();
  for (std::int64_t step = 1; step < s.group; step *= 2) {
    const int takes = make_label(), next = make_label();
    // Only members at multiples of `step` get here.
    compare_words(define(Op::and_, {member, step}), 0, Condition::z, takes);
    notify(own, step * s.stride);
    jump(leave);
    bind(takes);
    compare_words(member, s.group - step, Condition::ges, next);
    combine_slices(s, own, wait_for(step * s.stride));
    bind(next);
  }
  bind(leave);
  barrier();
}

// Of a number below 24 by a number up to 24: 1/4096 is exact enough.
Affine Lowering::small_quotient(const Affine& x, std::int64_t divisor) {
  if (divisor == 1) return x;
  const Affine product = *combine(constant_affine(0), x, (4096 + divisor - 1) / divisor);
  return value_atom(define(Op::lsr, {materialise(product), 12}), {0, (kThreads - 1) / divisor});
}

void Lowering::set_handshake(std::int64_t address, int value) {
  const Operand id4 = fixed(kCodeId + 2);
  if (address <= 2047)
    emit(Op::sw, {id4, address, value}, false);
  else
    emit(Op::sw, {id4, address, define(Op::or_, {fixed(kCodeZero), value})}, false);
}

// Hands the slice over to the tasklet so many before this one, and wakes it if it waits already.
void Lowering::notify(VReg slice, std::int64_t distance) {
  const Operand zero = fixed(kCodeZero), id4 = fixed(kCodeId + 2);
  const int again = make_label(), freed = make_label(), done = make_label(), retry = make_label();
  bind(again);
  emit(Op::acquire, {zero, kHandshakeBit, Condition::nz, label_of(again)}, false);
  const VReg found = define(Op::lw, {id4, layout_.handshakes});
  emit(Op::sw, {id4, layout_.handshakes, slice}, false);
  emit(Op::release, {zero, kHandshakeBit, Condition::nz, label_of(freed)}, false);
  bind(freed);
  compare_words(found, kWaiting, Condition::nz, done);
  const VReg waiter = define(Op::add, {fixed(kCodeId), -distance});
  bind(retry);
  emit(Op::resume, {waiter, 0, Condition::nz, label_of(retry)}, false);
  bind(done);
}

// The slice of the tasklet so many after this one, once it has been handed over.
VReg Lowering::wait_for(std::int64_t distance) {
  const Operand zero = fixed(kCodeZero), id4 = fixed(kCodeId + 2);
  const std::int64_t address = layout_.handshakes + 4 * distance;
  const int again = make_label(), there = make_label(), freed = make_label(), left = make_label();
  const int slept = make_label(), ready = make_label();
  bind(again);
  emit(Op::acquire, {zero, kHandshakeBit, Condition::nz, label_of(again)}, false);
  const VReg slice = define(Op::lw, {id4, address});
  compare_words(slice, kNobody, Condition::nz, there);
  set_handshake(address, kWaiting);
  emit(Op::release, {zero, kHandshakeBit, Condition::nz, label_of(left)}, false);
  bind(left);
  emit(Op::stop, {Condition::never, label_of(slept)}, false);
  bind(slept);
  emit(Op::lw, {slice, id4, address}, true);
  jump(ready);
  bind(there);
  emit(Op::release, {zero, kHandshakeBit, Condition::nz, label_of(freed)}, false);
  bind(freed);
  bind(ready);
  set_handshake(address, kNobody);
  return slice;
}

void Lowering::combine_slices(const kit::Stmt& s, VReg own, VReg other) {
  const Type type = buffer(s.dst).type;
  const std::int64_t at_once = elements_at_once(s, type), bytes = kit::bytes_of(type);
  const VReg to = code_.make(false), left = code_.make(false);
  emit(Op::or_, {to, own, 0}, true);
  emit(Op::or_, {left, fixed(kCodeZero), s.elements / at_once}, true);
  const int top = make_label();
  bind(top);
  for (std::int64_t offset = 0; offset < at_once * bytes; offset += bytes) {
    const VReg x = make(type), y = make(type);
    emit(load_of(type), {x, to, offset}, true);
    emit(load_of(type), {y, other, offset}, true);
    const Operand sum = combined(operation_of(s.op), type, x, y);
    emit(store_of(type), {to, offset, sum}, false);
  }
  emit(Op::add, {to, to, at_once * bytes}, true);
  emit(Op::add, {other, other, at_once * bytes}, true);
  emit(Op::add, {left, left, -1, Condition::nz, label_of(top)}, true).reads_first = true;
}

}  // namespace pimjit::upmem
