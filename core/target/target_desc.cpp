#include "pimjit/core/target/target_desc.h"

#include "pimjit/core/target/enum_names.h"

namespace pimjit {
namespace {

constexpr int64_t kManyBytes = INT64_MAX;

// a * b for non-negative numbers, at most INT64_MAX.
int64_t saturated_product(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kManyBytes : product;
}

template <typename Part>
int find_name(const std::vector<Part>& parts, const std::string& name) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

template <typename Enum, size_t N>
const char* name_of(const char* const (&names)[N], Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < N ? names[index] : "?";
}

}  // namespace

int TargetDesc::find_level(const std::string& name) const {
  return find_name(levels, name);
}

int TargetDesc::find_scope(const std::string& name) const {
  return find_name(scopes, name);
}

int TargetDesc::find_link(int from, int to) const {
  for (size_t i = 0; i < links.size(); ++i) {
    if (links[i].from == from && links[i].to == to) return static_cast<int>(i);
  }
  return -1;
}

const Numeric& TargetDesc::numeric(DType t, NumericOp op) const {
  static constexpr Numeric kAbsent{Support::absent, 0};
  const auto at = numerics.find(t);
  return at != numerics.end() ? at->second[static_cast<size_t>(op)] : kAbsent;
}

int64_t TargetDesc::instances(int level) const {
  int64_t product = 1;
  for (int i = 0; i <= level && i < static_cast<int>(levels.size()); ++i) {
    product = saturated_product(product, levels[static_cast<size_t>(i)].count);
  }
  return product;
}

int TargetDesc::home_scope() const {
  int best = -1;
  int64_t best_bytes = -1;
  for (size_t i = 0; i < scopes.size(); ++i) {
    const Scope& scope = scopes[i];
    if (scope.host != HostAccess::copy && scope.host != HostAccess::direct) continue;
    const int64_t bytes = saturated_product(scope.capacity, instances(scope.level));
    if (bytes > best_bytes) {
      best = static_cast<int>(i);
      best_bytes = bytes;
    }
  }
  return best;
}

int TargetDesc::unit_level() const {
  const int home = home_scope();
  return home >= 0 ? scopes[static_cast<size_t>(home)].level : -1;
}

int TargetDesc::issue_level() const {
  for (size_t i = levels.size(); i-- > 0;) {
    if (levels[i].kind == LevelKind::independent) return static_cast<int>(i);
  }
  return -1;
}

double TargetDesc::issue_interval() const {
  const int level = issue_level();
  return level >= 0 ? levels[static_cast<size_t>(level)].issue_interval : 1;
}

const char* to_string(LevelKind kind) {
  return name_of(target_names::kLevelKinds, kind);
}
const char* to_string(HostAccess access) {
  return name_of(target_names::kHostAccesses, access);
}
const char* to_string(Selection select) {
  return name_of(target_names::kSelects, select);
}
const char* to_string(SumOrder order) {
  return name_of(target_names::kSumOrders, order);
}
const char* to_string(NumericOp op) {
  return name_of(target_names::kNumericOps, op);
}
const char* to_string(Support support) {
  return name_of(target_names::kSupports, support);
}
const char* to_string(Confidence value) {
  return name_of(target_names::kConfidences, value);
}
const char* to_string(TimeOrigin origin) {
  return name_of(target_names::kTimeOrigins, origin);
}

}  // namespace pimjit
