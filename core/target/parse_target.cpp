#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/enum_names.h"
#include "pimjit/core/target/parse_parts.h"

namespace pimjit {
namespace {

constexpr int64_t kSchema = 1;

template <typename Part>
Names names_of(const std::vector<Part>& parts) {
  Names names;
  for (const Part& part : parts) names.push_back(part.name);
  return names;
}

void parse_heading(TableReader& root, TargetDesc& target) {
  root.version("schema", {kSchema, kSchema});
  const TomlValue* table = root.child("target", TomlKind::table);
  if (table == nullptr) return;
  TableReader reader(root.context(), *table, "target");
  target.id = reader.name("id");
  target.summary = reader.text("summary", "");
  target.origin = static_cast<TimeOrigin>(
      reader.choice("origin", target_names::kTimeOrigins, static_cast<int>(TimeOrigin::modelled)));
  target.clock_mhz = reader.number("clock_mhz", 0, 0);
  target.clock_provenance = reader.provenance();
  reader.finish();
}

// The line of the dotted key `path`, or of the innermost table around it that stands in the file.
TextPosition place_of(const ReadContext& context, std::string path) {
  while (!path.empty()) {
    const auto at = context.places.find(path);
    if (at != context.places.end()) return at->second;
    const size_t dot = path.rfind('.');
    path.resize(dot == std::string::npos ? 0 : dot);
  }
  return {};
}

}  // namespace

Names level_names(const TargetDesc& target) {
  return names_of(target.levels);
}
Names scope_names(const TargetDesc& target) {
  return names_of(target.scopes);
}
Names link_names(const TargetDesc& target) {
  return names_of(target.links);
}

void each_table(TableReader& root, const std::string& key,
                const std::function<void(TableReader&)>& read) {
  const std::vector<TomlValue>* tables = root.items(key);
  if (tables == nullptr) return;
  Names seen;
  for (size_t i = 0; i < tables->size(); ++i) {
    const TomlValue& table = (*tables)[i];
    if (table.kind != TomlKind::table) {
      root.context().fail_at(
          table.position, "wrong_type",
          cat(key, " must be an array of tables, not of ", describe(table.kind), " and others"),
          cat("write one [[", key, "]] heading per entry"));
      return;
    }
    const TomlValue* name = table.find("name");
    const bool named = name != nullptr && name->kind == TomlKind::text && is_name(name->text);
    TableReader reader(root.context(), table,
                       named ? cat(key, ".", name->text) : cat(key, "[", i, "]"));
    read(reader);
    reader.finish();
    if (!named) continue;
    if (std::find(seen.begin(), seen.end(), name->text) != seen.end()) {
      root.context().fail_at(name->position, "duplicate_name",
                             cat("two ", key, "s are called \"", name->text, '"'));
    }
    seen.push_back(name->text);
  }
}

int resolve(TableReader& reader, const std::string& key, const std::string& name,
            const Names& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<int>(at - names.begin());
  const TomlValue* value = reader.table().find(key);
  reader.context().fail_at(value != nullptr ? value->position : reader.table().position,
                           "unknown_name",
                           cat(reader.key_path(key), " names \"", name, "\", which is not defined"),
                           suggest(name, names));
  return -1;
}

Result<TargetDesc> parse_target(const std::string& toml_text, const std::string& file) {
  Result<TomlValue> tree = parse_toml(toml_text, file, Origin::user);
  if (!tree) return fail(tree.error());
  ReadContext context;
  context.file = file;
  context.needs_provenance = false;  // the file as a whole has no source; its tables have
  TableReader root(context, *tree, "");
  context.needs_provenance = true;
  for (const char* key : {"schema", "target", "level", "scope", "numerics"}) root.require(key);
  for (const char* key : {"link", "reduction", "limits", "host", "intrinsic", "mode", "plugin"}) {
    root.any(key);
  }
  root.finish();  // first, since a table with a misspelt name explains whatever else is wrong
  TargetDesc target;
  parse_heading(root, target);
  using Parse = void (*)(TableReader&, TargetDesc&);
  for (const Parse parse :
       {parse_levels, parse_scopes, parse_links, parse_reduction, parse_numerics, parse_limits,
        parse_host, parse_intrinsics, parse_modes, parse_plugin_table}) {
    parse(root, target);
  }
  if (context.error) return fail(*context.error);
  target.number_sources = std::move(context.number_sources);
  Status status = resolve_plugin_references(target);
  if (status) status = check_target(target);
  if (!status) {
    Error error = status.error();
    const std::string key = error.where;
    error.where = cat(place_text(file, place_of(context, key)), key.empty() ? "" : ": ", key);
    return fail(std::move(error));
  }
  return target;
}

Result<TargetDesc> load_target(const std::string& path) {
  const Result<std::string> text = read_text_file(path, Origin::user);
  if (!text) return fail(text.error());
  return parse_target(*text, path);
}

}  // namespace pimjit
