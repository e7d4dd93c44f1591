#include "pimjit/plugins/upmem/compiler/clobbers.h"

#include <algorithm>

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"
#include "pimjit/plugins/upmem/arithmetic/costs.h"

namespace pimjit::upmem {
namespace {

std::uint32_t workspace_mask(std::size_t registers = Workspace{}.t.size()) {
  const Workspace workspace;
  std::uint32_t mask = 1u << workspace.link.code;
  for (std::size_t i = 0; i < registers; ++i) mask |= 1u << workspace.t[i].code;
  return mask;
}

struct Site {
  int position;  // of the item's reads
  std::uint32_t mask;
};

}  // namespace

std::uint32_t overwritten_by(Routine routine) {
  // Steps need a pair besides the arguments.
  if (routine == Routine::mul_i32_steps) return workspace_mask(4);
  if (static_cast<std::size_t>(routine) >= std::size(kRoutineCosts)) return workspace_mask();
  return cost_of(routine).overwritten;
}

std::uint32_t registers_of_routines(const Code& code) {
  std::uint32_t mask = 0;
  for (const CodeItem& item : code.items) {
    if (item.group != Group::routine) continue;
    mask |= item.routine == Routine::mul_i32_steps ? workspace_mask(4) : workspace_mask();
  }
  return mask;
}

void forbid_overwritten(const Code& code, std::vector<Interval>& intervals) {
  const std::uint32_t all = workspace_mask();
  std::vector<Site> sites;
  std::vector<std::uint32_t> of_operand(code.is_pair.size(), 0);
  for (std::size_t i = 0; i < code.items.size(); ++i) {
    const CodeItem& item = code.items[i];
    if (item.group != Group::routine) continue;
    sites.push_back({2 * static_cast<int>(i), overwritten_by(item.routine)});
    for (int k = 0; k < item.count; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      if (operand.is_virtual()) of_operand[static_cast<std::size_t>(operand.value)] = all;
    }
  }
  if (sites.empty()) return;
  for (Interval& interval : intervals) {
    interval.forbidden = of_operand[static_cast<std::size_t>(interval.vreg)];
    for (const LiveRange& segment : interval.live) {
      auto site =
          std::lower_bound(sites.begin(), sites.end(), segment.start,
                           [](const Site& s, int position) { return s.position + 1 < position; });
      for (; site != sites.end() && site->position <= segment.end; ++site)
        interval.forbidden |= site->mask;
      if (interval.forbidden == all) break;
    }
  }
}

}  // namespace pimjit::upmem
