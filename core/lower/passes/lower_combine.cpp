#include "pimjit/core/ir/mutator.h"
#include "pimjit/core/lower/nest_values.h"
#include "pimjit/core/lower/passes/passes.h"

namespace pimjit {
namespace {

// Value of a closed index expression when instance `id` of `level` runs and all other levels run
// their first instance.
int64_t value_at(const Expr& e, int level, int64_t id) {
  switch (e->kind) {
    case ExprKind::IntImm:
      return as<IntImm>(e).value;
    case ExprKind::LevelIndex:
      return as<LevelIndex>(e).level == level ? id : 0;
    case ExprKind::Binary: {
      const auto& b = as<Binary>(e);
      const int64_t x = value_at(b.a, level, id), y = value_at(b.b, level, id);
      switch (b.op) {
        case BinaryOp::add:
          return x + y;
        case BinaryOp::sub:
          return x - y;
        case BinaryOp::mul:
          return x * y;
        case BinaryOp::div:
          return y == 0 ? 0 : x / y;
        case BinaryOp::mod:
          return y == 0 ? x : x % y;
        default:
          return 0;
      }
    }
    default:
      return 0;
  }
}

BinaryOp binary_of(CombineOp op) {
  switch (op) {
    case CombineOp::sum:
      return BinaryOp::add;
    case CombineOp::prod:
      return BinaryOp::mul;
    case CombineOp::min:
      return BinaryOp::min;
    case CombineOp::max:
      return BinaryOp::max;
  }
  return BinaryOp::add;
}

// Neighbours first: in round r the member whose digit is a multiple of 2^(r+1) takes in the one 2^r
// further on.
Stmt barrier_tree(Kernel& kernel, const Combine& c) {
  const DType t = c.index->dtype;
  const DType element = kernel.buffers[static_cast<size_t>(c.buffer)].dtype;
  const Expr id = make_level_index(t, c.level);
  const int64_t launched = kernel.levels[static_cast<size_t>(c.level)].count;
  const Expr quotient = div_of(id, c.stride);
  const Expr digit = c.stride * c.count >= launched ? quotient : mod_of(quotient, c.count);
  const int64_t distance = value_at(c.index, c.level, c.stride) - value_at(c.index, c.level, 0);
  std::vector<Stmt> out{make_barrier(c.level)};
  for (int64_t step = 1; step < c.count; step *= 2) {
    const int var = kernel.add_var("c", t);
    const Expr mine = add_of(c.index, make_var(t, var));
    const Expr other = add_of(mine, make_int(t, step * distance));
    const Stmt take = make_store(c.buffer, mine,
                                 make_binary(binary_of(c.op), make_load(element, c.buffer, mine),
                                             make_load(element, c.buffer, other)));
    const Stmt loop =
        make_for(var, make_int(t, 0), make_int(t, c.elements), LoopKind::serial, 1, take);
    Expr turn = is_zero(mod_of(digit, 2 * step));
    turn = both(turn, less_than(digit, c.count - step));
    out.push_back(make_if(turn, loop));
    out.push_back(make_barrier(c.level));
  }
  return make_seq(std::move(out));
}

Stmt lower_in(const Stmt& s, Kernel& kernel, const TargetDesc& target) {
  if (s->kind == StmtKind::Combine) {
    const auto& c = as<Combine>(s);
    const CombineSet native = target.levels[static_cast<size_t>(c.level)].combine;
    return (native >> static_cast<int>(c.op) & 1) != 0 ? s : barrier_tree(kernel, c);
  }
  return map_children(
      s, [](const Expr& e) { return e; },
      [&](const Stmt& inner) { return lower_in(inner, kernel, target); });
}

}  // namespace

Status lower_combine(LoweringState& state) {
  for (Kernel& kernel : state.module.kernels) {
    kernel.body = lower_in(kernel.body, kernel, *state.module.target);
  }
  return {};
}

}  // namespace pimjit
