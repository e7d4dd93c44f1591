#include "pimjit/search/database/database.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include <sqlite3.h>

#include "pimjit/core/support/data_path.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/database/schema.h"
#include "pimjit/search/database/sizes.h"
#include "pimjit/search/database/statement.h"

namespace pimjit {

struct Database::State {
  std::string path;
  sqlite3* connection = nullptr;
  std::mutex mutex;  // one statement at a time

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sqlite3_close_v2(connection); }

  Status connect(const DatabaseOptions& options);
  Status configure(const DatabaseOptions& options);
  Result<int64_t> workload_row(const Record& record);
  Result<int64_t> target_row(const Record& record);
  Result<bool> insert(const Record& record);
  Result<std::vector<Record>> select(const char* condition, const std::vector<std::string>& values,
                                     int64_t limit);
  Status at_other_sizes(const RecordKey& key, const std::string& sizes, size_t limit,
                        std::vector<Record>& found);
};

namespace {

constexpr int kBusyMilliseconds = 10000;

constexpr const char* kColumns =
    "SELECT r.line, w.key, w.computation, w.notation, w.sizes, t.structure, t.model, t.name, "
    "t.plugin, t.description FROM records r JOIN workloads w ON w.id = r.workload "
    "JOIN targets t ON t.id = r.target ";

// What the joined tables hold is not repeated in the row's line.
std::string short_line(const Record& record) {
  Record rest = record;
  rest.key = {};
  for (std::string* text :
       {&rest.notation, &rest.sizes, &rest.target, &rest.plugin_build, &rest.structure_text}) {
    text->clear();
  }
  return to_json_line(rest);
}

Result<Record> read_row(const Statement& row) {
  Result<Record> record = from_json_line(row.text(0));
  if (!record) return record;
  record->key.workload = row.text(1);
  record->key.computation = row.text(2);
  record->notation = row.text(3);
  record->sizes = row.text(4);
  record->key.structure = row.text(5);
  record->key.model = row.text(6);
  record->target = row.text(7);
  record->plugin_build = row.text(8);
  record->structure_text = row.text(9);
  return record;
}

}  // namespace

Status Database::State::connect(const DatabaseOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool exists = path == ":memory:" || fs::exists(path, error);
  if (!exists && (options.read_only || !options.create)) {
    return fail(user_error("database_missing", "there is no record database", path,
                           "`pimjit tune` makes one"));
  }
  if (!exists && fs::path(path).has_parent_path()) {
    fs::create_directories(fs::path(path).parent_path(), error);
  }
  const int flags =
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  if (code != SQLITE_OK) return fail(database_error(connection, code, path));
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
  return configure(options);
}

Status Database::State::configure(const DatabaseOptions& options) {
  if (!options.read_only && sqlite3_db_readonly(connection, "main") == 1) {
    return fail(database_error(nullptr, SQLITE_READONLY, path));
  }
  if (Status ready = prepare_schema(connection, path, options.read_only); !ready) return ready;
  if (options.read_only) return {};
  // NORMAL: what is committed survives the process, though not always a power cut.
  if (Status set =
          execute(connection, path, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      !set) {
    return set;
  }
  if (options.max_bytes <= 0) return {};
  Statement size(connection, path, "PRAGMA page_size");
  const int64_t page = size.row() ? size.integer(0) : 4096;
  const std::string bound =
      cat("PRAGMA max_page_count = ", std::max<int64_t>(1, options.max_bytes / page));
  return execute(connection, path, bound.c_str());
}

Result<Database> Database::open(const std::string& path, const DatabaseOptions& options) {
  Database database;
  database.state_ = std::make_shared<State>();
  database.state_->path = path;
  if (Status connected = database.state_->connect(options); !connected) {
    return fail(connected.error());
  }
  return database;
}

Result<Database> Database::in_memory() {
  return open(":memory:");
}

Result<int64_t> Database::State::workload_row(const Record& r) {
  Statement add(connection, path,
                "INSERT OR IGNORE INTO workloads (key, computation, notation, sizes) "
                "VALUES (?, ?, ?, ?)");
  add.bind(r.key.workload).bind(r.key.computation).bind(r.notation).bind(r.sizes);
  if (Status added = add.run(); !added) return fail(added.error());
  Statement find(connection, path, "SELECT id FROM workloads WHERE key = ?");
  find.bind(r.key.workload);
  if (find.row()) return find.integer(0);
  return fail(find.status() ? database_error(nullptr, SQLITE_CORRUPT, path)
                            : find.status().error());
}

Result<int64_t> Database::State::target_row(const Record& r) {
  const auto bind_key = [&r](Statement& s) -> Statement& {
    return s.bind(r.key.structure).bind(r.key.model).bind(r.target).bind(r.plugin_build);
  };
  Statement add(connection, path,
                "INSERT OR IGNORE INTO targets (structure, model, name, plugin, description) "
                "VALUES (?, ?, ?, ?, ?)");
  if (Status added = bind_key(add).bind(r.structure_text).run(); !added) return fail(added.error());
  Statement find(connection, path,
                 "SELECT id FROM targets WHERE structure = ? AND model = ? AND name = ? "
                 "AND plugin = ?");
  if (bind_key(find).row()) return find.integer(0);
  return fail(find.status() ? database_error(nullptr, SQLITE_CORRUPT, path)
                            : find.status().error());
}

Result<bool> Database::State::insert(const Record& record) {
  const Result<int64_t> workload = workload_row(record);
  if (!workload) return fail(workload.error());
  const Result<int64_t> target = target_row(record);
  if (!target) return fail(target.error());
  Statement add(connection, path,
                "INSERT OR IGNORE INTO records "
                "(id, workload, target, verdict, total_ns, session, trial, line) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  add.bind(record_id(record)).bind(*workload).bind(*target).bind(to_string(record.verdict));
  add.bind(record.total_ns).bind(record.session).bind(record.trial).bind(short_line(record));
  if (Status added = add.run(); !added) return fail(added.error());
  return sqlite3_changes(connection) > 0;
}

Result<bool> Database::add(const Record& record) const {
  const Result<int64_t> added = add_all({record});
  if (!added) return fail(added.error());
  return *added > 0;
}

Result<int64_t> Database::add_all(const std::vector<Record>& records) const {
  const std::lock_guard lock(state_->mutex);
  Transaction transaction(state_->connection, state_->path);
  if (!transaction.begun()) return fail(transaction.begun().error());
  int64_t added = 0;
  for (const Record& record : records) {
    const Result<bool> is_new = state_->insert(record);
    if (!is_new) return fail(is_new.error());
    added += *is_new ? 1 : 0;
  }
  if (Status done = transaction.commit(); !done) return fail(done.error());
  return added;
}

Result<std::vector<Record>> Database::State::select(const char* condition,
                                                    const std::vector<std::string>& values,
                                                    int64_t limit) {
  const std::string sql = cat(kColumns, condition, " LIMIT ", limit);
  Statement find(connection, path, sql.c_str());
  for (const std::string& value : values) find.bind(value);
  std::vector<Record> records;
  while (find.row()) {
    Result<Record> record = read_row(find);
    if (!record) return fail(record.error());
    records.push_back(std::move(*record));
  }
  if (Status read = find.status(); !read) return fail(read.error());
  return records;
}

Result<std::optional<Record>> Database::best(const RecordKey& key) const {
  const std::lock_guard lock(state_->mutex);
  Result<std::vector<Record>> found = state_->select(
      "WHERE w.key = ? AND t.structure = ? AND t.model = ? AND r.verdict = 'ok' "
      "ORDER BY r.total_ns, r.id",
      {key.workload, key.structure, key.model}, 1);
  if (!found) return fail(found.error());
  if (found->empty()) return std::optional<Record>();
  return std::optional<Record>(std::move(found->front()));
}

// Of each other size the fastest schedule under each model; the sizes by distance.
Status Database::State::at_other_sizes(const RecordKey& key, const std::string& sizes, size_t limit,
                                       std::vector<Record>& found) {
  struct Pair {
    double distance;
    int64_t workload, target;
  };
  std::vector<Pair> pairs;
  Statement all(connection, path,
                "SELECT w.id, t.id, w.sizes FROM workloads w JOIN targets t "
                "WHERE w.computation = ? AND w.key <> ? AND t.structure = ? AND EXISTS "
                "(SELECT 1 FROM records WHERE workload = w.id AND target = t.id "
                "AND verdict = 'ok') ORDER BY w.key, t.model, t.id");
  all.bind(key.computation).bind(key.workload).bind(key.structure);
  const std::vector<int64_t> wanted = sizes_of(sizes);
  while (all.row()) {
    pairs.push_back({size_distance(sizes_of(all.text(2)), wanted), all.integer(0), all.integer(1)});
  }
  if (Status read = all.status(); !read) return read;
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
  for (const Pair& pair : pairs) {
    if (found.size() >= limit) break;
    Result<std::vector<Record>> best =
        select(cat("WHERE r.workload = ", pair.workload, " AND r.target = ", pair.target,
                   " AND r.verdict = 'ok' ORDER BY r.total_ns, r.id")
                   .c_str(),
               {}, 1);
    if (!best) return fail(best.error());
    for (Record& record : *best) found.push_back(std::move(record));
  }
  return {};
}

Result<std::vector<Record>> Database::related(const RecordKey& key, const std::string& sizes,
                                              int limit) const {
  const std::lock_guard lock(state_->mutex);
  Result<std::vector<Record>> found = state_->select(
      "WHERE w.key = ? AND t.structure = ? AND t.model <> ? AND r.verdict = 'ok' "
      "ORDER BY r.total_ns, r.id",
      {key.workload, key.structure, key.model}, limit);
  if (!found) return found;
  const Status others = state_->at_other_sizes(key, sizes, static_cast<size_t>(limit), *found);
  if (!others) return fail(others.error());
  return found;
}

// Pairs of a workload and a target by how many fields of the key differ; the count of records only
// of the nearest ones.
Result<std::vector<RecordGroup>> Database::nearest_groups(const RecordKey& key, int limit) const {
  const std::lock_guard lock(state_->mutex);
  Statement find(
      state_->connection, state_->path,
      cat("SELECT w.key, w.computation, w.notation, w.sizes, t.structure, t.model, t.name, "
          "t.plugin, t.description, "
          "(SELECT count(*) FROM records WHERE workload = w.id AND target = t.id), "
          "(SELECT count(*) FROM records WHERE workload = w.id AND target = t.id "
          "AND verdict = 'ok') "
          "FROM (SELECT w.id AS workload, t.id AS target FROM workloads w JOIN targets t "
          "WHERE EXISTS (SELECT 1 FROM records WHERE workload = w.id AND target = t.id) "
          "ORDER BY 8 * (w.computation <> ?) + 4 * (t.structure <> ?) + 2 * (w.key <> ?) + "
          "(t.model <> ?), w.key, t.structure, t.model, t.id LIMIT ",
          limit,
          ") JOIN workloads w ON w.id = workload JOIN targets t ON t.id = target "
          "ORDER BY 8 * (w.computation <> ?) + 4 * (t.structure <> ?) + 2 * (w.key <> ?) + "
          "(t.model <> ?), w.key, t.structure, t.model, t.id")
          .c_str());
  for (int time = 0; time < 2; ++time) {
    find.bind(key.computation).bind(key.structure).bind(key.workload).bind(key.model);
  }
  std::vector<RecordGroup> groups;
  while (find.row()) {
    RecordGroup& group = groups.emplace_back();
    group.key = {find.text(0), find.text(1), find.text(4), find.text(5)};
    group.notation = find.text(2);
    group.sizes = find.text(3);
    group.target = find.text(6);
    group.plugin_build = find.text(7);
    group.structure_text = find.text(8);
    group.records = find.integer(9);
    group.ok = find.integer(10);
  }
  if (Status read = find.status(); !read) return fail(read.error());
  return groups;
}

Status Database::for_each(const std::function<Status(const Record&)>& visit) const {
  const std::lock_guard lock(state_->mutex);
  const std::string sql = cat(kColumns, "ORDER BY r.id");
  Statement find(state_->connection, state_->path, sql.c_str());
  while (find.row()) {
    const Result<Record> record = read_row(find);
    if (!record) return fail(record.error());
    if (Status visited = visit(*record); !visited) return visited;
  }
  return find.status();
}

Result<DatabaseStats> Database::stats() const {
  const std::lock_guard lock(state_->mutex);
  DatabaseStats stats;
  stats.schema = kSchemaVersion;
  Statement count(state_->connection, state_->path,
                  "SELECT (SELECT count(*) FROM records), "
                  "(SELECT count(*) FROM records WHERE verdict = 'ok'), "
                  "(SELECT count(*) FROM workloads), (SELECT count(*) FROM targets), "
                  "(SELECT count(*) FROM sessions), (SELECT page_count * page_size "
                  "FROM pragma_page_count(), pragma_page_size())");
  if (count.row()) {
    int column = 0;
    for (int64_t* value : {&stats.records, &stats.ok, &stats.workloads, &stats.targets,
                           &stats.sessions, &stats.bytes}) {
      *value = count.integer(column++);
    }
  }
  if (Status read = count.status(); !read) return fail(read.error());
  return stats;
}

Result<std::vector<Record>> Database::session_records(const std::string& id) const {
  const std::lock_guard lock(state_->mutex);
  Result<std::vector<Record>> found =
      state_->select("WHERE r.session = ? AND r.session <> '' ORDER BY r.trial, r.rowid", {id}, -1);
  if (!found) return found;
  std::vector<Record> once;
  for (Record& record : *found) {
    if (once.empty() || once.back().trial != record.trial) once.push_back(std::move(record));
  }
  return once;
}

Result<std::optional<SessionRow>> Database::session(const std::string& id) const {
  const std::lock_guard lock(state_->mutex);
  Statement find(state_->connection, state_->path,
                 "SELECT description, state, trials, candidates, started, changed FROM sessions "
                 "WHERE id = ?");
  find.bind(id);
  std::optional<SessionRow> row;
  if (find.row()) {
    row.emplace();
    row->id = id;
    row->description = find.text(0);
    const std::string state = find.text(1);
    row->state = state == to_string(SessionState::done)     ? SessionState::done
                 : state == to_string(SessionState::paused) ? SessionState::paused
                                                            : SessionState::running;
    row->trials = find.integer(2);
    row->candidates = find.text(3);
    row->started = find.integer(4);
    row->changed = find.integer(5);
  }
  if (Status read = find.status(); !read) return fail(read.error());
  return row;
}

Status Database::put_session(const SessionRow& row) const {
  const std::lock_guard lock(state_->mutex);
  Statement put(state_->connection, state_->path,
                "INSERT OR REPLACE INTO sessions "
                "(id, description, state, trials, candidates, started, changed) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)");
  put.bind(row.id).bind(row.description).bind(to_string(row.state)).bind(row.trials);
  return put.bind(row.candidates).bind(row.started).bind(row.changed).run();
}

const std::string& Database::path() const {
  return state_->path;
}

const char* to_string(SessionState state) {
  switch (state) {
    case SessionState::running:
      return "running";
    case SessionState::paused:
      return "paused";
    case SessionState::done:
      return "done";
  }
  return "running";
}

std::string default_database_path() {
  return data_path("PIMJIT_DB", "records.db");
}

}  // namespace pimjit
