// Loops: guards and bounds taken out of the body, elements kept in registers, pointers, unrolling.
#include <algorithm>
#include <bit>
#include <numeric>

#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::Expr;
using kit::ExprKind;
using kit::LoopKind;
using kit::StmtKind;
using kit::Type;

namespace {

// A round of an unrolled loop is emitted twice where it is no longer than this: what its latch and
// counter cost is then halved for little room.
constexpr std::int64_t kShortRound = 48;
constexpr std::int64_t kMostCopies = 16;

// Instructions that the items take, about.
std::int64_t weight_of(const std::vector<CodeItem>& items) {
  std::int64_t weight = 0;
  for (const CodeItem& item : items) {
    if (item.group == Group::none) ++weight;
    if (item.group == Group::routine || item.group == Group::multiply_pair) return kShortRound + 1;
    if (item.group == Group::multiply || item.group == Group::multiply_accumulate)
      weight += item.plan.x_bytes * item.plan.y_bytes * (item.dynamic ? 3 : 2);
  }
  return weight;
}

// Whether the expression loads or reads the variable.
bool depends(const kit::Kernel& kernel, int index, int var) {
  if (index == kit::kNone) return false;
  const Expr& e = kernel.exprs[static_cast<std::size_t>(index)];
  if (e.kind == ExprKind::Load || (e.kind == ExprKind::Var && e.index == var)) return true;
  return depends(kernel, e.a, var) || depends(kernel, e.b, var) || depends(kernel, e.c, var);
}

void split(const kit::Kernel& kernel, int condition, std::vector<int>& parts) {
  const Expr& e = kernel.exprs[static_cast<std::size_t>(condition)];
  if (e.kind != ExprKind::Binary || e.op != BinaryOp::logical_and)
    return parts.push_back(condition);
  split(kernel, e.a, parts);
  split(kernel, e.b, parts);
}

}  // namespace

void Lowering::for_statement(const kit::Stmt& s) {
  const Affine start = exact_index_of(s.a), extent = exact_index_of(s.b);
  const Range first = atoms_.range_of(start), number = atoms_.range_of(extent);
  Atom atom;
  atom.kind = Atom::Kind::induction;
  atom.depth = depth() + 1;
  atom.range = {first.low, first.high + std::max<std::int64_t>(number.high, 1) - 1};
  if (kernel_.vars[static_cast<std::size_t>(s.var)].type == Type::i64 &&
      !Range{atom.range.low, atom.range.high + kIramInstructions}.in_word())
    return give_up("the range of loop variable '" +
                   kernel_.vars[static_cast<std::size_t>(s.var)].name +
                   "' is not known to fit 32 bits");
  const LoopPlan plan = plan_loop(s, atoms_.add(atom), start);
  const int end = make_label();
  for (const int guard : plan.guards) branch(guard, false, end);
  const bool known = extent.is_constant() && plan.limits.empty();
  VReg trips;
  if (!known) {
    trips = code_.make(false);
    emit(Op::or_, {trips, materialise(extent), 0}, true);
    for (const Affine& limit : plan.limits) {
      const int fine = make_label();
      const bool immediate = limit.is_constant() && is_compared_directly(limit.constant);
      const Operand most = immediate ? Operand(limit.constant) : materialise(limit);
      compare_words(trips, most, Condition::les, fine);
      if (immediate)
        emit(Op::or_, {trips, fixed(kCodeZero), most}, true);
      else
        emit(Op::or_, {trips, most, 0}, true);
      bind(fine);
    }
    compare_words(trips, 0, Condition::les, end);
  } else if (extent.constant <= 0) {
    return bind(end);
  }
  const std::size_t kept = promoted_.size();
  if (plan.kept.empty() && !plain_)
    for (Promoted& found : promotable(plan.body)) {
      const kit::Buffer& b = buffer(found.buffer);
      found.reg = make(b.type);
      read(found.buffer, found.index, found.reg);
      promoted_.push_back(found);
    }
  if (known)
    counted(s, plan, start, extent);
  else
    repeated(s, plan, start, trips, s.loop == LoopKind::unrolled && s.unroll > 1 ? s.unroll : 1);
  while (promoted_.size() > kept) {
    const Promoted found = promoted_.back();
    promoted_.pop_back();
    write(found.buffer, found.index, found.reg);
  }
  bind(end);
}

Lowering::LoopPlan Lowering::plan_loop(const kit::Stmt& s, int induction, const Affine& start) {
  LoopPlan plan;
  plan.body = s.body;
  plan.induction = induction;
  bindings_[static_cast<std::size_t>(s.var)] = {atom_affine(induction), {}};
  while (true) {
    const kit::Stmt& inner = kernel_.stmts[static_cast<std::size_t>(plan.body)];
    if (inner.kind != StmtKind::If || inner.else_body != kit::kNone) return plan;
    std::vector<int> parts;
    split(kernel_, inner.a, parts);
    for (const int part : parts) {
      if (plain_)
        plan.kept.push_back(part);
      else if (!depends(kernel_, part, s.var))
        plan.guards.push_back(part);
      else if (!clip(part, induction, start, plan))
        plan.kept.push_back(part);
    }
    plan.body = inner.body;
  }
}

// A condition that holds for the first iterations and for none after them limits their number.
bool Lowering::clip(int condition, int induction, const Affine& start, LoopPlan& plan) {
  const Expr& e = expr(condition);
  if (e.kind != ExprKind::Binary || (e.op != BinaryOp::lt && e.op != BinaryOp::le)) return false;
  const auto a = exact_sum_of(e.a), b = exact_sum_of(e.b);
  if (!a || !b) return false;
  const auto difference = combine(*a, *b, -1);
  if (!difference || !atoms_.range_of(*difference).in_word()) return false;
  const std::int64_t last = e.op == BinaryOp::lt ? -1 : 0;
  if (atoms_.range_of(*difference).high <= last) return true;
  const std::int64_t factor = difference->factor_of(induction);
  const Affine rest = difference->without(induction);
  if (factor <= 0 || factor > (1 << 20) ||
      !std::has_single_bit(static_cast<std::uint64_t>(factor)) || atoms_.depth_of(rest) > depth())
    return false;
  // Iterations k >= 0 with at_first + factor k <= last: (last - at_first) / factor + 1 of them.
  const auto at_first = combine(rest, start, factor);
  if (!at_first) return false;
  Affine numerator = *combine(constant_affine(last + factor), *at_first, -1);
  if (!atoms_.range_of(numerator).in_word()) return false;
  if (factor > 1) {
    // Truncation instead of rounding down matters below zero only, where there is no iteration.
    if (numerator.is_constant())
      numerator = constant_affine(numerator.constant / factor);
    else
      numerator = atom_affine(atoms_.divided(Atom::Kind::quotient, numerator, factor));
  }
  plan.limits.push_back(numerator);
  return true;
}

void Lowering::body_once(const kit::Stmt& s, const LoopPlan& plan, const Affine& value) {
  bindings_[static_cast<std::size_t>(s.var)] = {value, {}};
  if (plan.kept.empty()) return statement(plan.body);
  const int skip = make_label();
  for (const int condition : plan.kept) branch(condition, false, skip);
  statement(plan.body);
  bind(skip);
}

void Lowering::counted(const kit::Stmt& s, const LoopPlan& plan, const Affine& start,
                       const Affine& trips) {
  const std::int64_t number = trips.constant;
  std::int64_t copies = 1;
  if (s.loop == LoopKind::unrolled) copies = s.unroll == 0 ? number : s.unroll;
  if (copies > 4096)
    return give_up("a loop is to be unrolled " + std::to_string(copies) +
                   " times; a DPU has 4096 instructions");
  const std::int64_t rounds = number / copies;
  Affine next = start;
  if (rounds > 1) {
    counted_loop(s, plan, start, copies, Operand(rounds));
    next.constant += rounds * copies;
  }
  for (std::int64_t k = rounds > 1 ? rounds * copies : 0; k < number && !error_;
       ++k, ++next.constant)
    body_once(s, plan, next);
}

void Lowering::repeated(const kit::Stmt& s, const LoopPlan& plan, const Affine& start,
                        Operand trips, std::int64_t copies) {
  if (copies == 1 || copies > 4096 || !std::has_single_bit(static_cast<std::uint64_t>(copies)))
    return counted_loop(s, plan, start, 1, trips);
  const int shift = std::countr_zero(static_cast<std::uint64_t>(copies));
  const int rest = make_label(), end = make_label();
  const VReg rounds = define(Op::lsr, {trips, shift});
  const VReg done = define(Op::lsl, {rounds, shift});
  compare_words(rounds, 0, Condition::z, rest);
  counted_loop(s, plan, start, copies, rounds);
  bind(rest);
  const VReg left = define(Op::sub, {trips, done});
  compare_words(left, 0, Condition::z, end);
  Atom atom;
  atom.depth = depth();
  atom.range = {0, INT32_MAX};
  atom.multiple = copies;
  atom.reg = done;
  const auto next = combine(start, atom_affine(atoms_.add(atom)), 1);
  if (next)
    counted_loop(s, plan, *next, 1, left);
  else
    give_up("a loop's bounds are beyond what is compiled");
  bind(end);
}

// `trips` >= 1 rounds of `copies` bodies.
void Lowering::counted_loop(const kit::Stmt& s, const LoopPlan& plan, Affine start,
                            std::int64_t copies, Operand trips) {
  std::vector<Item> body;
  std::vector<Item>* const outside = out_;
  Atom atom;
  atom.kind = Atom::Kind::induction;
  atom.depth = depth() + 1;
  atom.range = atoms_[plan.induction].range;
  atom.multiple = std::gcd(copies, atoms_.multiple_of(start));
  Loop loop;
  loop.induction = atoms_.add(atom);
  loop.start = std::move(start);
  loop.step = copies;
  loop.innermost = !has_loop(plan.body);
  if (trips.kind == Operand::Kind::imm) loop.rounds = trips.value;
  const int induction = loop.induction;
  loops_.push_back(std::move(loop));
  out_ = &body;
  const auto round = [&](std::int64_t first) {
    for (std::int64_t k = first; k < first + copies && !error_; ++k) {
      Affine value = atom_affine(induction);
      value.constant = k;
      body_once(s, plan, value);
    }
  };
  round(0);
  if (!plain_ && copies > 1 && 2 * copies <= kMostCopies && trips.kind == Operand::Kind::imm &&
      trips.value > 2 && trips.value % 2 == 0 && weight_of(body) <= kShortRound) {
    round(copies);
    trips.value /= 2;
    for (Item& step : loops_.back().latch) step.operands[2].value *= 2;
    loops_.back().step *= 2;
  }
  out_ = outside;
  Loop finished = std::move(loops_.back());
  loops_.pop_back();
  out_->insert(out_->end(), finished.preheader.begin(), finished.preheader.end());
  const int top = make_label();
  std::optional<VReg> left;
  if (finished.endings.empty()) {
    left = code_.make(false);
    if (trips.kind == Operand::Kind::imm)
      emit(Op::or_, {*left, fixed(kCodeZero), trips}, true);
    else
      emit(Op::or_, {*left, trips, 0}, true);
  }
  bind(top);
  out_->insert(out_->end(), body.begin(), body.end());
  latch(finished, left, top);
}

bool Lowering::has_loop(int stmt) const {
  if (stmt == kit::kNone) return false;
  const kit::Stmt& s = kernel_.stmts[static_cast<std::size_t>(stmt)];
  if (s.kind == StmtKind::For) return true;
  for (int i = 0; s.kind == StmtKind::Seq && i < s.count; ++i)
    if (has_loop(kernel_.children[static_cast<std::size_t>(s.first + i)])) return true;
  return has_loop(s.body) || has_loop(s.else_body);
}

void Lowering::latch(Loop& loop, std::optional<VReg> counter, int top) {
  if (counter) {
    out_->insert(out_->end(), loop.latch.begin(), loop.latch.end());
    emit(Op::add, {*counter, *counter, -1, Condition::nz, label_of(top)}, true).reads_first = true;
    return;
  }
  // One that ends with zero branches by itself.
  const Ending* chosen = &loop.endings.front();
  for (const Ending& ending : loop.endings)
    if (ending.end == 0) chosen = &ending;
  std::optional<Item> last;
  for (const Item& step : loop.latch) {
    const bool fused = step.operands[0] == Operand(chosen->reg) && chosen->end == 0 &&
                       step.operands[2].value >= -128 && step.operands[2].value <= 127;
    if (fused)
      last = step;
    else
      out_->push_back(step);
  }
  if (!last) return compare_words(chosen->reg, chosen->end, Condition::nz, top);
  emit(Op::add, {chosen->reg, chosen->reg, last->operands[2], Condition::nz, label_of(top)}, true)
      .reads_first = true;
}

// Elements that every iteration of a body without inner loops writes at an unchanging place, and
// that nothing in it reaches otherwise.
std::vector<Lowering::Promoted> Lowering::promotable(int body) {
  std::vector<Promoted> stores;
  std::vector<int> blocked;
  std::vector<std::pair<int, int>> accesses;
  if (!collect(body, true, stores, blocked, accesses)) return {};
  std::vector<Promoted> result;
  for (const Promoted& candidate : stores) {
    bool fine = std::find(blocked.begin(), blocked.end(), candidate.buffer) == blocked.end();
    for (const Promoted& known : result) fine &= known.buffer != candidate.buffer;
    for (const Promoted& known : promoted_) fine &= known.buffer != candidate.buffer;
    for (const auto& [buffer, index] : accesses) {
      if (buffer != candidate.buffer) continue;
      const auto sum = sum_of(index);
      fine &= sum && *sum == candidate.index;
    }
    if (fine) result.push_back(candidate);
  }
  return result;
}

bool Lowering::collect(int stmt, bool always, std::vector<Promoted>& stores,
                       std::vector<int>& blocked, std::vector<std::pair<int, int>>& accesses) {
  const kit::Stmt& s = kernel_.stmts[static_cast<std::size_t>(stmt)];
  switch (s.kind) {
    case StmtKind::Seq:
      for (int i = 0; i < s.count; ++i)
        if (!collect(kernel_.children[static_cast<std::size_t>(s.first + i)], always, stores,
                     blocked, accesses))
          return false;
      return true;
    case StmtKind::Let:
      collect_loads(s.a, accesses);
      bindings_[static_cast<std::size_t>(s.var)] = {};
      return collect(s.body, always, stores, blocked, accesses);
    case StmtKind::If:
      collect_loads(s.a, accesses);
      return collect(s.body, false, stores, blocked, accesses) &&
             (s.else_body == kit::kNone || collect(s.else_body, false, stores, blocked, accesses));
    case StmtKind::Store: {
      collect_loads(s.a, accesses);
      collect_loads(s.b, accesses);
      const auto index = sum_of(s.a);
      accesses.emplace_back(s.dst, s.a);
      if (!index || atoms_.depth_of(*index) > depth())
        blocked.push_back(s.dst);
      else if (always)
        stores.push_back({s.dst, *index, {}});
      return true;
    }
    default:
      return false;
  }
}

void Lowering::collect_loads(int index, std::vector<std::pair<int, int>>& accesses) {
  if (index == kit::kNone) return;
  const Expr& e = expr(index);
  if (e.kind == ExprKind::Load) accesses.emplace_back(e.index, e.a);
  collect_loads(e.a, accesses);
  collect_loads(e.b, accesses);
  collect_loads(e.c, accesses);
}

}  // namespace pimjit::upmem
