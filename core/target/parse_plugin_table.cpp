#include "pimjit/core/support/text.h"
#include "pimjit/core/target/parse_parts.h"

namespace pimjit {
namespace {

bool is_number(const TomlValue& value) {
  return value.kind == TomlKind::integer || value.kind == TomlKind::real;
}

// Walks the free-form [plugin] table: provenance as everywhere, values as texts under dotted keys.
class PluginTable {
 public:
  PluginTable(ReadContext& context, TargetDesc& target) : context_(context), target_(target) {}

  void read(const TomlValue& table, const std::string& prefix, const Provenance* around) {
    const std::string path = cat("plugin", prefix.empty() ? "" : ".", prefix);
    context_.places.emplace(path, table.position);
    const std::optional<Provenance> own = provenance_of(context_, table, path);
    const Provenance* provenance = own ? &*own : around;
    for (const auto& [name, value] : table.entries) {
      if (name == "source" || name == "confidence") continue;
      const std::string key = prefix.empty() ? name : cat(prefix, ".", name);
      context_.places.emplace(cat("plugin.", key), value.position);
      if (value.kind != TomlKind::table) {
        add(key, value, provenance);
      } else if (const TomlValue* single = value.find("value")) {
        read_single(key, value, *single, provenance);
      } else {
        read(value, key, provenance);
      }
    }
  }

 private:
  void read_single(const std::string& key, const TomlValue& table, const TomlValue& value,
                   const Provenance* around) {
    TableReader reader(context_, table, cat("plugin.", key), around);
    reader.any("value");
    reader.finish();
    const bool stated = !reader.provenance().source.empty();
    if (table.find("source") != nullptr) {
      context_.number_sources[cat("plugin.", key)] = reader.provenance();
    }
    add(key, value, stated ? &reader.provenance() : nullptr);
  }

  void add(const std::string& key, const TomlValue& value, const Provenance* provenance) {
    const std::string text = text_of(key, value, provenance);
    target_.plugin[key] = text;
    if (text.starts_with('@')) target_.plugin_references[key] = text.substr(1);
  }

  std::string text_of(const std::string& key, const TomlValue& value,
                      const Provenance* provenance) {
    if (is_number(value) && provenance == nullptr) {
      context_.fail_at(value.position, "missing_provenance",
                       cat("plugin.", key, " is a number without a source"),
                       "add `source` and `confidence` to the table");
    }
    switch (value.kind) {
      case TomlKind::text:
        return value.text;
      case TomlKind::integer:
        return cat(value.integer);
      case TomlKind::real:
        return shortest(value.real);
      case TomlKind::boolean:
        return value.boolean ? "true" : "false";
      case TomlKind::array: {
        std::vector<std::string> parts;
        for (const TomlValue& item : value.items) parts.push_back(text_of(key, item, provenance));
        return join(parts, ",");
      }
      case TomlKind::table:
      case TomlKind::date:
        break;
    }
    context_.fail_at(value.position, "wrong_type",
                     cat("plugin.", key, " cannot hold ", describe(value.kind)));
    return "";
  }

  ReadContext& context_;
  TargetDesc& target_;
};

}  // namespace

void parse_plugin_table(TableReader& root, TargetDesc& target) {
  const TomlValue* table = root.child("plugin", TomlKind::table);
  if (table != nullptr) PluginTable(root.context(), target).read(*table, "", nullptr);
}

}  // namespace pimjit
