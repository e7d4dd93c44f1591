#ifndef PIMJIT_SEARCH_DATABASE_STATEMENT_H_
#define PIMJIT_SEARCH_DATABASE_STATEMENT_H_

#include <cstdint>
#include <string>

#include "pimjit/core/support/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pimjit {

// What went wrong last on a connection, as an error of the database at `path`.
Error database_error(sqlite3* connection, int code, const std::string& path);

// One prepared statement. The first error sticks: later calls do nothing and status() tells it.
class Statement {
 public:
  Statement(sqlite3* connection, const std::string& path, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters in order, from 1.
  Statement& bind(const std::string& text);
  Statement& bind(int64_t value);
  Statement& bind(double value);

  bool row();    // steps; true when there is one
  Status run();  // steps to the end
  std::string text(int column) const;
  int64_t integer(int column) const;
  double real(int column) const;
  Status status() const;

 private:
  void note(int code);

  sqlite3* connection_;
  const std::string& path_;
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
  int code_ = 0;
  Error error_;
};

// Runs SQL without parameters.
Status execute(sqlite3* connection, const std::string& path, const char* sql);

// Undone unless committed. Takes the write lock at once, so that two processes wait for each other
// instead of failing half-way.
class Transaction {
 public:
  Transaction(sqlite3* connection, const std::string& path);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Status begun() const { return begun_; }
  Status commit();

 private:
  sqlite3* connection_;
  const std::string& path_;
  Status begun_;
  bool open_;
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_STATEMENT_H_
