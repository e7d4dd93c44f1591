#ifndef PIMJIT_CORE_IR_MAP_UNDER_FACTS_H_
#define PIMJIT_CORE_IR_MAP_UNDER_FACTS_H_

#include <utility>

#include "pimjit/core/ir/facts.h"
#include "pimjit/core/ir/mutator.h"

namespace pimjit {

// Statements with those directly inside replaced by stmt(s), which is called while `facts` holds
// what is known there. Expressions stay; the same node when nothing changed. `facts` is left as it
// was. One thread per `facts`.

// A let: inside, its variable has the value.
template <typename StmtFn>
Stmt map_let(const Stmt& s, Facts& facts, StmtFn&& stmt) {
  const Let& n = as<Let>(s);
  const size_t mark = facts.mark();
  if (!is_float(n.value->dtype)) facts.bind(n.var, facts.of(n.value));
  Stmt body = stmt(n.body);
  facts.restore(mark);
  return body.same_as(n.body) ? s : make_let(n.var, n.value, std::move(body));
}

// A branch: inside, its condition holds or does not.
template <typename StmtFn>
Stmt map_branch(const Stmt& s, Facts& facts, StmtFn&& stmt) {
  const If& n = as<If>(s);
  const auto under = [&](const Stmt& body, bool holds) {
    const size_t mark = facts.mark();
    facts.assume(n.condition, holds);
    Stmt result = stmt(body);
    facts.restore(mark);
    return result;
  };
  Stmt then_body = under(n.then_body, true);
  Stmt else_body = n.else_body ? under(n.else_body, false) : Stmt{};
  const bool same = then_body.same_as(n.then_body) && else_body.same_as(n.else_body);
  return same ? s : make_if(n.condition, std::move(then_body), std::move(else_body));
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_MAP_UNDER_FACTS_H_
