#include "pimjit/tools/pimjit/database_option.h"

namespace pimjit::cli {

Result<Database> open_database(const std::string& given, bool read_only, const char* hint) {
  const std::string path = given.empty() ? default_database_path() : given;
  if (path.empty()) {
    return fail(user_error("database_missing", "there is no home folder for the record database",
                           {}, hint));
  }
  return Database::open(path, {.read_only = read_only});
}

}  // namespace pimjit::cli
