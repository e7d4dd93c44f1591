#include "pimjit/core/ir/verify_context.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

void check_links(VerifyContext& v) {
  const auto scope_name = [&](int scope) {
    return v.kernel.scopes[static_cast<size_t>(scope)].name;
  };
  walk(v.kernel.body, [&](const StmtNode& s, const Enclosing&) {
    if (s.kind != StmtKind::Copy) return;
    const Copy& n = as<Copy>(s);
    const KernelLink& link = v.kernel.links[static_cast<size_t>(n.link)];
    const KernelBuffer& dst = v.buffer(n.dst);
    const KernelBuffer& src = v.buffer(n.src);
    if (link.from != src.scope || link.to != dst.scope) {
      v.report(cat("link ", link.name, " leads from ", scope_name(link.from), " to ",
                   scope_name(link.to), ", the copy from ", scope_name(src.scope), " to ",
                   scope_name(dst.scope)),
               s);
    }
    if (dst.dtype != src.dtype)
      v.report(cat("copy from ", to_string(src.dtype), " to ", to_string(dst.dtype)), s);
  });
}

void check_element_access(VerifyContext& v) {
  const auto check = [&](int buffer, const char* how, const StmtNode& s) {
    const int scope = v.buffer(buffer).scope;
    if (v.rules.scopes[static_cast<size_t>(scope)].element_access) return;
    v.report(cat("scope ", v.kernel.scopes[static_cast<size_t>(scope)].name,
                 " is reached by copies only, buffer ", v.buffer(buffer).name, " is ", how,
                 " element by element"),
             s);
  };
  walk(v.kernel.body, [&](const StmtNode& s, const Enclosing&) {
    if (s.kind == StmtKind::Store) check(as<Store>(s).buffer, "stored to", s);
    for_each_operand(s, [&](const Expr& operand) {
      for_each_expr(operand, [&](const ExprNode& e) {
        if (e.kind == ExprKind::Load) check(as<Load>(e).buffer, "loaded from", s);
      });
    });
  });
}

// Whether instances inside one parent of `level` may see different values of an expression.
// Variables are followed to the loops and lets around.
class Varies {
 public:
  Varies(const Kernel& kernel, int level, const Enclosing& enclosing)
      : kernel_(kernel), level_(level), enclosing_(enclosing) {}

  bool operator()(const Expr& e) const {
    if (e->kind == ExprKind::LevelIndex) return as<LevelIndex>(e).level >= level_;
    if (e->kind == ExprKind::Var) return variable(as<Var>(e).id);
    if (e->kind == ExprKind::Load && !same_memory(as<Load>(e).buffer)) return true;
    bool varies = false;
    for_each_operand(*e, [&](const Expr& operand) { varies = varies || (*this)(operand); });
    return varies;
  }

 private:
  // All instances read one memory that nobody writes.
  bool same_memory(int buffer) const {
    const KernelBuffer& b = kernel_.buffers[static_cast<size_t>(buffer)];
    return !b.written && kernel_.scopes[static_cast<size_t>(b.scope)].level < level_;
  }
  bool variable(int id) const {
    for (const StmtNode* s : enclosing_) {
      if (s->kind == StmtKind::Let && as<Let>(*s).var == id) return (*this)(as<Let>(*s).value);
      if (s->kind == StmtKind::For && as<For>(*s).var == id) return (*this)(as<For>(*s).min);
    }
    return true;
  }

  const Kernel& kernel_;
  int level_;
  const Enclosing& enclosing_;
};

void check_reached_by_all(VerifyContext& v, const StmtNode& s, int level,
                          const Enclosing& enclosing) {
  const Varies varies(v.kernel, level, enclosing);
  for (const StmtNode* outer : enclosing) {
    bool uneven = false;
    if (outer->kind == StmtKind::If) uneven = varies(as<If>(*outer).condition);
    // Loop variables that start differently but run equally often are fine.
    if (outer->kind == StmtKind::For) uneven = varies(as<For>(*outer).extent);
    if (uneven) {
      v.report(cat("not reached by all instances of level ",
                   v.kernel.levels[static_cast<size_t>(level)].name,
                   ", because of: ", first_line(*outer, v.kernel)),
               s);
      return;
    }
  }
}

void check_barriers(VerifyContext& v) {
  walk(v.kernel.body, [&](const StmtNode& s, const Enclosing& enclosing) {
    const bool barrier = s.kind == StmtKind::Barrier;
    if (!barrier && s.kind != StmtKind::Combine) return;
    const int level = barrier ? as<Barrier>(s).level : as<Combine>(s).level;
    const LevelRules& rules = v.rules.levels[static_cast<size_t>(level)];
    const std::string& name = v.kernel.levels[static_cast<size_t>(level)].name;
    const bool native =
        !barrier && ((rules.combine >> static_cast<int>(as<Combine>(s).op)) & 1) != 0;
    if (barrier && !rules.barrier) v.report(cat("level ", name, " has no barrier"), s);
    if (!barrier && !native && (!rules.barrier || v.stage == KernelStage::complete)) {
      v.report(cat("level ", name, " cannot combine by ", to_string(as<Combine>(s).op)), s);
    }
    check_reached_by_all(v, s, level, enclosing);
  });
}

constexpr VerifyCheck kChecks[] = {{"links", KernelStage::placed, check_links},
                                   {"element_access", KernelStage::placed, check_element_access},
                                   {"barriers", KernelStage::placed, check_barriers}};

}  // namespace

std::span<const VerifyCheck> placement_checks() {
  return kChecks;
}

}  // namespace pimjit
