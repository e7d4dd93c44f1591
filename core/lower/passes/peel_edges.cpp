#include <algorithm>

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

// Statements that a body may come to when it is written out twice, unrolled copies counted.
constexpr int64_t kLargestBody = 256;

// The constant among the terms of a minimum; 0: none.
int64_t constant_limit(const Expr& e) {
  for (const Expr& limit : minimum_terms(e)) {
    if (const int64_t* c = as_int_constant(limit)) return *c;
  }
  return 0;
}

int64_t size_of(const Stmt& s) {
  int64_t size = 1;
  for_each_substatement(*s, [&](const Stmt& inner) { size += size_of(inner); });
  if (s->kind != StmtKind::For || as<For>(s).loop != LoopKind::unrolled) return size;
  const For& n = as<For>(s);
  const int64_t trips = constant_limit(n.extent);
  const int64_t copies = n.unroll != 0 ? n.unroll : trips > 0 ? trips : kLargestBody;
  return std::min(size * std::max<int64_t>(copies, 1), kLargestBody + 1);
}

bool synchronises(const Stmt& s) {
  bool found = false;
  for_each_stmt(s, [&](const StmtNode& node) {
    found = found || node.kind == StmtKind::Barrier || node.kind == StmtKind::Combine;
  });
  return found;
}

// An inner loop of at most `most` iterations that has all of them while `limit` is at least that.
struct Edge {
  const StmtNode* loop;
  Expr limit;
  int64_t most;
};

class Peeler {
 public:
  Peeler(Kernel& kernel, FiringLog& log) : kernel_(kernel), log_(log), facts_(kernel) {}

  Stmt stmt(const Stmt& s) {
    if (s->kind == StmtKind::For) return loop(s);
    const auto inside = [this](const Stmt& inner) { return stmt(inner); };
    if (s->kind == StmtKind::Let) return map_let(s, facts_, inside);
    return map_children(
        s, [](const Expr& e) { return e; }, inside);
  }

 private:
  Stmt loop(const Stmt& s) {
    const For& n = as<For>(s);
    const Facts outside = facts_;
    const size_t mark = facts_.mark();
    facts_.bind_loop(n);
    const Stmt body = stmt(n.body);
    const std::vector<Edge> edges = edges_in(n.body);
    Stmt peeled = peel(n, body, edges, outside);
    facts_.restore(mark);
    if (peeled) return peeled;
    return body.same_as(n.body) ? s : make_for(n.var, n.min, n.extent, n.loop, n.unroll, body);
  }

  // The inner loops with a limit that depends on nothing that is bound inside the body.
  static std::vector<Edge> edges_in(const Stmt& body) {
    std::vector<Edge> edges;
    std::vector<int> bound;
    for_each_stmt(body, [&](const StmtNode& node) {
      if (node.kind == StmtKind::For) bound.push_back(as<For>(node).var);
      if (node.kind == StmtKind::Let) bound.push_back(as<Let>(node).var);
    });
    for_each_stmt(body, [&](const StmtNode& node) {
      if (node.kind != StmtKind::For) return;
      const int64_t most = constant_limit(as<For>(node).extent);
      for (const Expr& e : minimum_terms(as<For>(node).extent)) {
        const bool free =
            std::none_of(bound.begin(), bound.end(), [&](int inner) { return mentions(e, inner); });
        if (most > 0 && free) edges.push_back({&node, e, most});
      }
    });
    return edges;
  }

  // for v in [min, p): whole; for v in [p, end): as it was. `body` has been peeled inside already;
  // the short rest keeps what it was made from.
  Stmt peel(const For& n, const Stmt& body, const std::vector<Edge>& edges, const Facts& outside) {
    const Expr end = make_binary(BinaryOp::add, n.min, n.extent);
    if (!outside.of(end).exact) return {};
    Expr whole = end;
    std::vector<Edge> cut;
    for (const Edge& edge : edges) {
      const Expr full =
          make_binary(BinaryOp::le, make_int(edge.limit->dtype, edge.most), edge.limit);
      const auto bounds = solve_for_loop(full, n, facts_, outside);
      if (!bounds || !bounds->high) continue;
      whole = make_binary(BinaryOp::min, whole, bounds->high);
      cut.push_back(edge);
    }
    if (cut.empty() || size_of(n.body) > kLargestBody / 2 || synchronises(n.body)) return {};
    whole = simplify(make_binary(BinaryOp::max, n.min, whole), outside);
    const DType t = n.min->dtype;
    const bool fixed = as_int_constant(whole) != nullptr;
    const int split = fixed ? -1 : kernel_.add_var("p", t);
    const Expr at = fixed ? whole : make_var(t, split);
    Stmt first = make_for(n.var, n.min, simplify(make_binary(BinaryOp::sub, at, n.min), outside),
                          n.loop, n.unroll, without_edges(body, cut));
    Stmt rest = make_for(n.var, at, simplify(make_binary(BinaryOp::sub, end, at), outside),
                         LoopKind::serial, 1, n.body);
    say(n, cut, whole);
    Stmt both = make_seq({std::move(first), std::move(rest)});
    return fixed ? both : make_let(split, whole, std::move(both));
  }

  // The body with the loops in `cut` run to their end. Peeled copies of them have the same limit.
  static Stmt without_edges(const Stmt& s, const std::vector<Edge>& cut) {
    return map_children(
        s,
        [&](const Expr& e) {
          if (s->kind != StmtKind::For) return e;
          const std::vector<Expr> limits = minimum_terms(e);
          std::vector<Expr> kept;
          const int64_t most = constant_limit(e);
          for (const Expr& limit : limits) {
            const bool gone = std::any_of(cut.begin(), cut.end(), [&](const Edge& edge) {
              return edge.most == most && equal(edge.limit, limit);
            });
            if (!gone) kept.push_back(limit);
          }
          if (kept.size() == limits.size() || kept.empty()) return e;
          Expr smallest = kept[0];
          for (size_t i = 1; i < kept.size(); ++i)
            smallest = make_binary(BinaryOp::min, smallest, kept[i]);
          return smallest;
        },
        [&](const Stmt& inner) { return without_edges(inner, cut); });
  }

  void say(const For& n, const std::vector<Edge>& cut, const Expr& whole) {
    if (!log_.on()) return;
    const std::string& name = kernel_.vars[static_cast<size_t>(n.var)].name;
    for (const Edge& edge : cut) {
      const std::string& inner = kernel_.vars[static_cast<size_t>(as<For>(*edge.loop).var)].name;
      log_.note(cat("loop ", name, ": below ", to_text(whole, kernel_), ", loop ", inner,
                    " has all of its ", edge.most, " iterations: ", to_text(edge.limit, kernel_),
                    " is at least that"));
    }
  }

  Kernel& kernel_;
  FiringLog& log_;
  Facts facts_;
};

}  // namespace

Kernel peel_edges(const Kernel& kernel, FiringLog& log) {
  Kernel result = kernel;
  result.body = Peeler(result, log).stmt(kernel.body);
  return result;
}

}  // namespace pimjit
