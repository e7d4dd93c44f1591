#include <optional>

#include "pimjit/core/ir/map_under_facts.h"
#include "pimjit/core/ir/mutator.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/simplify.h"
#include "pimjit/core/ir/substitute.h"
#include "pimjit/core/lower/boundary.h"
#include "pimjit/core/lower/loop_bounds.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

class Tightener {
 public:
  Tightener(const Kernel& kernel, FiringLog& log) : kernel_(kernel), log_(log), facts_(kernel) {}

  Stmt stmt(const Stmt& s) {
    switch (s->kind) {
      case StmtKind::For:
        return loop(s);
      case StmtKind::If:
        return map_branch(s, facts_, [this](const Stmt& inner) { return stmt(inner); });
      case StmtKind::Let:
        return map_let(s, facts_, [this](const Stmt& inner) { return stmt(inner); });
      default:
        return map_children(
            s, [](const Expr& e) { return e; }, [this](const Stmt& inner) { return stmt(inner); });
    }
  }

 private:
  Stmt loop(const Stmt& s) {
    const For& n = as<For>(s);
    const size_t mark = facts_.mark();
    facts_.bind_loop(n);
    // Inner loops first: what they leave behind as conditions may bound this one.
    Stmt body = stmt(n.body);
    Stmt head = body.same_as(n.body) ? s : make_for(n.var, n.min, n.extent, n.loop, n.unroll, body);
    if (body->kind == StmtKind::If && !as<If>(body).else_body) {
      if (Stmt tight = tighten(as<For>(head), as<If>(body), mark)) head = std::move(tight);
    } else if (body->kind == StmtKind::For) {
      if (Stmt tight = tighten_to_inner(as<For>(head), as<For>(body), mark))
        head = std::move(tight);
    }
    facts_.restore(mark);
    return head;
  }

  // for v: if (c) S.
  Stmt tighten(const For& n, const If& branch, size_t outside) {
    std::vector<Expr> rest;
    Expr min = n.min, end;
    bool fired = false;
    std::vector<std::string> lines;
    const Facts here = facts_before(outside);
    for (const Expr& e : conjuncts(branch.condition)) {
      const auto bounds = solve_for_loop(e, n, facts_, here);
      if (!bounds) {
        rest.push_back(e);
        continue;
      }
      lines.push_back(line(n, e, *bounds));
      fired = true;
      if (bounds->low) min = make_binary(BinaryOp::max, min, bounds->low);
      if (bounds->high) end = end ? make_binary(BinaryOp::min, end, bounds->high) : bounds->high;
    }
    if (!fired) return {};
    Stmt body = rest.empty() ? branch.then_body : make_if(all_of(rest), branch.then_body);
    Stmt tight = bounded(n, min, end, std::move(body), outside);
    if (tight) note(lines);
    return tight;
  }

  // for v: for w < extent(v), extent(v) bounded by a condition that an earlier loop gave up: where
  // it is not positive nothing runs.
  Stmt tighten_to_inner(const For& n, const For& inner, size_t outside) {
    Expr end;
    std::vector<std::string> lines;
    const Facts here = facts_before(outside);
    for (const Expr& limit : minimum_terms(inner.extent)) {
      const Expr runs = make_binary(BinaryOp::lt, make_int(limit->dtype, 0), limit);
      const auto bounds = solve_for_loop(runs, n, facts_, here);
      if (!bounds || !bounds->high) continue;
      lines.push_back(line(n, runs, *bounds));
      end = end ? make_binary(BinaryOp::min, end, bounds->high) : bounds->high;
    }
    Stmt tight = end ? bounded(n, n.min, end, n.body, outside) : Stmt{};
    if (tight) note(lines);
    return tight;
  }

  // The loop from `min` to the smaller of its own end and `end` (null: its own). Null where the
  // arithmetic might wrap.
  Stmt bounded(const For& n, const Expr& min, const Expr& end, Stmt body, size_t outside) {
    const Facts here = facts_before(outside);
    const Expr own = make_binary(BinaryOp::add, n.min, n.extent);
    if (!here.of(own).exact) return {};
    const Expr last = end ? make_binary(BinaryOp::min, own, end) : own;
    const Expr extent = make_binary(BinaryOp::sub, last, min);
    if (!here.of(extent).exact) return {};
    return make_for(n.var, simplify(min, here), simplify(extent, here), n.loop, n.unroll,
                    std::move(body));
  }

  Facts facts_before(size_t outside) const {
    Facts here = facts_;
    here.restore(outside);
    return here;
  }

  std::string line(const For& n, const Expr& condition, const LoopBounds& bounds) const {
    if (!log_.on()) return {};
    const Facts nothing(kernel_);
    const std::string& name = kernel_.vars[static_cast<size_t>(n.var)].name;
    std::string text = cat("loop ", name, ": ", to_text(condition, kernel_), " is");
    if (bounds.low) text += cat(" ", name, " >= ", to_text(simplify(bounds.low, nothing), kernel_));
    if (bounds.high) {
      text += cat(bounds.low ? " and " : " ", name, " < ",
                  to_text(simplify(bounds.high, nothing), kernel_));
    }
    return text + "; nothing wraps";
  }

  void note(std::vector<std::string>& lines) {
    for (std::string& text : lines) log_.note(std::move(text));
  }

  const Kernel& kernel_;
  FiringLog& log_;
  Facts facts_;
};

}  // namespace

Kernel tighten_bounds(const Kernel& kernel, FiringLog& log) {
  Kernel result = kernel;
  result.body = Tightener(kernel, log).stmt(kernel.body);
  return result;
}

}  // namespace pimjit
