#include "pimjit/search/database/schema.h"

#include "pimjit/core/support/text.h"
#include "pimjit/search/database/statement.h"

namespace pimjit {
namespace {

// "pimj" in ASCII: tells our files from those of other programs.
constexpr int64_t kApplicationId = 0x70696d6a;

// The statements that lead from version n to n + 1; never edited, only appended to.
constexpr const char* kSteps[kSchemaVersion] = {
    R"(CREATE TABLE workloads (
         id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, computation TEXT NOT NULL,
         notation TEXT NOT NULL, sizes TEXT NOT NULL);
       CREATE INDEX workloads_by_computation ON workloads (computation);
       CREATE TABLE targets (
         id INTEGER PRIMARY KEY, structure TEXT NOT NULL, model TEXT NOT NULL, name TEXT NOT NULL,
         plugin TEXT NOT NULL, description TEXT NOT NULL, UNIQUE (structure, model, name, plugin));
       CREATE TABLE records (
         id TEXT NOT NULL UNIQUE, workload INTEGER NOT NULL REFERENCES workloads (id),
         target INTEGER NOT NULL REFERENCES targets (id), verdict TEXT NOT NULL,
         total_ns REAL NOT NULL, session TEXT NOT NULL, trial INTEGER NOT NULL,
         line TEXT NOT NULL);
       CREATE INDEX records_by_key ON records (workload, target, verdict, total_ns);)",
    R"(CREATE TABLE sessions (
         id TEXT PRIMARY KEY, description TEXT NOT NULL, state TEXT NOT NULL,
         trials INTEGER NOT NULL, candidates TEXT NOT NULL, started INTEGER NOT NULL,
         changed INTEGER NOT NULL) WITHOUT ROWID;
       CREATE INDEX records_by_session ON records (session, trial) WHERE session <> '';)",
};

Result<int64_t> pragma(sqlite3* connection, const std::string& path, const char* sql) {
  Statement statement(connection, path, sql);
  const int64_t value = statement.row() ? statement.integer(0) : 0;
  if (Status read = statement.status(); !read) return fail(read.error());
  return value;
}

Status upgrade(sqlite3* connection, const std::string& path) {
  Transaction transaction(connection, path);
  if (!transaction.begun()) return transaction.begun();
  // Another process may have done it while this one waited.
  const Result<int64_t> version = pragma(connection, path, "PRAGMA user_version");
  if (!version) return fail(version.error());
  for (int64_t v = *version; v < kSchemaVersion; ++v) {
    if (Status done = execute(connection, path, kSteps[v]); !done) return done;
  }
  const std::string mark =
      cat("PRAGMA application_id = ", kApplicationId, "; PRAGMA user_version = ", kSchemaVersion);
  if (Status done = execute(connection, path, mark.c_str()); !done) return done;
  return transaction.commit();
}

}  // namespace

Status prepare_schema(sqlite3* connection, const std::string& path, bool read_only) {
  const Result<int64_t> version = pragma(connection, path, "PRAGMA user_version");
  if (!version) return fail(version.error());
  const Result<int64_t> application = pragma(connection, path, "PRAGMA application_id");
  if (!application) return fail(application.error());
  const Result<int64_t> tables =
      pragma(connection, path, "SELECT count(*) FROM sqlite_master WHERE type = 'table'");
  if (!tables) return fail(tables.error());
  if (*application != kApplicationId && (*application != 0 || *tables != 0)) {
    return fail(user_error("database_corrupt", "this is the database of another program", path,
                           "choose another file with --db"));
  }
  if (*version > kSchemaVersion) {
    return fail(user_error("database_newer",
                           cat("the record database has version ", *version,
                               ", this pimjit works with ", kSchemaVersion),
                           path, "use the newer pimjit, or another file with --db"));
  }
  if (*version == kSchemaVersion) return {};
  if (read_only) {
    return fail(user_error("database_read_only",
                           cat("the record database has version ", *version,
                               " and cannot be brought to ", kSchemaVersion, " without writing it"),
                           path, "open it once with write access"));
  }
  return upgrade(connection, path);
}

}  // namespace pimjit
