#include "pimjit/core/ir/verify_kernel.h"

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/verify_context.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

void walk_inner(const Stmt& s, Enclosing& enclosing,
                const std::function<void(const StmtNode&, const Enclosing&)>& fn) {
  fn(*s, enclosing);
  enclosing.push_back(s.get());
  for_each_substatement(*s, [&](const Stmt& inner) { walk_inner(inner, enclosing, fn); });
  enclosing.pop_back();
}

// What provably never runs is not visited: nothing in it is wrong.
void walk_inner(const Stmt& s, Facts& facts,
                const std::function<void(const StmtNode&, const Facts&)>& fn) {
  fn(*s, facts);
  const size_t mark = facts.mark();
  if (s->kind == StmtKind::If) {
    const If& n = as<If>(s);
    const std::optional<bool> known = facts.prove(n.condition);
    if (known != false) {
      facts.assume(n.condition);
      walk_inner(n.then_body, facts, fn);
      facts.restore(mark);
    }
    if (!n.else_body || known == true) return;
    facts.assume(n.condition, false);
    walk_inner(n.else_body, facts, fn);
    facts.restore(mark);
    return;
  }
  if (s->kind == StmtKind::For) {
    if (facts.range(as<For>(s).extent).high <= 0) return;
    facts.bind_loop(as<For>(s));
  }
  if (s->kind == StmtKind::Let && !is_float(as<Let>(s).value->dtype)) {
    facts.bind(as<Let>(s).var, facts.of(as<Let>(s).value));
  }
  for_each_substatement(*s, [&](const Stmt& inner) { walk_inner(inner, facts, fn); });
  facts.restore(mark);
}

}  // namespace

KernelRules KernelRules::permissive(const Kernel& kernel) {
  KernelRules rules;
  rules.scopes.resize(kernel.scopes.size());
  rules.links.resize(kernel.links.size());
  rules.levels.resize(kernel.levels.size());
  return rules;
}

void VerifyContext::report(std::string what, std::string place, int64_t have, int64_t limit) {
  found.push_back({code, std::move(what), std::move(place), have, limit});
}
void VerifyContext::report(std::string what, const StmtNode& at, int64_t have, int64_t limit) {
  report(std::move(what), first_line(at, kernel), have, limit);
}

std::string first_line(const StmtNode& s, const Kernel& kernel) {
  const std::string text = to_text(Stmt(&s), kernel);
  return text.substr(0, text.find('\n'));
}

void walk(const Stmt& body, const std::function<void(const StmtNode&, const Enclosing&)>& fn) {
  Enclosing enclosing;
  walk_inner(body, enclosing, fn);
}

void walk_with_facts(const Kernel& kernel,
                     const std::function<void(const StmtNode&, const Facts&)>& fn) {
  Facts facts(kernel);
  walk_inner(kernel.body, facts, fn);
}

std::vector<KernelViolation> violations(const Kernel& kernel, KernelStage stage,
                                        const KernelRules& rules) {
  VerifyContext context{kernel, rules, stage, "", {}};
  const auto run = [&](const VerifyCheck& check) {
    context.code = check.code;
    if (check.from <= stage) check.run(context);
  };
  // Each structure check relies on those before it, and all others on all of them.
  for (const VerifyCheck& check : structure_checks()) {
    run(check);
    if (!context.found.empty()) return std::move(context.found);
  }
  for (const VerifyCheck& check : placement_checks()) run(check);
  for (const VerifyCheck& check : target_checks()) run(check);
  return std::move(context.found);
}

Status verify_kernel(const Kernel& kernel, KernelStage stage, const KernelRules& rules) {
  const std::vector<KernelViolation> found = violations(kernel, stage, rules);
  if (found.empty()) return {};
  const KernelViolation& first = found.front();
  return fail(internal_error("kernel_invalid", cat(first.code, ": ", first.what),
                             cat("kernel ", kernel.name, ", ", first.place)));
}

}  // namespace pimjit
