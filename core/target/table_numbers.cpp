// The part of TableReader that reads numbers and holds them against the provenance rule
// (docs/targets.md).
#include <cmath>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/table_reader.h"

namespace pimjit {

void TableReader::need_provenance(const std::string& key, TextPosition position) {
  if (!context_.needs_provenance || !provenance_.source.empty()) return;
  context_.fail_at(position, "missing_provenance",
                   cat("[", path_, "] holds a number, `", key, "`, but says no `source`"),
                   "add source = \"where the numbers come from\" and confidence = \"spec\", "
                   "\"measured\", \"fitted\" or \"guess\"");
}

const TomlValue* TableReader::number_value(const std::string& key) {
  const TomlValue* value = look(key);
  if (value == nullptr) return nullptr;
  if (value->kind != TomlKind::table) {
    need_provenance(key, value->position);
    return value;
  }
  const std::string path = key_path(key);
  TableReader inner(context_, *value, path, &provenance_);
  const TomlValue* own = inner.any("value");
  inner.require("value");
  inner.finish();
  if (own == nullptr) return nullptr;
  inner.need_provenance("value", own->position);
  if (value->find("source") != nullptr) context_.number_sources[path] = inner.provenance();
  return own;
}

int64_t TableReader::integer(const std::string& key, IntRange range, int64_t fallback) {
  const TomlValue* value = number_value(key);
  if (value == nullptr) return fallback;
  if (value->kind != TomlKind::integer) {
    wrong_type(key, *value, "an integer");
    return fallback;
  }
  if (value->integer >= range.low && value->integer <= range.high) return value->integer;
  const std::string bounds = range.low == range.high ? cat(range.low)
                             : range.high == INT64_MAX
                                 ? cat("at least ", range.low)
                                 : cat("between ", range.low, " and ", range.high);
  context_.fail_at(value->position, "out_of_range",
                   cat(key_path(key), " is ", value->integer, "; it must be ", bounds));
  return fallback;
}

int64_t TableReader::integer(const std::string& key, IntRange range) {
  require(key);
  return integer(key, range, range.low);
}

int64_t TableReader::version(const std::string& key, IntRange range) {
  const bool needed = context_.needs_provenance;
  context_.needs_provenance = false;
  const int64_t result = integer(key, range);
  context_.needs_provenance = needed;
  return result;
}

double TableReader::number(const std::string& key, double low, double fallback) {
  const TomlValue* value = number_value(key);
  return value != nullptr ? plain_number(*value, key_path(key), low) : fallback;
}

const std::vector<TomlValue>* TableReader::numbers(const std::string& key) {
  const std::vector<TomlValue>* values = items(key);
  if (values != nullptr && !values->empty()) need_provenance(key, values->front().position);
  return values;
}

double TableReader::plain_number(const TomlValue& value, const std::string& what, double low) {
  if (value.kind != TomlKind::integer && value.kind != TomlKind::real) {
    context_.fail_at(value.position, "wrong_type",
                     cat(what, " must be a number, not ", describe(value.kind)));
    return low;
  }
  const double result =
      value.kind == TomlKind::integer ? static_cast<double>(value.integer) : value.real;
  if (std::isfinite(result) && result >= low) return result;
  context_.fail_at(
      value.position, "out_of_range",
      cat(what, " is ", shortest(result), "; it must be finite and at least ", shortest(low)));
  return low;
}

}  // namespace pimjit
