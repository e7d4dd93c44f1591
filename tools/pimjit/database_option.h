#ifndef PIMJIT_TOOLS_PIMJIT_DATABASE_OPTION_H_
#define PIMJIT_TOOLS_PIMJIT_DATABASE_OPTION_H_

#include <string>

#include "pimjit/search/database/database.h"

namespace pimjit::cli {

// The record database that --db names, else the user's own. `hint` is what to do where there is no
// home folder for that. Errors (user): database_missing, and those of Database::open.
Result<Database> open_database(const std::string& given, bool read_only,
                               const char* hint = "name a file with --db");

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_DATABASE_OPTION_H_
