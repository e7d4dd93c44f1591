#include "pimjit/core/lower/kernel_rules.h"

namespace pimjit {

KernelRules kernel_rules(const TargetDesc& target) {
  KernelRules rules;
  rules.control_flow = target.limits.control_flow;
  for (const Level& level : target.levels) rules.levels.push_back({level.barrier, level.combine});
  for (const Scope& scope : target.scopes) {
    rules.scopes.push_back(
        {scope.element_access, scope.alignment, scope.capacity - scope.reserved});
  }
  for (const Link& link : target.links) {
    if (link.from == kHost || link.to == kHost) continue;
    rules.links.push_back({link.min_bytes, link.max_bytes, link.multiple, link.alignment});
  }
  return rules;
}

}  // namespace pimjit
