#ifndef PIMJIT_CORE_TARGET_TABLE_READER_H_
#define PIMJIT_CORE_TARGET_TABLE_READER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/target/toml_value.h"

namespace pimjit {

// What the readers of one file share. The first error stays; after it readers return defaults, so
// that callers ask for all keys of a table in a row and look at `error` once at the end.
struct ReadContext {
  std::string file;
  Origin origin = Origin::user;
  bool needs_provenance = true;  // numbers need a source and a confidence
  std::optional<Error> error;
  std::map<std::string, Provenance> number_sources;  // single numbers with a source of their own
  std::map<std::string, TextPosition> places;        // dotted key -> where it stands

  // Takes `what` as the error unless there is one.
  void fail_at(TextPosition position, std::string code, std::string what, std::string hint = {});
};

struct IntRange {
  int64_t low = 0, high = INT64_MAX;
};

using Names = std::vector<std::string>;

// One table while it is read: typed access, provenance, and in finish() the search for unknown
// keys. Not thread-safe.
class TableReader {
 public:
  // `path` is the dotted key of the table ("scope.bank"), `inherited` the provenance around it or
  // null.
  TableReader(ReadContext& context, const TomlValue& table, std::string path,
              const Provenance* inherited = nullptr);

  bool has(const std::string& key);
  const std::string& path() const { return path_; }
  const TomlValue& table() const { return table_; }
  ReadContext& context() { return context_; }
  // Of the table; empty source when it has none.
  const Provenance& provenance() const { return provenance_; }

  std::string key_path(const std::string& key) const;  // "scope.bank.granule"

  // Required without a fallback, optional with one. choice: the index of the text in `values`.
  std::string text(const std::string& key);
  std::string text(const std::string& key, const std::string& fallback);
  std::string name(const std::string& key);  // a text that is a well-formed name
  int64_t integer(const std::string& key, IntRange range);
  int64_t integer(const std::string& key, IntRange range, int64_t fallback);
  int64_t version(const std::string& key, IntRange range);             // required; no provenance
  double number(const std::string& key, double low, double fallback);  // finite, >= low
  bool boolean(const std::string& key, bool fallback);
  int choice(const std::string& key, std::span<const char* const> values);
  int choice(const std::string& key, std::span<const char* const> values, int fallback);
  std::vector<std::string> texts(const std::string& key);         // [] when absent
  const std::vector<TomlValue>* items(const std::string& key);    // null when absent
  const std::vector<TomlValue>* numbers(const std::string& key);  // items that need provenance
  const TomlValue* child(const std::string& key,
                         TomlKind kind);         // null when absent or of another kind
  const TomlValue* any(const std::string& key);  // null when absent

  // A number that is not one of the table's own keys, e.g. inside an array.
  double plain_number(const TomlValue& value, const std::string& what, double low);
  void require(const std::string& key);  // an error unless the key is there

  // Errors: unknown keys first, then what is missing.
  void finish();

 private:
  const TomlValue* look(const std::string& key);
  const TomlValue* number_value(const std::string& key);
  void need_provenance(const std::string& key, TextPosition position);
  void wrong_type(const std::string& key, const TomlValue& value, const char* wanted);
  void read_provenance(const Provenance* inherited);

  ReadContext& context_;
  const TomlValue& table_;
  std::string path_;
  Provenance provenance_;
  Names known_;
  std::vector<std::string> missing_;
};

// Reads the "source" and "confidence" of `table`; nothing when it has neither. Errors: one without
// the other, bad confidence.
std::optional<Provenance> provenance_of(ReadContext& context, const TomlValue& table,
                                        const std::string& path);

// "have" and the nearest of `known` as a hint: "did you mean \"bank\"?", or the whole list when
// none is near.
std::string suggest(const std::string& have, const Names& known);

// A letter, then letters, digits and `_`, all lower case.
bool is_name(const std::string& text);

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_TABLE_READER_H_
