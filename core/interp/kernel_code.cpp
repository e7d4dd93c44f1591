#include "pimjit/core/interp/kernel_code.h"

#include <algorithm>

#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool contains_load(const Expr& e) {
  bool found = false;
  for_each_expr(e, [&](const ExprNode& n) { found |= n.kind == ExprKind::Load; });
  return found;
}

class Compiler {
 public:
  explicit Compiler(const Kernel& kernel) : kernel_(kernel) {}

  Result<KernelCode> run() {
    check_tables();
    code_.root = statement(kernel_.body);
    if (!problem_.empty()) {
      return fail(internal_error("kernel_malformed", problem_, cat("kernel ", kernel_.name),
                                 "run verify_kernel on it first"));
    }
    return std::move(code_);
  }

 private:
  void complain(std::string text) {
    if (problem_.empty()) problem_ = std::move(text);
  }
  bool in_table(int index, size_t size, const char* table) {
    if (index >= 0 && static_cast<size_t>(index) < size) return true;
    complain(cat("it refers to ", table, " ", index, " of ", size));
    return false;
  }

  void check_tables() {
    const int levels = static_cast<int>(kernel_.levels.size());
    for (const KernelLevel& l : kernel_.levels) {
      if (l.count < 1) complain(cat("level ", l.name, " has ", l.count, " instances"));
    }
    for (const KernelScope& s : kernel_.scopes) {
      if (s.level < -1 || s.level >= levels) complain(cat("scope ", s.name, " is at no level"));
    }
    for (const KernelLink& l : kernel_.links) {
      in_table(l.from, kernel_.scopes.size(), "scope");
      in_table(l.to, kernel_.scopes.size(), "scope");
    }
    for (const KernelBuffer& b : kernel_.buffers) {
      in_table(b.scope, kernel_.scopes.size(), "scope");
      if (b.kind == BufferKind::device) in_table(b.param, kernel_.params.size(), "parameter");
      if (b.elements < 0 || b.align < 1) {
        complain(cat("buffer ", b.name, " has ", b.elements, " elements aligned to ", b.align));
      }
    }
  }

  // --- expressions
  Op& emit(OpCode code, int dst) {
    code_.registers = std::max(code_.registers, dst + 2);
    Op op{};
    op.code = code;
    op.dst = dst;
    code_.ops.push_back(op);
    return code_.ops.back();
  }
  int here() const { return static_cast<int>(code_.ops.size()); }

  void constant(const Value& value, int dst) {
    emit(OpCode::constant, dst).a = static_cast<int>(code_.constants.size());
    code_.constants.push_back(value);
  }
  void integer(int64_t value, int dst) { constant(Value{value, 0, Poison::none}, dst); }
  void real(float value, int dst) { constant(Value{0, value, Poison::none}, dst); }

  void expression(const Expr& e, int dst) {
    if (!e) return complain("an operand is missing");
    visit(*e, Overloaded{
                  [&](const IntImm& n) { integer(n.value, dst); },
                  [&](const FloatImm& n) { real(n.value, dst); },
                  [&](const Var& n) {
                    if (in_table(n.id, kernel_.vars.size(), "variable")) {
                      emit(OpCode::variable, dst).a = n.id;
                    }
                  },
                  [&](const LevelIndex& n) {
                    if (in_table(n.level, kernel_.levels.size(), "level")) {
                      emit(OpCode::level, dst).a = n.level;
                    }
                  },
                  [&](const Param& n) {
                    if (!in_table(n.index, kernel_.params.size(), "parameter")) return;
                    Op& op = emit(OpCode::param, dst);
                    op.a = n.index;
                    op.type = n.dtype;
                  },
                  [&](const Binary& n) { binary(n, dst); },
                  [&](const Not& n) { expression(n.a, dst), emit(OpCode::logical_not, dst); },
                  [&](const pimjit::Select& n) { select(n, dst); },
                  [&](const Cast& n) {
                    expression(n.a, dst);
                    Op& op = emit(OpCode::cast, dst);
                    op.type = n.dtype;
                    if (n.a) op.from = n.a->dtype;
                  },
                  [&](const Load& n) {
                    expression(n.index, dst);
                    if (in_table(n.buffer, kernel_.buffers.size(), "buffer")) {
                      emit(OpCode::load, dst).a = n.buffer;
                    }
                  },
              });
  }

  // Constants and variables are read by the operation itself; anything else is computed before.
  OpCode second_operand(const Expr& e, int dst) {
    if (e && (e->kind == ExprKind::IntImm || e->kind == ExprKind::FloatImm)) {
      Value value;
      if (e->kind == ExprKind::IntImm) value.integer = as<IntImm>(e).value;
      if (e->kind == ExprKind::FloatImm) value.real = as<FloatImm>(e).value;
      code_.constants.push_back(value);
      return OpCode::binary_constant;
    }
    if (e && e->kind == ExprKind::Var) {
      in_table(as<Var>(e).id, kernel_.vars.size(), "variable");
      return OpCode::binary_variable;
    }
    expression(e, dst + 1);
    return OpCode::binary;
  }

  void binary(const Binary& n, int dst) {
    expression(n.a, dst);
    int skip = -1;
    if (n.op == BinaryOp::logical_and || n.op == BinaryOp::logical_or) {
      skip = here();
      const bool is_and = n.op == BinaryOp::logical_and;
      emit(is_and ? OpCode::short_and : OpCode::short_or, dst).guards_load = contains_load(n.b);
    }
    const OpCode code = second_operand(n.b, dst);
    Op& op = emit(code, dst);
    if (code == OpCode::binary_constant) op.a = static_cast<int>(code_.constants.size()) - 1;
    if (code == OpCode::binary_variable) op.a = as<Var>(n.b).id;
    op.binary = n.op;
    if (n.a) op.type = n.a->dtype;
    if (n.a && n.b && n.a->dtype != n.b->dtype) complain("operands of two types");
    if (skip >= 0) code_.ops[static_cast<size_t>(skip)].target = here();
  }

  void select(const pimjit::Select& n, int dst) {
    expression(n.condition, dst);
    const int branch = here();
    emit(OpCode::select, dst).guards_load = contains_load(n.if_true) || contains_load(n.if_false);
    expression(n.if_true, dst + 1);
    const int leave = here();
    emit(OpCode::jump, dst);
    code_.ops[static_cast<size_t>(branch)].target = here();
    expression(n.if_false, dst + 1);
    code_.ops[static_cast<size_t>(leave)].target = here();
    emit(OpCode::select_end, dst);
  }

  ExprCode top(const Expr& e) {
    ExprCode result;
    result.begin = here();
    expression(e, 0);
    result.end = here();
    if (result.end == result.begin + 1 && code_.ops.back().code == OpCode::constant) {
      result.is_constant = true;
      result.constant = code_.constants[static_cast<size_t>(code_.ops.back().a)];
    }
    return result;
  }

  // --- statements
  int statement(const Stmt& s) {
    const int index = static_cast<int>(code_.stmts.size());
    code_.stmts.emplace_back();
    StmtCode out{};
    out.number = index + 1;
    if (!s) {
      complain("a statement is missing");
      out.kind = StmtKind::Seq;
    } else {
      out.kind = s->kind;
      fill(*s, out);
    }
    code_.stmts[static_cast<size_t>(index)] = std::move(out);
    return index;
  }

  void inside(StmtCode& out, const Stmt& s) {
    const int child = statement(s);
    out.body.push_back(child);
    out.sync = std::min(out.sync, code_.stmts[static_cast<size_t>(child)].sync);
  }
  int variable(int id) {
    in_table(id, kernel_.vars.size(), "variable");
    return id;
  }
  int buffer(int id) {
    in_table(id, kernel_.buffers.size(), "buffer");
    return id;
  }

  void fill(const StmtNode& s, StmtCode& out) {
    visit(s, Overloaded{
                 [&](const Seq& n) {
                   for (const Stmt& child : n.body) inside(out, child);
                 },
                 [&](const For& n) {
                   out.var = variable(n.var);
                   out.reverse = n.loop == LoopKind::parallel;
                   out.e[0] = top(n.min), out.e[1] = top(n.extent);
                   inside(out, n.body);
                 },
                 [&](const If& n) {
                   out.e[0] = top(n.condition);
                   inside(out, n.then_body);
                   if (n.else_body) inside(out, n.else_body);
                 },
                 [&](const Let& n) {
                   out.var = variable(n.var);
                   out.e[0] = top(n.value);
                   inside(out, n.body);
                 },
                 [&](const Store& n) {
                   out.buffer = buffer(n.buffer);
                   out.e[0] = top(n.index), out.e[1] = top(n.value);
                   out.moves = n.value && n.value->kind == ExprKind::Load;
                 },
                 [&](const Copy& n) { copy(n, out); },
                 [&](const Barrier& n) { synchronise(n.level, out); },
                 [&](const Combine& n) { combine(n, out); },
             });
  }

  void copy(const Copy& n, StmtCode& out) {
    out.buffer = buffer(n.dst), out.source = buffer(n.src), out.link = n.link;
    out.e[0] = top(n.dst_index), out.e[1] = top(n.src_index), out.e[2] = top(n.elements);
    if (!problem_.empty() || !in_table(n.link, kernel_.links.size(), "link")) return;
    const KernelBuffer& dst = kernel_.buffers[static_cast<size_t>(n.dst)];
    const KernelBuffer& src = kernel_.buffers[static_cast<size_t>(n.src)];
    const KernelLink& link = kernel_.links[static_cast<size_t>(n.link)];
    if (link.from != src.scope || link.to != dst.scope) {
      complain(cat("a copy from ", src.name, " to ", dst.name, " over link ", link.name,
                   ", which joins other scopes"));
    }
    if (dst.dtype != src.dtype) complain(cat("a copy from ", src.name, " to another type"));
  }

  void synchronise(int level, StmtCode& out) {
    in_table(level, kernel_.levels.size(), "level");
    out.level = level;
    out.sync = level;
  }

  void combine(const Combine& n, StmtCode& out) {
    synchronise(n.level, out);
    out.buffer = buffer(n.buffer), out.op = n.op;
    out.elements = n.elements, out.stride = n.stride, out.count = n.count;
    out.e[0] = top(n.index);
    if (!problem_.empty()) return;
    const int64_t all = kernel_.levels[static_cast<size_t>(n.level)].count;
    if (n.stride < 1 || n.count < 1 || n.elements < 0 || all % n.stride != 0 ||
        all / n.stride % n.count != 0) {
      complain(cat("groups of ", n.count, " at stride ", n.stride, " do not divide ", all,
                   " instances"));
    }
  }

  const Kernel& kernel_;
  KernelCode code_;
  std::string problem_;
};

}  // namespace

Result<KernelCode> compile_for_interpreter(const Kernel& kernel) {
  return Compiler(kernel).run();
}

std::string describe(const Kernel& kernel, const StmtCode& s) {
  const auto buffer = [&](int b) { return kernel.buffers[static_cast<size_t>(b)].name; };
  const auto level = [&] { return kernel.levels[static_cast<size_t>(s.level)].name; };
  const auto var = [&] { return kernel.vars[static_cast<size_t>(s.var)].name; };
  std::string text;
  switch (s.kind) {
    case StmtKind::Seq:
      text = "sequence";
      break;
    case StmtKind::For:
      text = cat("for ", var());
      break;
    case StmtKind::If:
      text = "if";
      break;
    case StmtKind::Let:
      text = cat("let ", var());
      break;
    case StmtKind::Store:
      text = cat("store ", buffer(s.buffer));
      break;
    case StmtKind::Copy:
      text = cat("copy ", buffer(s.buffer), " <- ", buffer(s.source));
      break;
    case StmtKind::Barrier:
      text = cat("barrier ", level());
      break;
    case StmtKind::Combine:
      text = cat("combine ", buffer(s.buffer), " over ", level());
      break;
  }
  return cat("statement ", s.number, " (", text, ")");
}

}  // namespace pimjit
