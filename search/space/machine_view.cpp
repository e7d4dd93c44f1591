#include "pimjit/search/space/machine_view.h"

#include <algorithm>

namespace pimjit {
namespace {

bool is_listed(const std::vector<int>& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::vector<int> cache_scopes_of(const TargetDesc& target) {
  std::vector<int> scopes;
  const int home = target.home_scope();
  for (int s = 0; s < static_cast<int>(target.scopes.size()); ++s) {
    const Scope& scope = target.scopes[static_cast<size_t>(s)];
    const bool elements = scope.element_access && scope.element_writes;
    if (elements && s != home && target.find_link(home, s) >= 0 && target.find_link(s, home) >= 0) {
      scopes.push_back(s);
    }
  }
  return scopes;
}

}  // namespace

MachineView view_of(const TargetDesc& target) {
  MachineView view;
  view.only_padding = !target.limits.control_flow;
  for (int l = 0; l < static_cast<int>(target.levels.size()); ++l) {
    const Level& level = target.levels[static_cast<size_t>(l)];
    view.has_lanes = view.has_lanes || level.kind == LevelKind::lane;
    if (level.kind == LevelKind::lockstep) view.only_padding = true;
    if (level.kind != LevelKind::independent && level.kind != LevelKind::lockstep) continue;
    const bool up_to_unit = l <= target.unit_level();
    view.levels.push_back(
        {l, level.count, up_to_unit, !up_to_unit && is_listed(target.reduction_stages, l)});
  }
  view.cache_scopes = cache_scopes_of(target);
  for (size_t s = 0; s < target.scopes.size(); ++s) {
    const Scope& scope = target.scopes[s];
    if (scope.host == HostAccess::broadcast && scope.element_access && view.shared_scope < 0) {
      view.shared_scope = static_cast<int>(s);
    }
  }
  view.host_reduces = is_listed(target.reduction_stages, kHost);
  view.tunes_reduction = view.host_reduces && target.origin == TimeOrigin::measured;
  view.direct_home =
      target.scopes[static_cast<size_t>(target.home_scope())].host == HostAccess::direct;
  view.unit_count = target.instances(target.unit_level());
  return view;
}

}  // namespace pimjit
