// Affine sums of a kernel's expressions, and how they get into registers.
#include <bit>

#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::ExprKind;
using kit::Type;

namespace {

constexpr std::int64_t kLargestOffset = 1 << 23;  // of loads and stores: 24 bits with a sign

// What a register holds of a number: sums and differences of constants may leave 32 bits where the
// index is outside its buffer.
std::int32_t word_of(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

}  // namespace

std::optional<Affine> Lowering::exact_sum_of(int e) {
  auto sum = sum_of(e);
  if (sum && !atoms_.range_of(*sum).in_word()) sum.reset();
  return sum;
}

// The sum equals the expression modulo 2^32; where its range fits a word, exactly.
std::optional<Affine> Lowering::sum_of(int index) {
  const kit::Expr& e = expr(index);
  if (!kit::is_index(e.type) && e.kind != ExprKind::Var) return std::nullopt;
  switch (e.kind) {
    case ExprKind::IntImm:
      if (e.value < -kUnknownBound || e.value > kUnknownBound) return std::nullopt;
      return constant_affine(e.value);
    case ExprKind::Var:
      return bindings_[static_cast<std::size_t>(e.index)].sum;
    case ExprKind::LevelIndex:
      return atom_affine(e.index == 0 ? unit_atom_ : instance_atom_);
    case ExprKind::Param:
      return atom_affine(param_atoms_[static_cast<std::size_t>(e.index)]);
    case ExprKind::Cast:
      if (!kit::is_index(expr(e.a).type) && expr(e.a).kind != ExprKind::Var) return std::nullopt;
      return e.type == Type::i64 ? exact_sum_of(e.a) : sum_of(e.a);
    case ExprKind::Binary:
      break;
    default:
      return std::nullopt;
  }
  const bool known = e.op == BinaryOp::add || e.op == BinaryOp::sub || e.op == BinaryOp::mul ||
                     e.op == BinaryOp::div || e.op == BinaryOp::mod;
  if (!known) return std::nullopt;
  const bool dividing = e.op == BinaryOp::div || e.op == BinaryOp::mod;
  const auto a = dividing ? exact_sum_of(e.a) : sum_of(e.a);
  const auto b = a ? sum_of(e.b) : std::nullopt;
  if (!b) return std::nullopt;
  if (e.op == BinaryOp::add) return combine(*a, *b, 1);
  if (e.op == BinaryOp::sub) return combine(*a, *b, -1);
  if (e.op == BinaryOp::mul) {
    if (b->is_constant()) return combine(constant_affine(0), *a, b->constant);
    if (a->is_constant()) return combine(constant_affine(0), *b, a->constant);
    return std::nullopt;
  }
  const bool power = b->is_constant() && b->constant > 0 && b->constant <= (1 << 20) &&
                     std::has_single_bit(static_cast<std::uint64_t>(b->constant));
  if (!power) return std::nullopt;
  const bool quotient = e.op == BinaryOp::div;
  if (a->is_constant())
    return constant_affine(quotient ? a->constant / b->constant : a->constant % b->constant);
  if (b->constant == 1) return quotient ? *a : constant_affine(0);
  const Range range = atoms_.range_of(*a);
  if (range.low >= 0 && range.high < b->constant) return quotient ? constant_affine(0) : *a;
  return atom_affine(
      atoms_.divided(quotient ? Atom::Kind::quotient : Atom::Kind::remainder, *a, b->constant));
}

Affine Lowering::index_of(int index) {
  if (const auto sum = sum_of(index)) return *sum;
  const kit::Expr& e = expr(index);
  if (e.kind == ExprKind::Binary && (e.op == BinaryOp::add || e.op == BinaryOp::sub)) {
    const Affine a = index_of(e.a), b = index_of(e.b);
    if (const auto sum = combine(a, b, e.op == BinaryOp::add ? 1 : -1)) return *sum;
  }
  Operand x = value(index);
  if (e.type == Type::i64) x = low_of(x);
  return held(x, range_of(index));
}

Affine Lowering::held(Operand word, Range range) {
  const VReg own = code_.make(false);
  emit(Op::or_, {own, word, 0}, true);
  return value_atom(own, range);
}

Affine Lowering::value_atom(VReg reg, Range range) {
  Atom atom;
  atom.depth = depth();
  atom.range = range;
  atom.reg = reg;
  return atom_affine(atoms_.add(atom));
}

// 32-bit numbers wrap where their sum goes beyond a word; 64-bit ones must not get there.
Affine Lowering::exact_index_of(int index) {
  const Affine sum = index_of(index);
  if (atoms_.range_of(sum).in_word()) return sum;
  if (expr(index).type == Type::i64) {
    if (sum.is_constant())
      give_up("a bound of a loop is " + std::to_string(sum.constant) +
              ", beyond the 32 bits of a DPU's words");
    return sum;
  }
  if (sum.is_constant()) return constant_affine(word_of(sum.constant));
  return held(materialise(sum), {INT32_MIN, INT32_MAX});
}

Affine Lowering::address_of(int b, const Affine& index) {
  const auto at = static_cast<std::size_t>(b);
  Affine base = constant_affine(layout_.address[at]);
  const bool mram = layout_.in_mram[static_cast<std::size_t>(buffer(b).scope)];
  if (mram) base = atom_affine(param_atoms_[static_cast<std::size_t>(buffer(b).param)]);
  if (layout_.stride[at] > 0)
    base = *combine(base, atom_affine(instance_atom_), layout_.stride[at]);
  if (const auto sum = combine(base, index, kit::bytes_of(buffer(b).type))) return *sum;
  Atom atom;
  atom.depth = depth();
  atom.range = {-kUnknownBound, kUnknownBound};
  const Operand x = materialise(index);
  atom.reg =
      define(Op::lsl, {x, std::countr_zero(static_cast<unsigned>(kit::bytes_of(buffer(b).type)))});
  return *combine(base, atom_affine(atoms_.add(atom)), 1);
}

Lowering::Base Lowering::base_of(const Affine& address) {
  const auto near = [&](std::int64_t constant) {
    const std::int64_t offset = address.constant - constant;
    return offset >= -kLargestOffset && offset < kLargestOffset;
  };
  Affine key = address;
  key.constant = 0;
  if (!near(0)) return {materialise(address), 0};
  if (free_source(key) != Operand()) return {free_source(key), address.constant};
  if (steps(key)) {
    const Held held = pointer(key, false);
    if (near(held.constant)) return {held.reg, address.constant - held.constant};
  } else if (const auto held = known(key, depth()); held && near(held->constant)) {
    return {held->reg, address.constant - held->constant};
  }
  return {materialise(key), address.constant};
}

CodeOperand Lowering::materialise(const Affine& a) {
  return materialise_at(a, depth());
}

// The read-only source or register that holds the sum anyway; a number if there is none.
CodeOperand Lowering::free_source(const Affine& a) const {
  if (a.constant != 0 || a.terms.size() > 1) return {};
  if (a.terms.empty()) return fixed(kCodeZero);
  const Atom& atom = atoms_[a.terms[0].atom];
  const std::int64_t factor = a.terms[0].factor;
  if (atom.kind == Atom::Kind::instance)
    for (int k = 0; k < 4; ++k)
      if (factor == 1 << k) return fixed(kCodeId + k);
  if (atom.kind == Atom::Kind::value && factor == 1) return atom.reg;
  return {};
}

// Whether the loop in which the sum changes can step it.
bool Lowering::steps(const Affine& a) const {
  const int needed = atoms_.depth_of(a);
  if (needed == 0) return false;
  const Loop& loop = loops_[static_cast<std::size_t>(needed - 1)];
  if (a.factor_of(loop.induction) == 0 || atoms_.depth_of(a.without(loop.induction)) >= needed)
    return false;
  // Plain code steps variables only, frugal code does outside innermost loops.
  const bool variables_only =
      plain_ || sums_ == Sums::bare || (sums_ == Sums::frugal && !loop.innermost);
  return !variables_only || (a.terms.size() == 1 && a.terms[0].factor == 1 && a.constant == 0);
}

// Whether code at that depth computes what it needs where it needs it.
bool Lowering::in_place(int at) const {
  if (sums_ == Sums::kept) return false;
  return sums_ == Sums::bare || at == 0 || !loops_[static_cast<std::size_t>(at - 1)].innermost;
}

CodeOperand Lowering::materialise_at(const Affine& a, int at) {
  if (const Operand source = free_source(a); source != Operand()) return source;
  const int needed = atoms_.depth_of(a);
  const bool here = needed >= at || in_place(at);
  const int from = sums_ == Sums::kept ? needed : at - 1;
  if (!steps(a)) return here ? compute(a, at) : hoisted(a, from);
  const Held held = pointer(a, true);
  if (held.constant == a.constant) return held.reg;
  return here ? define(Op::add, {held.reg, word_of(a.constant - held.constant)}) : hoisted(a, from);
}

// In the preheader of loop number `needed` + 1, from which on the sum does not change.
CodeOperand Lowering::hoisted(const Affine& a, int needed) {
  const auto outer = static_cast<std::size_t>(needed);
  if (const auto found = loops_[outer].invariants.find(a); found != loops_[outer].invariants.end())
    return found->second;
  std::vector<Item>* const saved = out_;
  out_ = &loops_[outer].preheader;
  VReg result;
  if (const auto near = plain_ ? std::nullopt : known(a, needed + 1))
    result = define(Op::add, {near->reg, word_of(a.constant - near->constant)});
  else
    result = in_general(compute(a, needed)).vreg();
  out_ = saved;
  loops_[outer].invariants.emplace(a, result);
  return result;
}

// A register with the same terms that is there already, for code at that depth.
std::optional<Lowering::Held> Lowering::known(const Affine& a, int at) const {
  if (a.terms.empty() || plain_) return std::nullopt;
  const int needed = atoms_.depth_of(a);
  Affine key = a;
  key.constant = 0;
  if (steps(a)) {
    const Loop& loop = loops_[static_cast<std::size_t>(needed - 1)];
    if (const auto found = loop.pointers.find(key); found != loop.pointers.end())
      return found->second;
    return std::nullopt;
  }
  if (needed >= at) return std::nullopt;
  const auto& invariants = loops_[static_cast<std::size_t>(needed)].invariants;
  key.constant = INT64_MIN;
  const auto found = invariants.lower_bound(key);
  if (found == invariants.end() || found->first.terms != a.terms) return std::nullopt;
  return Held{found->second, found->first.constant};
}

// The register that steps the sum's terms. It holds the sum itself where it is made for it and
// `exactly` is asked for; else the constant is one that the start is known with.
Lowering::Held Lowering::pointer(const Affine& a, bool exactly) {
  const int needed = atoms_.depth_of(a);
  const auto at = static_cast<std::size_t>(needed - 1);
  Affine key = a;
  key.constant = 0;
  if (const auto found = loops_[at].pointers.find(key); found != loops_[at].pointers.end())
    return found->second;
  Held held{code_.make(false), a.constant};
  const std::int64_t factor = a.factor_of(loops_[at].induction);
  Affine start = *combine(a.without(loops_[at].induction), loops_[at].start, factor);
  if (!exactly && free_source(start) == Operand())
    if (const auto near = steps(start) ? pointer(start, false) : known(start, needed - 1)) {
      held.constant += near->constant - start.constant;
      start.constant = near->constant;
    }
  if (start.is_constant() && loops_[at].rounds && !plain_) {
    const std::int64_t way = factor * loops_[at].step * *loops_[at].rounds;
    if (!exactly) {
      held.constant -= start.constant + way;
      start.constant = -way;
    }
    if (is_compared_directly(start.constant + way))
      loops_[at].endings.push_back({held.reg, start.constant + way});
  }
  loops_[at].pointers.emplace(key, held);
  std::vector<Item>* const saved = out_;
  out_ = &loops_[at].preheader;
  const Operand first = materialise_at(start, needed - 1);
  out_ = &loops_[at].preheader;
  emit(Op::or_, {held.reg, first, 0}, true);
  out_ = &loops_[at].latch;
  emit(Op::add, {held.reg, held.reg, factor * loops_[at].step}, true);
  out_ = saved;
  return held;
}

CodeOperand Lowering::leaf(int index, int at) {
  const Atom& atom = atoms_[index];
  switch (atom.kind) {
    case Atom::Kind::instance:
      return fixed(kCodeId);
    case Atom::Kind::word:
      if (at > 0 && !in_place(at)) return materialise_at(atom_affine(index), at);
      {
        const VReg word = define(Op::lw, {fixed(kCodeZero), atom.number});
        out_->back().unchanging = true;
        return word;
      }
    case Atom::Kind::value:
      return atom.reg;
    case Atom::Kind::induction:
      return materialise_at(atom_affine(index), at);
    default:
      if (atom.depth < at && !in_place(at)) return materialise_at(atom_affine(index), at);
      return divided(atom, at);
  }
}

CodeOperand Lowering::divided(const Atom& found, int at) {
  const Atom atom = found;  // the table may grow
  const int shift = std::countr_zero(static_cast<std::uint64_t>(atom.number));
  const bool positive = atoms_.range_of(atom.operand).low >= 0;
  const Operand x = materialise_at(atom.operand, at);
  if (positive && atom.kind == Atom::Kind::quotient) return define(Op::lsr, {x, shift});
  if (positive) return define(Op::and_, {x, atom.number - 1});
  // Truncation: a negative operand first gains number - 1.
  const VReg sign = define(Op::asr, {x, 31});
  const VReg bias = define(Op::lsr, {sign, 32 - shift});
  const VReg biased = define(Op::add, {x, bias});
  if (atom.kind == Atom::Kind::quotient) return define(Op::asr, {biased, shift});
  const VReg masked = define(Op::and_, {biased, -atom.number});
  return define(Op::sub, {x, masked});
}

// sum += x * factor, by the digits -1, 0, 1 of the factor.
void Lowering::add_multiple(Operand& sum, Operand x, std::int64_t factor) {
  std::vector<std::pair<int, bool>> digits;  // shift, negative
  std::uint64_t rest =
      factor < 0 ? static_cast<std::uint64_t>(-factor) : static_cast<std::uint64_t>(factor);
  for (int shift = 0; rest != 0; ++shift, rest >>= 1) {
    if (!(rest & 1)) continue;
    const bool negative = (rest & 3) == 3;
    if (negative) rest += 1;
    digits.emplace_back(shift, negative != (factor < 0));
  }
  // A positive digit first, to begin a sum.
  for (std::size_t i = 1; i < digits.size() && digits[0].second; ++i)
    if (!digits[i].second) std::swap(digits[0], digits[i]);
  for (const auto& [shift, negative] : digits) {
    const bool empty = sum == fixed(kCodeZero);
    if (empty && !negative)
      sum = shift == 0 ? x : Operand(define(Op::lsl, {x, shift}));
    else if (shift == 0 && !negative && sum.is_fixed())
      sum = define(Op::add, {sum, in_general(x)});
    else if (shift == 0 && !negative)
      sum = define(Op::add, {x, sum});
    else if (empty && shift == 0)
      sum = define(Op::sub, {0, x});
    else
      sum = define(negative ? Op::lsl_sub : Op::lsl_add, {in_general(sum), x, shift});
  }
}

CodeOperand Lowering::compute(const Affine& a, int at) {
  Operand sum = fixed(kCodeZero);
  // The part that changes least often comes first, so that it can be shared and hoisted.
  Affine outer = constant_affine(0);
  std::vector<Affine::Term> inner;
  const int needed = atoms_.depth_of(a);
  for (const Affine::Term& term : a.terms)
    if (needed > 0 && atoms_[term.atom].depth < needed)
      outer.terms.push_back(term);
    else
      inner.push_back(term);
  if (!outer.terms.empty()) sum = materialise_at(outer, at);
  for (const int wanted : {1, -1}) {
    for (const Affine::Term& term : inner) {
      if ((term.factor > 0) != (wanted > 0)) continue;
      const bool scaled_id = atoms_[term.atom].kind == Atom::Kind::instance &&
                             (term.factor == 2 || term.factor == 4 || term.factor == 8);
      if (scaled_id)
        add_multiple(sum, fixed(kCodeId + std::countr_zero(static_cast<unsigned>(term.factor))), 1);
      else
        add_multiple(sum, leaf(term.atom, at), term.factor);
    }
  }
  const std::int32_t word = word_of(a.constant);
  if (word == 0) return sum;
  if (sum == fixed(kCodeZero)) return define(Op::or_, {sum, word});
  return define(Op::add, {sum, word});
}

}  // namespace pimjit::upmem
