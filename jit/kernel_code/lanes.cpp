#include "pimjit/jit/kernel_code/lanes.h"

#include <algorithm>
#include <utility>

namespace pimjit {

using kit::BinaryOp;
using kit::ExprKind;
using kit::StmtKind;

LaneLoop::LaneLoop(const kit::Kernel& kernel, const kit::Stmt& loop)
    : kernel_(kernel), var_(loop.var) {
  const kit::Expr& extent = kernel.exprs[static_cast<size_t>(loop.b)];
  if (extent.kind == ExprKind::IntImm) extent_ = extent.value;
  if (!collect(loop.body)) return;
  varies_.reserve(kernel.exprs.size());
  for (const kit::Expr& e : kernel.exprs) {
    const auto operand = [this](int o) {
      return o != kit::kNone && varies_[static_cast<size_t>(o)];
    };
    varies_.push_back((e.kind == ExprKind::Var && e.index == var_) || operand(e.a) ||
                      operand(e.b) || operand(e.c));
  }
  const bool values = std::all_of(stores_.begin(), stores_.end(),
                                  [this](int number) { return check_store(number); });
  possible_ = values && check_dependences();
}

bool LaneLoop::collect(int number) {
  const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(number)];
  if (s.kind == StmtKind::Store) {
    stores_.push_back(number);
    return true;
  }
  if (s.kind != StmtKind::Seq || s.count == 0) return false;
  for (int i = 0; i < s.count; ++i) {
    if (!collect(kernel_.children[static_cast<size_t>(s.first) + static_cast<size_t>(i)]))
      return false;
  }
  return true;
}

bool LaneLoop::check_store(int number) {
  const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(number)];
  if (const auto added = sum(number)) return varies(added->value) && check_value(added->value);
  return stride(s.a) == 1 && check_value(s.b);
}

std::optional<LaneSum> LaneLoop::sum(int number) const {
  const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(number)];
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(s.b)];
  if (varies(s.a) || e.kind != ExprKind::Binary || e.type == kit::Type::f32) return std::nullopt;
  const bool commutes = e.op == BinaryOp::add || e.op == BinaryOp::mul || e.op == BinaryOp::min ||
                        e.op == BinaryOp::max;
  if (!commutes) return std::nullopt;
  for (const auto& [own, value] : {std::pair(e.a, e.b), std::pair(e.b, e.a)}) {
    const kit::Expr& load = kernel_.exprs[static_cast<size_t>(own)];
    if (load.kind == ExprKind::Load && load.index == s.dst && same(load.a, s.a) &&
        !reads(value, s.dst) && !reads(s.a, s.dst))
      return LaneSum{e.op, value};
  }
  return std::nullopt;
}

bool LaneLoop::reads(int number, int buffer) const {
  if (number == kit::kNone) return false;
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(number)];
  return (e.kind == ExprKind::Load && e.index == buffer) || reads(e.a, buffer) ||
         reads(e.b, buffer) || reads(e.c, buffer);
}

bool LaneLoop::loads(int number) const {
  if (number == kit::kNone) return false;
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(number)];
  return e.kind == ExprKind::Load || loads(e.a) || loads(e.b) || loads(e.c);
}

// Whether all lanes may compute the value, loads under a condition left out.
bool LaneLoop::check_value(int number) {
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(number)];
  if (e.type != kit::Type::b1) widest_ = std::max(widest_, kit::bytes_of(e.type));
  if (!varies(number)) return true;
  switch (e.kind) {
    case ExprKind::Load:
      return stride(e.a) == 1;
    case ExprKind::Select:
      if (loads(e.b) || loads(e.c)) return false;
      break;
    case ExprKind::Binary:
      if ((e.op == BinaryOp::logical_and || e.op == BinaryOp::logical_or) && loads(e.b))
        return false;
      break;
    default:
      break;
  }
  return (e.a == kit::kNone || check_value(e.a)) && (e.b == kit::kNone || check_value(e.b)) &&
         (e.c == kit::kNone || check_value(e.c));
}

// How far an index moves per iteration. Since every index is inside its buffer, one that moves by 1
// modulo 2^n moves by 1.
std::optional<int64_t> LaneLoop::stride(int number) const {
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(number)];
  if (!varies(number)) return 0;
  if (e.kind == ExprKind::Var) return 1;
  if (e.kind != ExprKind::Binary) return std::nullopt;
  const auto a = stride(e.a), b = stride(e.b);
  if (!a || !b) return std::nullopt;
  if (e.op == BinaryOp::add || e.op == BinaryOp::sub) {
    int64_t sum = 0;
    const bool wraps = e.op == BinaryOp::add ? __builtin_add_overflow(*a, *b, &sum)
                                             : __builtin_sub_overflow(*a, *b, &sum);
    return wraps ? std::nullopt : std::optional<int64_t>(sum);
  }
  if (e.op != BinaryOp::mul) return std::nullopt;
  const kit::Expr& left = kernel_.exprs[static_cast<size_t>(e.a)];
  const kit::Expr& right = kernel_.exprs[static_cast<size_t>(e.b)];
  int64_t product = 0;
  if (right.kind == ExprKind::IntImm && !__builtin_mul_overflow(*a, right.value, &product))
    return product;
  if (left.kind == ExprKind::IntImm && !__builtin_mul_overflow(*b, left.value, &product))
    return product;
  return std::nullopt;
}

bool LaneLoop::same(int x, int y) const {
  if (x == y) return true;
  if (x == kit::kNone || y == kit::kNone) return false;
  const kit::Expr& a = kernel_.exprs[static_cast<size_t>(x)];
  const kit::Expr& b = kernel_.exprs[static_cast<size_t>(y)];
  const bool binary = a.kind == ExprKind::Binary;
  return a.kind == b.kind && a.kind != ExprKind::FloatImm && a.type == b.type &&
         (!binary || a.op == b.op) && a.index == b.index && a.value == b.value && same(a.a, b.a) &&
         same(a.b, b.b) && same(a.c, b.c);
}

// Whether two indices differ by a constant of at least the number of iterations.
bool LaneLoop::beyond(int load, int store) const {
  const auto parts = [this](int number) {
    const kit::Expr& e = kernel_.exprs[static_cast<size_t>(number)];
    if (e.kind == ExprKind::Binary && e.op == BinaryOp::add) {
      const kit::Expr& right = kernel_.exprs[static_cast<size_t>(e.b)];
      if (right.kind == ExprKind::IntImm) return std::pair(e.a, right.value);
    }
    return std::pair(number, int64_t{0});
  };
  const auto [at, offset] = parts(load);
  const auto [own, own_offset] = parts(store);
  int64_t distance = 0;
  return extent_ && same(at, own) && !__builtin_sub_overflow(offset, own_offset, &distance) &&
         (distance >= *extent_ || distance <= -*extent_);
}

// Of the buffers that the loop writes, what no other iteration writes.
bool LaneLoop::reads_no_others(int number) const {
  if (number == kit::kNone) return true;
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(number)];
  if (e.kind == ExprKind::Load) {
    for (const int store : stores_) {
      const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(store)];
      if (s.dst == e.index && !same(s.a, e.a) && !beyond(e.a, s.a)) return false;
    }
  }
  return reads_no_others(e.a) && reads_no_others(e.b) && reads_no_others(e.c);
}

bool LaneLoop::check_dependences() const {
  for (const int store : stores_) {
    const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(store)];
    const bool summed = sum(store).has_value();
    for (const int other : stores_) {
      const kit::Stmt& o = kernel_.stmts[static_cast<size_t>(other)];
      if (o.dst == s.dst && !same(o.a, s.a)) return false;
      if (summed && other != store && (o.dst == s.dst || reads(o.a, s.dst) || reads(o.b, s.dst)))
        return false;
    }
    if (!reads_no_others(s.a) || !reads_no_others(s.b)) return false;
  }
  return true;
}

}  // namespace pimjit
