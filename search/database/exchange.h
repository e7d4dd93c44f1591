#ifndef PIMJIT_SEARCH_DATABASE_EXCHANGE_H_
#define PIMJIT_SEARCH_DATABASE_EXCHANGE_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "pimjit/search/database/database.h"

namespace pimjit {

// Records as JSON Lines: the form in which they are sent, diffed and kept under version control.
// Any thread.

// All records, ordered by id: databases with the same records give the same text. The number
// written. Errors (user): those of the database; "unwritable_output".
Result<int64_t> export_records(const Database& database, std::ostream& out);

struct Imported {
  int64_t read = 0, added = 0;
  std::vector<std::string> skipped;  // "line 7: why", at most kSkippedShown of them
  int64_t skipped_count = 0;
};
inline constexpr size_t kSkippedShown = 20;

// Adds what is not there yet, all or nothing; lines that are no records are skipped and told.
// Importing twice changes nothing, and the order of several imports does not matter. Errors (user):
// those of the database.
Result<Imported> import_records(const Database& database, std::istream& in);

// Adds the records of `from`. The number of new ones.
Result<int64_t> merge_records(const Database& into, const Database& from);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_EXCHANGE_H_
