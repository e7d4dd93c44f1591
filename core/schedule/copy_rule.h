#ifndef PIMJIT_CORE_SCHEDULE_COPY_RULE_H_
#define PIMJIT_CORE_SCHEDULE_COPY_RULE_H_

#include <vector>

#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// What copies of whole granules at aligned addresses have in common, over several scopes and links.
// Bytes.
struct CopyRule {
  int64_t multiple = 1;
  int64_t minimum = 1;
  int64_t chunk = INT64_MAX;  // the most one copy moves; below `minimum`: no copy is possible
};
// `element` is the size of an element; links < 0 are left out.
CopyRule copy_rule(const TargetDesc& target, int64_t element, const std::vector<int>& scopes,
                   const std::vector<int>& links);

// The least size >= `bytes` that can be copied in whole chunks and a rest, none of them too small.
int64_t padded_bytes(int64_t bytes, const CopyRule& rule);

int64_t round_up(int64_t value, int64_t multiple);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_COPY_RULE_H_
