#include <algorithm>

#include "pimjit/core/ir/map_under_facts.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/substitute.h"
#include "pimjit/core/lower/boundary.h"
#include "pimjit/core/lower/buffer_uses.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Conditions without which the statement does nothing, in variables that are bound outside of it.
std::vector<Expr> needs_of(const Stmt& s) {
  std::vector<Expr> needs;
  if (s->kind == StmtKind::If && !as<If>(s).else_body) {
    const If& n = as<If>(s);
    needs = conjuncts(n.condition);
    for (Expr& e : needs_of(n.then_body)) needs.push_back(std::move(e));
  } else if (s->kind == StmtKind::For) {
    const For& n = as<For>(s);
    for (const Expr& limit : minimum_terms(n.extent)) {
      if (as_int_constant(limit) == nullptr)
        needs.push_back(make_binary(BinaryOp::lt, make_int(limit->dtype, 0), limit));
    }
    for (Expr& e : needs_of(n.body)) {
      if (!mentions(e, n.var)) needs.push_back(std::move(e));
    }
  } else if (s->kind == StmtKind::Let) {
    const Let& n = as<Let>(s);
    for (Expr& e : needs_of(n.body)) {
      if (!mentions(e, n.var)) needs.push_back(std::move(e));
    }
  }
  std::erase_if(needs, [](const Expr& e) { return !is_stable(e); });
  return needs;
}

class Hoister {
 public:
  Hoister(const Kernel& kernel, const std::vector<BufferTraits>& traits, FiringLog& log)
      : kernel_(kernel),
        traits_(traits),
        log_(log),
        facts_(kernel),
        reads_(reads_in(kernel.body, kernel.buffers.size())),
        varies_(kernel.vars.size(), false) {}

  Stmt stmt(const Stmt& s) {
    switch (s->kind) {
      case StmtKind::For:
        return loop(s);
      case StmtKind::If:
        return map_branch(s, facts_, [this](const Stmt& inner) { return stmt(inner); });
      case StmtKind::Let:
        return let(s);
      case StmtKind::Seq:
        return sequence(s);
      default:
        return s;
    }
  }

 private:
  Stmt let(const Stmt& s) {
    const Let& n = as<Let>(s);
    const size_t mark = facts_.mark();
    if (!is_float(n.value->dtype)) facts_.bind(n.var, facts_.of(n.value));
    const auto number = static_cast<size_t>(n.var);
    varies_[number] = varies(n.value);
    Stmt body = stmt(n.body);
    varies_[number] = false;
    facts_.restore(mark);
    const Stmt whole = body.same_as(n.body) ? s : make_let(n.var, n.value, body);
    return out_of(n.var, body, whole, "let ",
                  [&](const Stmt& inner) { return make_let(n.var, n.value, inner); });
  }

  Stmt loop(const Stmt& s) {
    const For& n = as<For>(s);
    const size_t mark = facts_.mark();
    facts_.bind_loop(n);
    varies_[static_cast<size_t>(n.var)] = true;
    Stmt body = stmt(n.body);
    varies_[static_cast<size_t>(n.var)] = false;
    facts_.restore(mark);
    const auto remade = [&](const Stmt& inner) {
      return make_for(n.var, n.min, n.extent, n.loop, n.unroll, inner);
    };
    const Stmt whole = body.same_as(n.body) ? s : remade(body);
    if (body->kind == StmtKind::If && as<If>(body).else_body) {
      const If& b = as<If>(body);
      if (mentions(b.condition, n.var) || !is_stable(b.condition)) return whole;
      note("loop ", n.var, {b.condition});
      return make_if(b.condition, remade(b.then_body), remade(b.else_body));
    }
    return out_of(n.var, body, whole, "loop ", remade);
  }

  // What the body needs whatever the value of `var` is tested around the loop or let that binds it.
  template <typename Make>
  Stmt out_of(int var, const Stmt& body, const Stmt& whole, const char* what, Make&& make) {
    std::vector<Expr> outer;
    for (const Expr& e : needs_of(body)) {
      if (mentions(e, var) || facts_.always(e)) continue;
      const bool known = std::any_of(outer.begin(), outer.end(),
                                     [&](const Expr& o) { return implies(o, e, facts_); });
      if (!known) outer.push_back(e);
    }
    if (outer.empty()) return whole;
    note(what, var, outer);
    const Expr condition = all_of(outer);
    return make_if(condition, make(without(body, condition)));
  }

  // The statement without the conditions right around it that hold where `condition` does.
  Stmt without(const Stmt& s, const Expr& condition) {
    if (s->kind != StmtKind::If || as<If>(s).else_body) return s;
    const If& n = as<If>(s);
    std::vector<Expr> rest;
    for (const Expr& e : conjuncts(n.condition)) {
      if (!implies(condition, e, facts_)) rest.push_back(e);
    }
    Stmt inner = without(n.then_body, condition);
    if (rest.empty()) return inner;
    return make_if(all_of(rest), std::move(inner));
  }

  Stmt sequence(const Stmt& s) {
    std::vector<Stmt> body;
    bool same = true;
    for (const Stmt& inner : as<Seq>(s).body) {
      body.push_back(stmt(inner));
      same = same && body.back().same_as(inner);
    }
    for (size_t tail = body.size(); tail-- > 1;) {
      Expr condition;
      const size_t first = longest_group(body, tail, condition);
      if (first == tail) continue;
      same = false;
      gather(body, first, tail, condition);
      tail = first + 1;
      if (tail >= body.size() || first == 0) break;
    }
    return same ? s : make_seq(std::move(body));
  }

  // Replaces body[first .. tail] by one branch.
  void gather(std::vector<Stmt>& body, size_t first, size_t tail, const Expr& condition) {
    if (log_.on()) {
      log_.note(cat(tail - first + 1, " statements under ", to_text(condition, kernel_),
                    ": each needs it or is read by those that do only"));
    }
    std::vector<Stmt> inner;
    for (size_t i = first; i <= tail; ++i) inner.push_back(without(body[i], condition));
    body[first] = make_if(condition, make_seq(std::move(inner)));
    body.erase(body.begin() + static_cast<std::ptrdiff_t>(first) + 1,
               body.begin() + static_cast<std::ptrdiff_t>(tail) + 1);
  }

  // The first of the statements up to `tail` that can stand under a condition that the last of them
  // needs; `tail` when there is none but itself.
  size_t longest_group(const std::vector<Stmt>& body, size_t tail, Expr& condition) {
    size_t best = tail;
    for (const Expr& e : needs_of(body[tail])) {
      if (facts_.always(e)) continue;
      size_t first = tail;
      for (size_t i = tail; i-- > 0;) {
        if (needs(body[i], e) || matters_only_to(body, i, tail))
          first = i;
        else
          break;
      }
      if (first < best) {
        best = first;
        condition = e;
      }
    }
    return best;
  }

  bool needs(const Stmt& s, const Expr& condition) {
    const std::vector<Expr> all = needs_of(s);
    return !all.empty() && implies(all_of(all), condition, facts_);
  }

  // Whether what body[number] does is seen by the statements behind it up to `tail` only: it
  // fills memory of this instance, always the same elements, and nobody else reads that. Skipping
  // it where they do nothing then changes nothing: before they read again, it has run again.
  bool matters_only_to(const std::vector<Stmt>& body, size_t number, size_t tail) {
    const Stmt& s = body[number];
    const FillUses fill = fill_uses(s, kernel_.buffers.size());
    if (!fill.only_fills) return false;
    for (const Expr& e : fill.where) {
      if (varies(e)) return false;
    }
    for (const Expr& e : fill.conditions) {
      if (!varies(e)) continue;
      for (size_t i = number + 1; i <= tail; ++i) {
        if (reads_any(body[i], fill.written) && !needs(body[i], e)) return false;
      }
    }
    return std::all_of(fill.written.begin(), fill.written.end(), [&](int buffer) {
      const auto b = static_cast<size_t>(buffer);
      if (kernel_.buffers[b].kind != BufferKind::local || !traits_[b].owned) return false;
      int64_t behind = 0;
      for (size_t i = number + 1; i <= tail; ++i)
        behind += reads_in(body[i], kernel_.buffers.size())[b];
      return behind == reads_[b];
    });
  }

  bool reads_any(const Stmt& s, const std::vector<int>& buffers) const {
    const std::vector<int64_t> reads = reads_in(s, kernel_.buffers.size());
    return std::any_of(buffers.begin(), buffers.end(),
                       [&](int b) { return reads[static_cast<size_t>(b)] > 0; });
  }

  // Whether the expression may differ between two executions of one statement in one instance.
  bool varies(const Expr& e) const {
    bool found = false;
    for_each_expr(e, [&](const ExprNode& node) {
      found = found || node.kind == ExprKind::Load ||
              (node.kind == ExprKind::Var && varies_[static_cast<size_t>(as<Var>(node).id)]);
    });
    return found;
  }

  void note(const char* what, int var, const std::vector<Expr>& conditions) {
    if (!log_.on()) return;
    log_.note(cat(what, kernel_.vars[static_cast<size_t>(var)].name, ": ",
                  to_text(all_of(conditions), kernel_),
                  " does not depend on it and is needed by all of its body"));
  }

  const Kernel& kernel_;
  const std::vector<BufferTraits>& traits_;
  FiringLog& log_;
  Facts facts_;
  std::vector<int64_t> reads_;  // per buffer: places in the kernel that read it
  std::vector<bool> varies_;    // per variable, of those bound here
};

}  // namespace

Kernel hoist_branches(const Kernel& kernel, const std::vector<BufferTraits>& traits,
                      FiringLog& log) {
  Kernel result = kernel;
  result.body = Hoister(kernel, traits, log).stmt(kernel.body);
  return result;
}

}  // namespace pimjit
