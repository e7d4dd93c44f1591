#include "pimjit/search/database/statement.h"

#include <sqlite3.h>

#include "pimjit/core/support/text.h"

namespace pimjit {

Error database_error(sqlite3* connection, int code, const std::string& path) {
  const char* says = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return user_error("database_read_only", cat("the record database cannot be written: ", says),
                        path, "choose another file with --db, or make this one writable");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return user_error("database_corrupt", cat("this is no intact record database: ", says), path,
                        "move it away; `sqlite3 FILE .recover` may save records of it");
    case SQLITE_FULL:
      return user_error("database_full", cat("the record database has no room to grow: ", says),
                        path, "free some space; everything recorded so far is kept");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return user_error("database_busy", "another process has kept the record database locked",
                        path, "wait for it, or use another file with --db");
    case SQLITE_CANTOPEN:
      return user_error("database_unreadable", cat("cannot open the record database: ", says), path,
                        "check the path and its permissions");
    case SQLITE_IOERR:
      // Limits on the size of files and quotas are no full disk to SQLite.
      if (connection != nullptr && sqlite3_extended_errcode(connection) == SQLITE_IOERR_WRITE) {
        return user_error("database_full", cat("the record database has no room to grow: ", says),
                          path, "free some space; everything recorded so far is kept");
      }
      [[fallthrough]];
    default:
      return user_error("database_error",
                        cat("the record database failed: ", says, " (SQLite code ", code, ")"),
                        path);
  }
}

Statement::Statement(sqlite3* connection, const std::string& path, const char* sql)
    : connection_(connection), path_(path) {
  note(sqlite3_prepare_v2(connection, sql, -1, &statement_, nullptr));
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::note(int code) {
  if (code == SQLITE_OK || code_ != SQLITE_OK) return;
  code_ = code;
  error_ = database_error(connection_, code, path_);
}

Statement& Statement::bind(const std::string& text) {
  if (code_ == SQLITE_OK) {
    note(sqlite3_bind_text(statement_, next_++, text.data(), static_cast<int>(text.size()),
                           SQLITE_TRANSIENT));
  }
  return *this;
}

Statement& Statement::bind(int64_t value) {
  if (code_ == SQLITE_OK) note(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Statement& Statement::bind(double value) {
  if (code_ == SQLITE_OK) note(sqlite3_bind_double(statement_, next_++, value));
  return *this;
}

bool Statement::row() {
  if (code_ != SQLITE_OK) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) note(code);
  return false;
}

Status Statement::run() {
  while (row()) {
  }
  return status();
}

std::string Statement::text(int column) const {
  const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (begin == nullptr) return {};
  return {begin, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

Status Statement::status() const {
  if (code_ != SQLITE_OK) return fail(error_);
  return {};
}

Status execute(sqlite3* connection, const std::string& path, const char* sql) {
  const int code = sqlite3_exec(connection, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(database_error(connection, code, path));
  return {};
}

Transaction::Transaction(sqlite3* connection, const std::string& path)
    : connection_(connection),
      path_(path),
      begun_(execute(connection, path, "BEGIN IMMEDIATE")),
      open_(begun_.has_value()) {}

Transaction::~Transaction() {
  if (open_) (void)execute(connection_, path_, "ROLLBACK");
}

Status Transaction::commit() {
  Status done = execute(connection_, path_, "COMMIT");
  if (done) open_ = false;
  return done;
}

}  // namespace pimjit
