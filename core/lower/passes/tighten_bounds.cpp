#include <optional>

#include "pimjit/core/ir/linear.h"
#include "pimjit/core/ir/mutator.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/simplify.h"
#include "pimjit/core/ir/substitute.h"
#include "pimjit/core/lower/boundary.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// The values of the loop variable for which a condition holds: at least `low` and less than `high`,
// each null when there is no such bound.
struct Bounds {
  Expr low, high;
};

class Tightener {
 public:
  Tightener(const Kernel& kernel, FiringLog& log) : kernel_(kernel), log_(log), facts_(kernel) {}

  Stmt stmt(const Stmt& s) {
    switch (s->kind) {
      case StmtKind::For:
        return loop(s);
      case StmtKind::If:
        return branch(s);
      case StmtKind::Let:
        return let(s);
      default:
        return map_children(
            s, [](const Expr& e) { return e; }, [this](const Stmt& inner) { return stmt(inner); });
    }
  }

 private:
  Stmt let(const Stmt& s) {
    const Let& n = as<Let>(s);
    const size_t mark = facts_.mark();
    if (!is_float(n.value->dtype)) facts_.bind(n.var, facts_.of(n.value));
    Stmt body = stmt(n.body);
    facts_.restore(mark);
    return body.same_as(n.body) ? s : make_let(n.var, n.value, std::move(body));
  }

  Stmt branch(const Stmt& s) {
    const If& n = as<If>(s);
    const auto under = [this, &n](const Stmt& body, bool holds) {
      const size_t mark = facts_.mark();
      facts_.assume(n.condition, holds);
      Stmt result = stmt(body);
      facts_.restore(mark);
      return result;
    };
    Stmt then_body = under(n.then_body, true);
    Stmt else_body = n.else_body ? under(n.else_body, false) : Stmt{};
    const bool same = then_body.same_as(n.then_body) && else_body.same_as(n.else_body);
    return same ? s : make_if(n.condition, std::move(then_body), std::move(else_body));
  }

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
    for (const Expr& e : conjuncts(branch.condition)) {
      auto bounds = mentions(e, n.var) ? bounds_of(e, n, outside) : std::nullopt;
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
    if (!mentions(inner.extent, n.var) || !is_stable(inner.extent) || !is_stable(inner.min))
      return {};
    Expr end;
    std::vector<std::string> lines;
    for (const Expr& limit : minimum_of(inner.extent)) {
      if (!mentions(limit, n.var)) continue;
      const Expr runs = make_binary(BinaryOp::lt, make_int(limit->dtype, 0), limit);
      const auto bounds = bounds_of(runs, n, outside);
      if (!bounds || bounds->low || !bounds->high) continue;
      lines.push_back(line(n, runs, *bounds));
      end = end ? make_binary(BinaryOp::min, end, bounds->high) : bounds->high;
    }
    Stmt tight = end ? bounded(n, n.min, end, n.body, outside) : Stmt{};
    if (tight) note(lines);
    return tight;
  }

  static std::vector<Expr> minimum_of(const Expr& e) {
    if (e->kind != ExprKind::Binary || as<Binary>(e).op != BinaryOp::min) return {e};
    std::vector<Expr> all = minimum_of(as<Binary>(e).a);
    for (const Expr& other : minimum_of(as<Binary>(e).b)) all.push_back(other);
    return all;
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

  // The condition solved for the loop variable; nothing where it is not linear in it, where what it
  // is compared with may change in the loop, or where the arithmetic might wrap.
  std::optional<Bounds> bounds_of(const Expr& e, const For& n, size_t outside) {
    if (e->kind != ExprKind::Binary || !is_stable(e)) return std::nullopt;
    const Binary& c = as<Binary>(e);
    const bool equality = c.op == BinaryOp::eq;
    if (!equality && c.op != BinaryOp::lt && c.op != BinaryOp::le) return std::nullopt;
    if (is_float(c.a->dtype)) return std::nullopt;
    // a - b = factor * v + others (< 0, <= 0 or == 0)
    auto form = difference(c.a, c.b, facts_);
    if (!form) return std::nullopt;
    int64_t factor = 0;
    std::vector<LinearForm::Term> others;
    for (const LinearForm::Term& term : form->terms) {
      if (term.atom->kind == ExprKind::Var && as<Var>(term.atom).id == n.var) {
        factor = term.coefficient;
      } else if (mentions(term.atom, n.var)) {
        return std::nullopt;
      } else {
        others.push_back(term);
      }
    }
    if (factor == 0 || factor == INT64_MIN || form->constant == INT64_MIN) return std::nullopt;
    const Facts here = facts_before(outside);
    const DType t = n.min->dtype;
    if (equality) {
      if (factor != 1 && factor != -1) return std::nullopt;
      const Expr at = sum_of(others, form->constant, -factor, t, here);
      if (!at || !here.of(make_binary(BinaryOp::add, at, make_int(t, 1))).exact)
        return std::nullopt;
      return Bounds{at, make_binary(BinaryOp::add, at, make_int(t, 1))};
    }
    const int64_t strict = c.op == BinaryOp::lt ? 1 : 0;
    if (factor > 0) {
      // v <= (-others - strict) / factor, so v < ceil((1 - strict - others) / factor) for integers
      // when the factor is 1, and v < floor((-others - strict) / factor) + 1 in general.
      const Expr limit = sum_of(others, form->constant + strict - factor, -1, t, here);
      return upper(limit, factor, n, here);
    }
    // v >= ceil((others + strict) / -factor)
    const Expr least = sum_of(others, form->constant + strict, 1, t, here);
    return lower(least, -factor, here);
  }

  // v < floor(limit / factor). Division in kernels rounds towards zero; the two differ only where
  // the limit is negative, and there both leave no values when the loop starts at 0 or later.
  std::optional<Bounds> upper(const Expr& limit, int64_t factor, const For& n, const Facts& here) {
    if (!limit) return std::nullopt;
    if (factor == 1) return Bounds{{}, limit};
    if (here.range(limit).low < 0 && here.range(n.min).low < 0) return std::nullopt;
    return Bounds{{}, make_binary(BinaryOp::div, limit, make_int(limit->dtype, factor))};
  }

  // v >= ceil(least / factor), by a division that rounds up where `least` is not negative.
  std::optional<Bounds> lower(const Expr& least, int64_t factor, const Facts& here) {
    if (!least) return std::nullopt;
    if (factor == 1) return Bounds{least, {}};
    const Expr above = make_binary(BinaryOp::add, least, make_int(least->dtype, factor - 1));
    if (here.range(least).low < 0 || !here.of(above).exact) return std::nullopt;
    return Bounds{make_binary(BinaryOp::div, above, make_int(least->dtype, factor)), {}};
  }

  // sign * (sum of terms + constant) as an expression of type t; null where it might wrap. Terms
  // that count up come first, so that partial sums stay small.
  static Expr sum_of(const std::vector<LinearForm::Term>& terms, int64_t constant, int64_t sign,
                     DType t, const Facts& here) {
    if (constant == INT64_MIN || make_int(t, sign * constant).get() == nullptr) return {};
    const int64_t start = sign * constant;
    if (start < min_value(t) || start > max_value(t)) return {};
    Expr sum = make_int(t, start);
    for (const LinearForm::Term& term : terms) {
      if (!is_int(term.atom->dtype) || term.coefficient == INT64_MIN) return {};
      const int64_t factor = sign * term.coefficient;
      const Expr atom = make_cast(t, term.atom);
      if (!here.range(term.atom).inside(full_range(t))) return {};
      const int64_t size = factor < 0 ? -factor : factor;
      if (size > max_value(t)) return {};
      const Expr scaled = make_binary(BinaryOp::mul, atom, make_int(t, size));
      sum = make_binary(factor < 0 ? BinaryOp::sub : BinaryOp::add, sum, scaled);
      if (!here.of(scaled).exact || !here.of(sum).exact) return {};
    }
    return sum;
  }

  std::string line(const For& n, const Expr& condition, const Bounds& bounds) const {
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
