#include "pimjit/core/target/table_reader.h"

#include <algorithm>
#include <cmath>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

const Names kConfidences = {"spec", "measured", "fitted", "guess"};

std::string quoted_list(const Names& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(cat('"', name, '"'));
  return join(quoted, ", ");
}

}  // namespace

void ReadContext::fail_at(TextPosition position, std::string code, std::string what,
                          std::string hint) {
  if (error) return;
  error = Error{origin,          std::move(code), std::move(what), place_text(file, position),
                std::move(hint), nullptr};
}

bool is_name(const std::string& text) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (text.empty() || !letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::string suggest(const std::string& have, const Names& known) {
  const std::string nearest = nearest_name(have, known);
  if (!nearest.empty()) return cat("did you mean \"", nearest, "\"?");
  if (known.empty()) return "";
  return cat("known are ", quoted_list(known));
}

std::optional<Provenance> provenance_of(ReadContext& context, const TomlValue& table,
                                        const std::string& path) {
  const TomlValue* source = table.find("source");
  const TomlValue* confidence = table.find("confidence");
  if (source == nullptr && confidence == nullptr) return std::nullopt;
  if (source == nullptr || confidence == nullptr) {
    const char* have = source != nullptr ? "source" : "confidence";
    const char* missing = source != nullptr ? "confidence" : "source";
    context.fail_at((source != nullptr ? source : confidence)->position, "missing_provenance",
                    cat(path, " has `", have, "` but no `", missing, "`"),
                    "numbers need both: where they come from, and \"spec\", \"measured\", "
                    "\"fitted\" or \"guess\"");
    return std::nullopt;
  }
  Provenance result;
  if (source->kind != TomlKind::text || source->text.empty()) {
    context.fail_at(source->position, "wrong_type", cat(path, ".source must be a text, not empty"));
  }
  result.source = source->text;
  const auto at = std::find(kConfidences.begin(), kConfidences.end(), confidence->text);
  if (confidence->kind != TomlKind::text || at == kConfidences.end()) {
    context.fail_at(confidence->position, "unknown_name",
                    cat(path, ".confidence must be one of ", quoted_list(kConfidences)),
                    suggest(confidence->text, kConfidences));
    return std::nullopt;
  }
  result.confidence = static_cast<Confidence>(at - kConfidences.begin());
  return result;
}

TableReader::TableReader(ReadContext& context, const TomlValue& table, std::string path,
                         const Provenance* inherited)
    : context_(context), table_(table), path_(std::move(path)) {
  context_.places.emplace(path_, table_.position);
  for (const auto& [key, value] : table_.entries) {
    context_.places.emplace(key_path(key), value.position);
  }
  if (context_.needs_provenance) read_provenance(inherited);
}

void TableReader::read_provenance(const Provenance* inherited) {
  known_ = {"source", "confidence"};
  if (const auto own = provenance_of(context_, table_, path_)) {
    provenance_ = *own;
  } else if (inherited != nullptr) {
    provenance_ = *inherited;
  }
}

const TomlValue* TableReader::look(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  return table_.find(key);
}

std::string TableReader::key_path(const std::string& key) const {
  return path_.empty() ? key : cat(path_, ".", key);
}

bool TableReader::has(const std::string& key) {
  return look(key) != nullptr;
}

const TomlValue* TableReader::any(const std::string& key) {
  return look(key);
}

void TableReader::require(const std::string& key) {
  if (look(key) == nullptr) missing_.push_back(key);
}

void TableReader::wrong_type(const std::string& key, const TomlValue& value, const char* wanted) {
  context_.fail_at(value.position, "wrong_type",
                   cat(key_path(key), " must be ", wanted, ", not ", describe(value.kind)));
}

const TomlValue* TableReader::child(const std::string& key, TomlKind kind) {
  const TomlValue* value = look(key);
  if (value == nullptr) return nullptr;
  if (value->kind != kind) {
    wrong_type(key, *value, describe(kind));
    return nullptr;
  }
  return value;
}

std::string TableReader::text(const std::string& key, const std::string& fallback) {
  const TomlValue* value = child(key, TomlKind::text);
  return value != nullptr ? value->text : fallback;
}

std::string TableReader::text(const std::string& key) {
  require(key);
  return text(key, "");
}

std::string TableReader::name(const std::string& key) {
  const std::string result = text(key);
  const TomlValue* value = table_.find(key);
  if (value != nullptr && !is_name(result)) {
    context_.fail_at(value->position, "bad_name", cat('"', result, "\" is not a name"),
                     "names are a to z, 0 to 9 and _, beginning with a letter");
  }
  if (result == "host" || result == "device") {
    context_.fail_at(value->position, "bad_name", cat('"', result, "\" has a meaning of its own"),
                     "choose another name");
  }
  return result;
}

bool TableReader::boolean(const std::string& key, bool fallback) {
  const TomlValue* value = child(key, TomlKind::boolean);
  return value != nullptr ? value->boolean : fallback;
}

int TableReader::choice(const std::string& key, std::span<const char* const> values, int fallback) {
  const TomlValue* value = child(key, TomlKind::text);
  if (value == nullptr) return fallback;
  const Names names(values.begin(), values.end());
  const auto at = std::find(names.begin(), names.end(), value->text);
  if (at != names.end()) return static_cast<int>(at - names.begin());
  context_.fail_at(
      value->position, "unknown_name",
      cat(key_path(key), " is \"", value->text, "\"; it must be one of ", quoted_list(names)),
      nearest_name(value->text, names).empty() ? "" : suggest(value->text, names));
  return fallback;
}

int TableReader::choice(const std::string& key, std::span<const char* const> values) {
  require(key);
  return choice(key, values, 0);
}

std::vector<std::string> TableReader::texts(const std::string& key) {
  std::vector<std::string> result;
  const std::vector<TomlValue>* values = items(key);
  if (values == nullptr) return result;
  for (const TomlValue& value : *values) {
    if (value.kind != TomlKind::text) wrong_type(key, value, "an array of texts");
    result.push_back(value.text);
  }
  return result;
}

const std::vector<TomlValue>* TableReader::items(const std::string& key) {
  const TomlValue* value = child(key, TomlKind::array);
  return value != nullptr ? &value->items : nullptr;
}

void TableReader::finish() {
  for (const auto& [key, value] : table_.entries) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string where = path_.empty() ? "the file" : cat("[", path_, "]");
    // An unknown key often explains what else looks wrong, so it replaces the error of a missing
    // one.
    context_.fail_at(value.key_position, "unknown_key", cat("unknown key `", key, "` in ", where),
                     suggest(key, known_));
  }
  if (missing_.empty()) return;
  context_.fail_at(
      table_.position, "missing_key",
      cat(path_.empty() ? "the file" : cat("[", path_, "]"), " has no `", missing_.front(), "`"));
}

}  // namespace pimjit
