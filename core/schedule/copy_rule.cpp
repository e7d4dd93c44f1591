#include "pimjit/core/schedule/copy_rule.h"

#include <algorithm>
#include <numeric>

namespace pimjit {

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

CopyRule copy_rule(const TargetDesc& target, int64_t element, const std::vector<int>& scopes,
                   const std::vector<int>& links) {
  CopyRule rule{element, element, INT64_MAX};
  for (int number : scopes) {
    const Scope& scope = target.scopes[static_cast<size_t>(number)];
    rule.multiple = std::lcm(rule.multiple, std::lcm(scope.granule, scope.alignment));
  }
  for (int number : links) {
    if (number < 0) continue;
    const Link& link = target.links[static_cast<size_t>(number)];
    rule.multiple = std::lcm(rule.multiple, std::lcm(link.multiple, link.alignment));
    rule.minimum = std::max(rule.minimum, link.min_bytes);
    rule.chunk = std::min(rule.chunk, link.max_bytes);
  }
  rule.minimum = round_up(rule.minimum, rule.multiple);
  if (rule.chunk != INT64_MAX) rule.chunk = rule.chunk / rule.multiple * rule.multiple;
  return rule;
}

int64_t padded_bytes(int64_t bytes, const CopyRule& rule) {
  int64_t padded = round_up(std::max(bytes, rule.minimum), rule.multiple);
  if (padded > rule.chunk && rule.chunk > 0) {
    const int64_t rest = padded % rule.chunk;
    if (rest != 0 && rest < rule.minimum) padded += rule.minimum - rest;
  }
  return padded;
}

}  // namespace pimjit
