#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/enum_names.h"
#include "pimjit/core/target/parse_parts.h"

namespace pimjit {
namespace {

constexpr int64_t kMaxCount = int64_t{1} << 31;
constexpr int64_t kMaxBytes = int64_t{1} << 50;

CombineSet read_combine(TableReader& reader) {
  CombineSet set = 0;
  const Names known(std::begin(target_names::kCombineOps), std::end(target_names::kCombineOps));
  for (const std::string& name : reader.texts("combine")) {
    const int index = resolve(reader, "combine", name, known);
    if (index >= 0) set |= CombineSet{1} << (index + 1);
  }
  return set;
}

void read_element_access(TableReader& reader, Scope& scope) {
  const int access = reader.choice("element_access", target_names::kElementAccesses, 2);
  scope.element_access = access != 0;
  scope.element_writes = access == 2;
}

// An end of a link: a scope or kHost.
int read_end(TableReader& reader, const std::string& key, const TargetDesc& target) {
  const std::string name = reader.text(key);
  if (name == "host" || !reader.has(key)) return kHost;
  Names known = scope_names(target);
  known.push_back("host");
  return resolve(reader, key, name, known);
}

int64_t granule_of(const TargetDesc& target, int end) {
  return end >= 0 ? target.scopes[static_cast<size_t>(end)].granule : 1;
}

std::vector<std::array<double, 2>> read_pairs(TableReader& cost, const std::string& key,
                                              const char* what) {
  std::vector<std::array<double, 2>> pairs;
  const std::string path = cost.key_path(key);
  const std::vector<TomlValue>* rows = cost.numbers(key);
  if (rows == nullptr) return pairs;
  for (const TomlValue& row : *rows) {
    if (row.kind != TomlKind::array || row.items.size() != 2) {
      cost.context().fail_at(row.position, "wrong_type", cat(path, " must hold pairs ", what));
      break;
    }
    pairs.push_back(
        {cost.plain_number(row.items[0], path, 0), cost.plain_number(row.items[1], path, 0)});
  }
  return pairs;
}

LinkCost read_cost(TableReader& link) {
  LinkCost cost;
  link.require("cost");
  const TomlValue* table = link.child("cost", TomlKind::table);
  if (table == nullptr) return cost;
  TableReader reader(link.context(), *table, link.key_path("cost"), &link.provenance());
  cost.fixed_ns = reader.number("fixed_ns", 0, 0);
  cost.per_unit_ns = reader.number("per_unit_ns", 0, 0);
  cost.ns_per_byte = reader.number("ns_per_byte", 0, 0);
  cost.table = read_pairs(reader, "table", "[bytes per unit, bytes per ns]");
  cost.units = read_pairs(reader, "units", "[units, share of the bandwidth]");
  reader.finish();
  return cost;
}

Link read_link(TableReader& reader, const TargetDesc& target) {
  Link link{};
  link.name = reader.name("name");
  link.from = read_end(reader, "from", target);
  link.to = read_end(reader, "to", target);
  const int64_t granule = std::max(granule_of(target, link.from), granule_of(target, link.to));
  link.multiple = reader.integer("multiple", {1, kMaxBytes}, granule);
  link.min_bytes = reader.integer("min_bytes", {1, kMaxBytes}, link.multiple);
  link.max_bytes = reader.integer("max_bytes", {1, INT64_MAX}, INT64_MAX);
  link.alignment = reader.integer("alignment", {1, kMaxBytes}, granule);
  link.parallel_units = reader.integer("parallel_units", {1, INT64_MAX}, 1);
  link.equal_sizes = reader.boolean("equal_sizes", false);
  link.broadcast = reader.boolean("broadcast", false);
  link.broadcast_costs_per_unit = reader.boolean("broadcast_costs_per_unit", true);
  link.blocking = reader.boolean("blocking", true);
  link.resource = reader.text("resource", link.name);
  link.cost = read_cost(reader);
  link.provenance = reader.provenance();
  return link;
}

}  // namespace

void parse_levels(TableReader& root, TargetDesc& target) {
  each_table(root, "level", [&](TableReader& reader) {
    Level level{};
    level.name = reader.name("name");
    level.kind = static_cast<LevelKind>(reader.choice("kind", target_names::kLevelKinds));
    level.count = reader.integer("count", {1, kMaxCount});
    level.select = static_cast<Selection>(
        reader.choice("select", target_names::kSelects, static_cast<int>(Selection::range)));
    level.barrier = reader.boolean("barrier", false);
    level.combine = read_combine(reader);
    level.issue_interval = reader.number("issue_interval", 1, 1);
    level.provenance = reader.provenance();
    target.levels.push_back(std::move(level));
  });
}

void parse_scopes(TableReader& root, TargetDesc& target) {
  // "device" comes first, so that the index among these names is the level plus one.
  Names places = level_names(target);
  places.insert(places.begin(), "device");
  each_table(root, "scope", [&](TableReader& reader) {
    Scope scope{};
    scope.name = reader.name("name");
    const std::string at = reader.text("at");
    scope.level = reader.has("at") ? std::max(0, resolve(reader, "at", at, places)) - 1 : -1;
    scope.capacity = reader.integer("capacity", {1, kMaxBytes});
    scope.reserved = reader.integer("reserved", {0, kMaxBytes}, 0);
    scope.reserved_per_instance = reader.integer("reserved_per_instance", {0, kMaxBytes}, 0);
    scope.granule = reader.integer("granule", {1, kMaxBytes}, 1);
    scope.alignment = reader.integer("alignment", {1, kMaxBytes}, scope.granule);
    read_element_access(reader, scope);
    scope.host = static_cast<HostAccess>(reader.choice("host", target_names::kHostAccesses, 0));
    scope.provenance = reader.provenance();
    target.scopes.push_back(std::move(scope));
  });
}

void parse_links(TableReader& root, TargetDesc& target) {
  each_table(root, "link",
             [&](TableReader& reader) { target.links.push_back(read_link(reader, target)); });
}

}  // namespace pimjit
