#ifndef PIMJIT_TESTS_UNIT_IR_EXPR_EVAL_H_
#define PIMJIT_TESTS_UNIT_IR_EXPR_EVAL_H_

#include <cmath>
#include <map>
#include <utility>

#include "pimjit/core/ir/kernel.h"

// A tiny evaluator for tests, written from docs/ir.md and sharing nothing with the library's
// constant folding.
namespace pimjit::sample {

struct Value {
  int64_t i = 0;
  float f = 0;
};

struct Environment {
  std::map<int, Value> vars, levels, params;
  std::map<std::pair<int, int64_t>, Value> memory;  // (buffer, index); what is missing is 0
};

inline int64_t narrow(DType t, __int128 value) {
  const int bits = bits_of(t);
  const __int128 size = static_cast<__int128>(1) << bits;
  __int128 r = ((value % size) + size) % size;
  if (r >= size / 2) r -= size;
  return static_cast<int64_t>(r);
}

inline Value eval(const Expr& e, const Environment& env);

inline Value eval_binary(const Binary& n, const Environment& env) {
  const Value a = eval(n.a, env);
  if (n.op == BinaryOp::logical_and) return a.i != 0 ? eval(n.b, env) : Value{0};
  if (n.op == BinaryOp::logical_or) return a.i != 0 ? Value{1} : eval(n.b, env);
  const Value b = eval(n.b, env);
  const bool real = is_float(n.a->dtype);
  const __int128 x = a.i, y = b.i;
  const auto integer = [&](__int128 v) { return Value{narrow(n.dtype, v)}; };
  switch (n.op) {
    case BinaryOp::add:
      return real ? Value{0, a.f + b.f} : integer(x + y);
    case BinaryOp::sub:
      return real ? Value{0, a.f - b.f} : integer(x - y);
    case BinaryOp::mul:
      return real ? Value{0, a.f * b.f} : integer(x * y);
    case BinaryOp::div:
      return real ? Value{0, a.f / b.f} : integer(y == 0 ? 0 : x / y);
    case BinaryOp::mod:
      return integer(y == 0 ? x : x % y);
    case BinaryOp::min:
      if (!real) return integer(x < y ? x : y);
      return Value{0, std::isnan(a.f) || std::isnan(b.f) ? NAN : (a.f < b.f ? a.f : b.f)};
    case BinaryOp::max:
      if (!real) return integer(x > y ? x : y);
      return Value{0, std::isnan(a.f) || std::isnan(b.f) ? NAN : (a.f > b.f ? a.f : b.f)};
    case BinaryOp::lt:
      return Value{real ? a.f < b.f : x < y};
    case BinaryOp::le:
      return Value{real ? a.f <= b.f : x <= y};
    case BinaryOp::eq:
      return Value{real ? a.f == b.f : x == y};
    default:
      return Value{real ? a.f != b.f : x != y};
  }
}

inline Value convert(DType from, DType to, Value v) {
  if (from == to) return v;
  if (is_float(to)) return Value{0, static_cast<float>(v.i)};
  if (!is_float(from)) return Value{narrow(to, v.i)};
  if (std::isnan(v.f)) return Value{0};
  if (static_cast<double>(v.f) >= std::ldexp(1.0, bits_of(to) - 1)) return Value{max_value(to)};
  if (static_cast<double>(v.f) <= -std::ldexp(1.0, bits_of(to) - 1)) return Value{min_value(to)};
  return Value{static_cast<int64_t>(std::trunc(v.f))};
}

inline Value eval(const Expr& e, const Environment& env) {
  switch (e->kind) {
    case ExprKind::IntImm:
      return Value{as<IntImm>(e).value};
    case ExprKind::FloatImm:
      return Value{0, as<FloatImm>(e).value};
    case ExprKind::Var:
      return env.vars.at(as<Var>(e).id);
    case ExprKind::LevelIndex:
      return env.levels.at(as<LevelIndex>(e).level);
    case ExprKind::Param:
      return env.params.at(as<Param>(e).index);
    case ExprKind::Binary:
      return eval_binary(as<Binary>(e), env);
    case ExprKind::Not:
      return Value{eval(as<Not>(e).a, env).i == 0};
    case ExprKind::Select: {
      const Select& n = as<Select>(e);
      return eval(eval(n.condition, env).i != 0 ? n.if_true : n.if_false, env);
    }
    case ExprKind::Cast:
      return convert(as<Cast>(e).a->dtype, e->dtype, eval(as<Cast>(e).a, env));
    case ExprKind::Load: {
      const auto found = env.memory.find({as<Load>(e).buffer, eval(as<Load>(e).index, env).i});
      return found == env.memory.end() ? Value{} : found->second;
    }
  }
  return {};
}

// One instance; barriers and combines do nothing.
inline void run(const Stmt& s, Environment& env) {
  switch (s->kind) {
    case StmtKind::Seq:
      for (const Stmt& inner : as<Seq>(s).body) run(inner, env);
      return;
    case StmtKind::For: {
      const For& n = as<For>(s);
      const int64_t min = eval(n.min, env).i;
      const int64_t extent = eval(n.extent, env).i;
      const Value outside = env.vars[n.var];
      for (int64_t i = 0; i < extent; ++i) {
        env.vars[n.var] = Value{min + i};
        run(n.body, env);
      }
      env.vars[n.var] = outside;
      return;
    }
    case StmtKind::If: {
      const If& n = as<If>(s);
      if (eval(n.condition, env).i != 0) return run(n.then_body, env);
      if (n.else_body) run(n.else_body, env);
      return;
    }
    case StmtKind::Let: {
      const Let& n = as<Let>(s);
      const Value outside = env.vars[n.var];
      env.vars[n.var] = eval(n.value, env);
      run(n.body, env);
      env.vars[n.var] = outside;
      return;
    }
    case StmtKind::Store: {
      const Store& n = as<Store>(s);
      const int64_t index = eval(n.index, env).i;
      env.memory[{n.buffer, index}] = eval(n.value, env);
      return;
    }
    case StmtKind::Copy: {
      const Copy& n = as<Copy>(s);
      const int64_t to = eval(n.dst_index, env).i, from = eval(n.src_index, env).i;
      for (int64_t i = 0, count = eval(n.elements, env).i; i < count; ++i) {
        env.memory[{n.dst, to + i}] = env.memory[{n.src, from + i}];
      }
      return;
    }
    case StmtKind::Barrier:
    case StmtKind::Combine:
      return;
  }
}

}  // namespace pimjit::sample

#endif  // PIMJIT_TESTS_UNIT_IR_EXPR_EVAL_H_
