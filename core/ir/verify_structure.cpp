#include <algorithm>

#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/verify_context.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool exists(int index, size_t size) {
  return index >= 0 && static_cast<size_t>(index) < size;
}

void check_buffer(VerifyContext& v, const KernelBuffer& b) {
  const std::string place = cat("buffer ", b.name);
  if (!exists(b.scope, v.kernel.scopes.size()))
    v.report(cat("scope ", b.scope, " does not exist"), place);
  if (b.dtype == DType::b1) v.report("a buffer of type b1", place);
  if (b.elements < 0 || b.elements > kMaxBufferBytes / std::max(bytes_of(b.dtype), 1)) {
    v.report(cat(b.elements, " elements are not 0 .. 2^60 bytes"), place, b.elements);
  }
  if (b.align < 1 || b.align > kMaxAlignment || (b.align & (b.align - 1)) != 0) {
    v.report(cat("alignment ", b.align, " is not a power of two in 1 .. 2^30"), place, b.align,
             kMaxAlignment);
  }
  const bool device = b.kind == BufferKind::device;
  if (device && !exists(b.param, v.kernel.params.size()))
    v.report(cat("launch argument ", b.param, " does not exist"), place);
  if (!device && b.param != -1) v.report("a local buffer has no launch argument", place);
  if (!b.range) return;
  const auto [low, high] = *b.range;
  if (!is_int(b.dtype) || low > high || low < min_value(b.dtype) || high > max_value(b.dtype)) {
    v.report(cat(low, "..", high, " is no range of ", to_string(b.dtype)), place, low, high);
  }
}

void check_tables(VerifyContext& v) {
  const Kernel& k = v.kernel;
  for (const KernelLevel& l : k.levels) {
    if (l.count < 1)
      v.report(cat(l.count, " instances where at least 1 is needed"), cat("level ", l.name),
               l.count, 1);
  }
  for (const KernelScope& s : k.scopes) {
    if (s.level != -1 && !exists(s.level, k.levels.size()))
      v.report(cat("level ", s.level, " does not exist"), cat("scope ", s.name));
  }
  for (const KernelLink& l : k.links) {
    if (!exists(l.from, k.scopes.size()) || !exists(l.to, k.scopes.size())) {
      v.report(cat("scopes ", l.from, " and ", l.to, " do not both exist"), cat("link ", l.name));
    }
  }
  for (const KernelParam& p : k.params) {
    if (!is_index_type(p.dtype))
      v.report(cat("type ", to_string(p.dtype), " where i32 or i64 is needed"),
               cat("parameter ", p.name));
  }
  for (const KernelVar& x : k.vars) {
    if (x.dtype == DType::b1) v.report("a variable of type b1", cat("variable ", x.name));
  }
  for (const KernelBuffer& b : k.buffers) check_buffer(v, b);
  if (v.rules.scopes.size() != k.scopes.size() || v.rules.links.size() != k.links.size() ||
      v.rules.levels.size() != k.levels.size()) {
    v.report("the rules are not those of the kernel's tables", "tables");
  }
}

// Types and indices of all nodes. The first problem ends it.
class TypeCheck {
 public:
  explicit TypeCheck(VerifyContext& v) : v_(v), k_(v.kernel) {}
  bool stmt(const Stmt& s, int depth);

 private:
  bool bad(const std::string& what) {
    v_.report(what, at_ != nullptr ? first_line(*at_, k_) : "body");
    return false;
  }
  bool expr(const Expr& e, int depth = 1);
  bool node(const ExprNode& e);
  bool typed(const Expr& e, DType t, const char* what) {
    if (!expr(e)) return false;
    return e->dtype == t ||
           bad(cat(what, " has type ", to_string(e->dtype), ", needed is ", to_string(t)));
  }
  bool index(const Expr& e, const char* what) {
    if (!expr(e)) return false;
    return is_index_type(e->dtype) ||
           bad(cat(what, " has type ", to_string(e->dtype), ", needed is i32 or i64"));
  }
  bool has(const char* what, int i, size_t size) {
    return exists(i, size) || bad(cat(what, ' ', i, " of ", size, " does not exist"));
  }
  bool var(int i) { return has("variable", i, k_.vars.size()); }
  bool buffer(int i) { return has("buffer", i, k_.buffers.size()); }
  bool level(int i) { return has("level", i, k_.levels.size()); }
  bool leaf(DType have, DType declared, const char* what) {
    return have == declared ||
           bad(cat(what, " of type ", to_string(have), " declared as ", to_string(declared)));
  }
  bool fields(const StmtNode& s);
  bool loop(const For& n);
  bool combine(const Combine& n);

  VerifyContext& v_;
  const Kernel& k_;
  const StmtNode* at_ = nullptr;
};

bool TypeCheck::expr(const Expr& e, int depth) {
  if (!e) return bad("an expression is missing");
  if (depth > kMaxTreeDepth) return bad(cat("an expression is nested deeper than ", kMaxTreeDepth));
  bool fine = true;
  for_each_operand(*e, [&](const Expr& operand) { fine = fine && expr(operand, depth + 1); });
  return fine && node(*e);
}

bool TypeCheck::node(const ExprNode& e) {
  const auto types = [](const Expr& a, const Expr& b) {
    return cat(to_string(a->dtype), " and ", to_string(b->dtype));
  };
  return visit(
      e,
      Overloaded{
          [&](const IntImm& n) {
            const bool fine = !is_float(n.dtype) && full_range(n.dtype).contains(n.value);
            return fine || bad(cat(n.value, " is no value of ", to_string(n.dtype)));
          },
          [](const FloatImm&) { return true; },
          [&](const Var& n) {
            return var(n.id) &&
                   leaf(n.dtype, k_.vars[static_cast<size_t>(n.id)].dtype, "a variable");
          },
          [&](const LevelIndex& n) {
            if (!level(n.level)) return false;
            const int64_t count = k_.levels[static_cast<size_t>(n.level)].count;
            if (!is_index_type(n.dtype))
              return bad(cat("a level index of type ", to_string(n.dtype)));
            return count - 1 <= max_value(n.dtype) ||
                   bad(cat("an index below ", count, " does not fit ", to_string(n.dtype)));
          },
          [&](const Param& n) {
            return has("parameter", n.index, k_.params.size()) &&
                   leaf(n.dtype, k_.params[static_cast<size_t>(n.index)].dtype, "a parameter");
          },
          [&](const Binary& n) {
            if (n.a->dtype != n.b->dtype)
              return bad(cat("operands of ", to_string(n.op), " have types ", types(n.a, n.b)));
            return takes(n.op, n.a->dtype) ||
                   bad(cat(to_string(n.op), " does not exist for ", to_string(n.a->dtype)));
          },
          [&](const Not& n) {
            return n.a->dtype == DType::b1 ||
                   bad(cat("! does not exist for ", to_string(n.a->dtype)));
          },
          [&](const Select& n) {
            if (n.condition->dtype != DType::b1)
              return bad(cat("the condition of select has type ", to_string(n.condition->dtype)));
            return n.if_true->dtype == n.if_false->dtype ||
                   bad(cat("arms of select have types ", types(n.if_true, n.if_false)));
          },
          [&](const Cast& n) {
            return (n.dtype != DType::b1 && n.dtype != n.a->dtype) ||
                   bad(cat("a cast from ", to_string(n.a->dtype), " to ", to_string(n.dtype)));
          },
          [&](const Load& n) {
            if (!is_index_type(n.index->dtype))
              return bad(
                  cat("the index has type ", to_string(n.index->dtype), ", needed is i32 or i64"));
            return buffer(n.buffer) && leaf(n.dtype, v_.buffer(n.buffer).dtype, "an element");
          }});
}

bool TypeCheck::loop(const For& n) {
  if (!var(n.var)) return false;
  const DType t = k_.vars[static_cast<size_t>(n.var)].dtype;
  if (!is_index_type(t))
    return bad(cat("loop variable of type ", to_string(t), ", needed is i32 or i64"));
  if (n.unroll < 0 || n.unroll > kMaxUnroll) return bad(cat("unrolled by ", n.unroll));
  return typed(n.min, t, "the first value") && typed(n.extent, t, "the count");
}

bool TypeCheck::combine(const Combine& n) {
  if (!level(n.level) || !buffer(n.buffer) || !index(n.index, "the index")) return false;
  const int64_t instances = k_.levels[static_cast<size_t>(n.level)].count;
  int64_t group = 0;
  const bool fits = n.elements >= 0 && n.stride >= 1 && n.count >= 1 &&
                    !__builtin_mul_overflow(n.stride, n.count, &group) && instances % group == 0;
  return fits || bad(cat("elements ", n.elements, ", stride ", n.stride, ", count ", n.count,
                         " do not fit ", instances, " instances"));
}

bool TypeCheck::fields(const StmtNode& s) {
  return visit(
      s, Overloaded{[](const Seq&) { return true; }, [&](const For& n) { return loop(n); },
                    [&](const If& n) { return typed(n.condition, DType::b1, "the condition"); },
                    [&](const Let& n) {
                      return var(n.var) &&
                             typed(n.value, k_.vars[static_cast<size_t>(n.var)].dtype, "the value");
                    },
                    [&](const Store& n) {
                      return buffer(n.buffer) && index(n.index, "the index") &&
                             typed(n.value, v_.buffer(n.buffer).dtype, "the value");
                    },
                    [&](const Copy& n) {
                      return has("link", n.link, k_.links.size()) && buffer(n.dst) &&
                             buffer(n.src) && index(n.dst_index, "the index of the destination") &&
                             index(n.src_index, "the index of the source") &&
                             index(n.elements, "the count");
                    },
                    [&](const Barrier& n) { return level(n.level); },
                    [&](const Combine& n) { return combine(n); }});
}

bool TypeCheck::stmt(const Stmt& s, int depth) {
  if (!s) return bad("a statement is missing");
  if (depth > kMaxTreeDepth) return bad(cat("a statement is nested deeper than ", kMaxTreeDepth));
  at_ = s.get();
  if (!fields(*s)) return false;
  bool fine = true;
  for_each_substatement(*s, [&](const Stmt& inner) { fine = fine && stmt(inner, depth + 1); });
  return fine;
}

void check_types(VerifyContext& v) {
  TypeCheck(v).stmt(v.kernel.body, 1);
}

int bound_by(const StmtNode& s) {
  if (s.kind == StmtKind::For) return as<For>(s).var;
  if (s.kind == StmtKind::Let) return as<Let>(s).var;
  return -1;
}

void check_variables(VerifyContext& v) {
  std::vector<int> bound(v.kernel.vars.size(),
                         0);  // how often a variable is bound around the current statement
  const std::function<void(const Stmt&)> visit_stmt = [&](const Stmt& s) {
    const auto name = [&](int id) { return v.kernel.vars[static_cast<size_t>(id)].name; };
    for_each_operand(*s, [&](const Expr& operand) {
      for_each_expr(operand, [&](const ExprNode& e) {
        if (e.kind != ExprKind::Var || bound[static_cast<size_t>(as<Var>(e).id)] != 0) return;
        v.report(cat("variable ", name(as<Var>(e).id), " is used outside of its loop or let"), *s);
      });
    });
    const int var = bound_by(*s);
    if (var >= 0 && bound[static_cast<size_t>(var)]++ != 0)
      v.report(cat("variable ", name(var), " is bound again inside its own body"), *s);
    for_each_substatement(*s, visit_stmt);
    if (var >= 0) --bound[static_cast<size_t>(var)];
  };
  visit_stmt(v.kernel.body);
}

void check_writes(VerifyContext& v) {
  walk(v.kernel.body, [&](const StmtNode& s, const Enclosing&) {
    int written = -1;
    if (s.kind == StmtKind::Store) written = as<Store>(s).buffer;
    if (s.kind == StmtKind::Copy) written = as<Copy>(s).dst;
    if (s.kind == StmtKind::Combine) written = as<Combine>(s).buffer;
    if (written >= 0 && !v.buffer(written).written)
      v.report(cat("buffer ", v.buffer(written).name, " is read-only"), s);
  });
}

void check_parallel(VerifyContext& v) {
  walk(v.kernel.body, [&](const StmtNode& s, const Enclosing& enclosing) {
    if (s.kind != StmtKind::Barrier && s.kind != StmtKind::Combine) return;
    for (const StmtNode* outer : enclosing) {
      if (outer->kind == StmtKind::For && as<For>(*outer).loop == LoopKind::parallel) {
        v.report("instances meet inside a parallel loop", s);
        return;
      }
    }
  });
}

constexpr VerifyCheck kChecks[] = {{"tables", KernelStage::structure, check_tables},
                                   {"types", KernelStage::structure, check_types},
                                   {"variables", KernelStage::structure, check_variables},
                                   {"written", KernelStage::structure, check_writes},
                                   {"parallel", KernelStage::structure, check_parallel}};

}  // namespace

std::span<const VerifyCheck> structure_checks() {
  return kChecks;
}

}  // namespace pimjit
