#ifndef PIMJIT_SEARCH_DATABASE_SCHEMA_H_
#define PIMJIT_SEARCH_DATABASE_SCHEMA_H_

#include <string>

#include "pimjit/core/support/error.h"

struct sqlite3;

namespace pimjit {

// Version of the tables this code works with; kept in the file's user_version.
inline constexpr int kSchemaVersion = 2;

// Makes the tables of an empty file, brings those of an earlier version up to date, refuses later
// versions and files of other programs. `read_only`: an earlier version is an error too.
Status prepare_schema(sqlite3* connection, const std::string& path, bool read_only);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_SCHEMA_H_
