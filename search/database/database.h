#ifndef PIMJIT_SEARCH_DATABASE_DATABASE_H_
#define PIMJIT_SEARCH_DATABASE_DATABASE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/search/database/record.h"

namespace pimjit {

struct DatabaseOptions {
  bool read_only = false;  // nothing is written, not even a missing file
  bool create = true;      // make a missing file
  int64_t max_bytes = 0;   // size the file may grow to; 0: no bound
};

// One tuning session, so that it can go on after an interruption.
enum class SessionState : uint8_t { running, paused, done };
const char* to_string(SessionState state);
struct SessionRow {
  std::string id;           // names all that the list of candidates depends on, see docs/search.md
  std::string description;  // the same in words, for people
  SessionState state = SessionState::running;
  int64_t trials = 0;                // measured so far
  std::string candidates;            // hash over the candidates measured so far, in order
  int64_t started = 0, changed = 0;  // seconds since 1970
};

struct DatabaseStats {
  int64_t records = 0, ok = 0, workloads = 0, targets = 0, sessions = 0, bytes = 0;
  int schema = 0;
};

// The records of one workload on one target.
struct RecordGroup {
  RecordKey key;
  std::string notation, sizes, target, plugin_build, structure_text;
  int64_t records = 0, ok = 0;
};

// All measurements, in one SQLite file in WAL mode: one row per measurement, each added in a
// transaction of its own, which outlives the process being killed. Several processes may use one
// file at the same time. A cheap handle; copies share one connection; any thread.
//
// Errors (user): database_missing, database_unreadable, database_read_only, database_corrupt,
// database_newer (written by a later version), database_full (disk or max_bytes), database_busy
// (another process holds it for 10 s), database_error with what SQLite says. A failed call has
// changed nothing.
class Database {
 public:
  static Result<Database> open(const std::string& path, const DatabaseOptions& options = {});
  // In memory, for one process.
  static Result<Database> in_memory();

  // False when the very same record is there already.
  Result<bool> add(const Record& record) const;
  // All or nothing; the number of new ones.
  Result<int64_t> add_all(const std::vector<Record>& records) const;

  // The fastest verified record under exactly this key.
  Result<std::optional<Record>> best(const RecordKey& key) const;
  // Verified records whose schedules may carry over, best first: of this workload under another
  // model of the same structure, then the fastest ones of the computation at other sizes, nearest
  // to `sizes` (sizes_text of the workload) first. At most `limit`.
  Result<std::vector<Record>> related(const RecordKey& key, const std::string& sizes,
                                      int limit) const;
  // Why `best` finds nothing: the records nearest to the key and the field that differs; one
  // sentence per finding.
  Result<std::vector<std::string>> explain(const RecordKey& key, const std::string& structure_text,
                                           const std::string& plugin_build) const;

  // The groups whose keys are nearest to `key`, nearest first; at most `limit`.
  Result<std::vector<RecordGroup>> nearest_groups(const RecordKey& key, int limit) const;

  // Every record in order of its id, which does not depend on the order of adding.
  Status for_each(const std::function<Status(const Record&)>& visit) const;

  Result<std::optional<SessionRow>> session(const std::string& id) const;
  Status put_session(const SessionRow& row) const;
  // Records of a session by trial; of one trial the first one added.
  Result<std::vector<Record>> session_records(const std::string& id) const;

  Result<DatabaseStats> stats() const;
  const std::string& path() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// data_path("PIMJIT_DB", "records.db"). The folder is made when the database is opened for writing.
std::string default_database_path();

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_DATABASE_H_
