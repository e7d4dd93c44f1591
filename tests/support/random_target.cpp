#include "pimjit/tests/support/random_target.h"

#include <algorithm>
#include <string>

namespace pimjit {
namespace {

const Provenance kDrawn{"drawn at random", Confidence::guess};

int64_t power_of_two(RandomStream& random, int low, int high) {
  return int64_t{1} << random.between(low, high);
}

void add_levels(RandomStream& random, TargetDesc& target) {
  const int64_t depth = random.between(1, 3);
  const bool lockstep = random.chance(0.15);
  const bool lanes = !lockstep && depth > 1 && random.chance(0.2);
  for (int64_t i = 0; i < depth; ++i) {
    Level level{};
    level.name = "l" + std::to_string(i);
    level.count = random.between(1, 9);
    level.kind = LevelKind::independent;
    level.provenance = kDrawn;
    const bool innermost = i + 1 == depth;
    if (lockstep && (innermost || random.chance(0.3))) level.kind = LevelKind::lockstep;
    if (lockstep && i > 0 && target.levels.back().kind == LevelKind::lockstep) {
      level.kind = LevelKind::lockstep;
    }
    if (lanes && innermost) {
      level.kind = LevelKind::lane;
      if (random.chance(0.5)) level.combine = 1u << static_cast<int>(random.between(1, 4));
    }
    if (level.kind == LevelKind::independent) level.barrier = random.chance(0.6);
    target.levels.push_back(std::move(level));
  }
  target.limits.control_flow = !lockstep;
  target.limits.provenance = kDrawn;
}

// The innermost level that can own memory: lanes share what is outside of them.
int innermost_owner(const TargetDesc& target) {
  const int last = static_cast<int>(target.levels.size()) - 1;
  return target.levels.back().kind == LevelKind::lane ? last - 1 : last;
}

Scope random_scope(RandomStream& random, const std::string& name, int level, int64_t capacity) {
  Scope scope{};
  scope.name = name;
  scope.level = level;
  scope.granule = power_of_two(random, 0, 6);
  scope.alignment = scope.granule * power_of_two(random, 0, 2);
  scope.capacity = capacity;
  scope.provenance = kDrawn;
  if (random.chance(0.2)) scope.reserved = scope.granule * random.between(0, 2);
  return scope;
}

void add_scopes(RandomStream& random, TargetDesc& target) {
  const bool control_flow = target.limits.control_flow;
  const bool direct = control_flow && random.chance(0.15);
  // What runs in lockstep computes where it stands: the home is then with the innermost level.
  const int owner = innermost_owner(target);
  const int level = direct ? -1 : control_flow ? static_cast<int>(random.between(0, owner)) : owner;
  Scope home = random_scope(random, "home", level, power_of_two(random, 16, 20));
  home.host = direct ? HostAccess::direct : HostAccess::copy;
  home.element_access = direct || !control_flow || random.chance(0.3);
  home.element_writes = home.element_access;
  const bool needs_scratch = !home.element_access;
  target.scopes.push_back(std::move(home));
  if (needs_scratch || random.chance(0.6)) {
    const int inside = static_cast<int>(random.between(level, owner));
    target.scopes.push_back(random_scope(random, "scratch", inside, power_of_two(random, 9, 16)));
  }
  if (!control_flow && random.chance(0.5)) {
    Scope buffer = random_scope(random, "buffer", -1, power_of_two(random, 11, 14));
    buffer.host = HostAccess::broadcast;
    buffer.element_writes = false;
    target.scopes.push_back(std::move(buffer));
  }
}

Link random_link(RandomStream& random, const TargetDesc& target, const std::string& name, int from,
                 int to) {
  Link link{};
  link.name = name;
  link.from = from;
  link.to = to;
  link.resource = name;
  link.provenance = kDrawn;
  int64_t granule = 1;
  int64_t alignment = INT64_MAX;
  int64_t capacity = INT64_MAX;
  for (const int end : {from, to}) {
    if (end == kHost) continue;
    const Scope& scope = target.scopes[static_cast<size_t>(end)];
    granule = std::max(granule, scope.granule);
    alignment = std::min(alignment, scope.alignment);
    capacity = std::min(capacity, scope.capacity);
  }
  link.multiple = granule * power_of_two(random, 0, 1);
  link.min_bytes = link.multiple * (random.chance(0.3) ? random.between(1, 4) : 1);
  link.alignment = std::min(granule, alignment);
  const bool device = from != kHost && to != kHost;
  if (device && random.chance(0.6)) {
    const int64_t wanted = link.min_bytes * random.between(1, 32);
    link.max_bytes = std::max(link.min_bytes, std::min(wanted, capacity));
    link.max_bytes -= link.max_bytes % link.multiple;
  }
  link.cost.fixed_ns = static_cast<double>(random.between(0, 1000));
  link.cost.ns_per_byte = static_cast<double>(random.between(1, 8)) / 4;
  if (!device) {
    link.parallel_units = random.between(1, 64);
    link.equal_sizes = random.chance(0.5);
    link.broadcast = from == kHost && random.chance(0.5);
  }
  return link;
}

// Makes alignments fit: each scope at least as strict as the granules at the other ends of its
// links.
void align_scopes(TargetDesc& target) {
  int64_t strictest = 1;
  for (const Scope& scope : target.scopes) strictest = std::max(strictest, scope.granule);
  for (Scope& scope : target.scopes) scope.alignment = std::max(scope.alignment, strictest);
}

void add_links(RandomStream& random, TargetDesc& target) {
  align_scopes(target);
  if (target.scopes[0].host == HostAccess::copy) {
    target.links.push_back(random_link(random, target, "push", kHost, 0));
    target.links.push_back(random_link(random, target, "pull", 0, kHost));
  }
  const int scratch = target.find_scope("scratch");
  if (scratch >= 0) {
    target.links.push_back(random_link(random, target, "load", 0, scratch));
    target.links.push_back(random_link(random, target, "store", scratch, 0));
  }
  const int buffer = target.find_scope("buffer");
  if (buffer >= 0) {
    target.links.push_back(random_link(random, target, "fill", kHost, buffer));
    target.links.back().broadcast = true;
  }
}

void add_reduction(RandomStream& random, TargetDesc& target) {
  for (int i = static_cast<int>(target.levels.size()); i-- > 0;) {
    const Level& level = target.levels[static_cast<size_t>(i)];
    const bool shared =
        std::any_of(target.scopes.begin(), target.scopes.end(), [&](const Scope& scope) {
          return scope.level < i && scope.element_access && scope.element_writes;
        });
    const bool possible = level.combine != 0 || (level.barrier && shared);
    if (possible && random.chance(0.8)) target.reduction_stages.push_back(i);
  }
  target.reduction_stages.push_back(kHost);
}

void add_numerics(RandomStream& random, TargetDesc& target) {
  for (const DType type : kTensorDTypes) {
    for (Numeric& numeric : target.numerics[type]) {
      numeric = {Support::native, static_cast<double>(random.between(1, 8))};
    }
    target.numeric_rules[type].provenance = kDrawn;
  }
}

}  // namespace

TargetDesc random_target(RandomStream& random) {
  TargetDesc target;
  target.id = "random";
  target.summary = "a machine drawn at random";
  target.clock_mhz = static_cast<double>(random.between(100, 1000));
  target.clock_provenance = kDrawn;
  target.host.provenance = kDrawn;
  add_levels(random, target);
  add_scopes(random, target);
  add_links(random, target);
  add_reduction(random, target);
  add_numerics(random, target);
  return target;
}

}  // namespace pimjit
