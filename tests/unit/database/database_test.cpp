#include "pimjit/search/database/database.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

namespace fs = std::filesystem;

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / cat("pimjit_database_", getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name = "records.db") const { return folder_ / name; }

  fs::path folder_;
};

Record sample(double total_ns, const std::string& workload = "w1", int64_t trial = 0) {
  Record r;
  r.key = {workload, "w", "s1", "m1"};
  r.notation = "C[i] += A[i,k] * B[k]";
  r.sizes = workload;
  r.target = "toy";
  r.plugin_build = "build 1";
  r.structure_text = "level unit count=64\nlevel thread count=8\n";
  r.trace = "bind(a0, unit)";
  r.total_ns = total_ns;
  r.data = "seed 1";
  r.verified = {"exact", 64, 4, 0, 7};
  r.session = "session";
  r.trial = trial;
  return r;
}

TEST_F(DatabaseTest, ServesTheFastestVerifiedRecordOfTheExactKey) {
  const auto db = Database::open(path());
  ASSERT_TRUE(db) << db.error().message();
  Record wrong = sample(1);
  wrong.verdict = Verdict::wrong;
  wrong.total_ns = 0;
  Record other_model = sample(2);
  other_model.key.model = "m2";
  for (const Record& r : {sample(30), sample(10), sample(20), wrong, other_model}) {
    EXPECT_TRUE(*db->add(r));
  }
  const auto best = db->best(sample(0).key);
  ASSERT_TRUE(best && *best);
  EXPECT_EQ((*best)->total_ns, 10);
  EXPECT_EQ(to_json_line(**best), to_json_line(sample(10)));
  RecordKey absent = sample(0).key;
  absent.structure = "s2";
  EXPECT_FALSE(*db->best(absent));
}

TEST_F(DatabaseTest, KeepsEachRecordOnceAndAcrossOpenings) {
  {
    const auto db = Database::open(path());
    EXPECT_TRUE(*db->add(sample(10)));
    EXPECT_FALSE(*db->add(sample(10)));
  }
  const auto db = Database::open(path(), {.read_only = true});
  ASSERT_TRUE(db) << db.error().message();
  EXPECT_EQ(db->stats()->records, 1);
  const auto refused = db->add(sample(11));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            cat("the record database cannot be written: attempt to write a readonly database\n  ",
                path(), "\n  hint: choose another file with --db, or make this one writable"));
}

TEST_F(DatabaseTest, FindsSchedulesThatMayCarryOver) {
  const auto db = Database::in_memory();
  Record other_model = sample(5);
  other_model.key.model = "m2";
  for (const Record& r : {sample(9, "w2"), sample(8, "w2"), other_model}) ASSERT_TRUE(db->add(r));
  const auto related = db->related(sample(0).key, "", 4);
  ASSERT_TRUE(related);
  ASSERT_EQ(related->size(), 2u);
  EXPECT_EQ((*related)[0].key.model, "m2");
  EXPECT_EQ((*related)[1].total_ns, 8);
}

// However many sizes there are, and whatever their keys.
TEST_F(DatabaseTest, TheNearestSizesComeFirst) {
  const auto db = Database::in_memory();
  for (int64_t i = 1; i <= 100; ++i) {
    Record r = sample(10, cat("key ", 200 - i));
    r.sizes = cat("i=", 10 * i, ",k=64");
    ASSERT_TRUE(db->add(r));
  }
  const auto related = db->related(sample(0, "wanted").key, "row=333,col=64", 3);
  ASSERT_TRUE(related) << related.error().message();
  ASSERT_EQ(related->size(), 3U);
  EXPECT_EQ((*related)[0].sizes, "i=330,k=64");
  EXPECT_EQ((*related)[1].sizes, "i=340,k=64");
  EXPECT_EQ((*related)[2].sizes, "i=320,k=64");
}

TEST_F(DatabaseTest, CountsTheRecordsOfEachFinding) {
  const auto db = Database::in_memory();
  Record wrong = sample(1, "w2");
  wrong.verdict = Verdict::wrong;
  for (const Record& r : {sample(1, "w2"), sample(2, "w2"), wrong, sample(3)}) {
    ASSERT_TRUE(db->add(r));
  }
  const auto why = db->explain(sample(0).key, sample(0).structure_text, "build 1");
  ASSERT_TRUE(why) << why.error().message();
  EXPECT_THAT(*why, testing::ElementsAre(
                        "1 records (1 ok) of C[i] += A[i,k] * B[k] w1 on toy: the same key",
                        "3 records (2 ok) of C[i] += A[i,k] * B[k] w2 on toy: other sizes: w2"));
  EXPECT_THAT(*Database::in_memory()->explain(sample(0).key, "", ""),
              testing::ElementsAre("the database holds no records"));
}

TEST_F(DatabaseTest, NamesTheFieldThatDiffers) {
  const auto db = Database::in_memory();
  ASSERT_TRUE(db->add(sample(5)));
  RecordKey key = sample(0).key;
  key.workload = "w9";
  EXPECT_THAT(db->explain(key, "", "build 1")->front(), testing::HasSubstr("other sizes: w1"));
  key = sample(0).key;
  key.structure = "s2";
  EXPECT_THAT(db->explain(key, "level unit count=64\nlevel thread count=4\n", "build 1")->front(),
              testing::HasSubstr("there 'level thread count=8', here 'level thread count=4'"));
  key = sample(0).key;
  key.model = "m2";
  EXPECT_THAT(db->explain(key, "", "build 2")->front(),
              testing::HasSubstr("another build of the plugin: build 1, here build 2"));
  EXPECT_THAT(db->explain(key, "", "build 1")->front(), testing::HasSubstr("other costs"));
}

TEST_F(DatabaseTest, RefusesWhatItCannotUseAndSaysWhy) {
  EXPECT_EQ(Database::open(path("none.db"), {.read_only = true}).error().code, "database_missing");
  std::ofstream(path("text.db")) << std::string(4096, 'x');
  EXPECT_EQ(Database::open(path("text.db")).error().message(),
            cat("this is no intact record database: file is not a database\n  ", path("text.db"),
                "\n  hint: move it away; `sqlite3 FILE .recover` may save records of it"));
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path("newer.db").c_str(), &raw), SQLITE_OK);
  sqlite3_exec(raw,
               "CREATE TABLE t (x); PRAGMA user_version = 99; PRAGMA application_id = 1885957482",
               nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  const auto newer = Database::open(path("newer.db"));
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, "database_newer");
  EXPECT_EQ(newer.error().what, "the record database has version 99, this pimjit works with 2");
  ASSERT_EQ(sqlite3_open(path("other.db").c_str(), &raw), SQLITE_OK);
  sqlite3_exec(raw, "CREATE TABLE t (x)", nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  EXPECT_EQ(Database::open(path("other.db")).error().what,
            "this is the database of another program");
  EXPECT_EQ(Database::open(cat(path("text.db"), "/below/records.db")).error().code,
            "database_unreadable");
}

TEST_F(DatabaseTest, AFileWithoutWritePermissionIsReadOnly) {
  if (geteuid() == 0) GTEST_SKIP() << "root writes everything";
  { ASSERT_TRUE(Database::open(path())); }
  fs::permissions(path(), fs::perms::owner_read);
  EXPECT_EQ(Database::open(path()).error().code, "database_read_only");
}

TEST_F(DatabaseTest, AFullDatabaseKeepsWhatItHas) {
  const auto db = Database::open(path(), {.max_bytes = 120 << 10});
  ASSERT_TRUE(db) << db.error().message();
  int64_t added = 0;
  Result<bool> last = true;
  for (int64_t trial = 0; trial < 10000 && last; ++trial) {
    last = db->add(sample(10.0 + static_cast<double>(trial), "w1", trial));
    added += last ? 1 : 0;
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, "database_full");
  EXPECT_GT(added, 10);
  EXPECT_EQ(db->stats()->records, added);
}

TEST_F(DatabaseTest, BringsAnEarlierVersionUpToDate) {
  {
    const auto db = Database::open(path());
    ASSERT_TRUE(db->add(sample(10)));
  }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw,
                         "DROP TABLE sessions; DROP INDEX records_by_session;"
                         "PRAGMA user_version = 1",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(raw);
  EXPECT_EQ(Database::open(path(), {.read_only = true}).error().code, "database_read_only");
  const auto db = Database::open(path());
  ASSERT_TRUE(db) << db.error().message();
  EXPECT_EQ(db->stats()->records, 1);
  EXPECT_TRUE(db->put_session({"s", "d", SessionState::paused, 3, "hash", 1, 2}));
  EXPECT_EQ(db->session("s")->value().state, SessionState::paused);
}

TEST_F(DatabaseTest, SessionsRememberTheirTrialsInOrder) {
  const auto db = Database::in_memory();
  for (const int64_t trial : {2, 0, 1}) {
    ASSERT_TRUE(db->add(sample(10.0 + static_cast<double>(trial), "w1", trial)));
  }
  const auto records = db->session_records("session");
  ASSERT_EQ(records->size(), 3u);
  for (size_t t = 0; t < 3; ++t) EXPECT_EQ((*records)[t].trial, static_cast<int64_t>(t));
  EXPECT_TRUE(db->session_records("")->empty());
}

// A child that is killed while it adds leaves everything it had reported behind.
TEST_F(DatabaseTest, AKilledProcessLosesNothingItHasCommitted) {
  { ASSERT_TRUE(Database::open(path())); }
  int reports[2];
  ASSERT_EQ(pipe(reports), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto db = Database::open(path());
    for (int64_t trial = 0;; ++trial) {
      if (!db || !db->add(sample(10, "w1", trial))) _exit(1);
      const char done = 1;
      if (write(reports[1], &done, 1) != 1) _exit(1);
    }
  }
  char byte = 0;
  int64_t reported = 0;
  while (reported < 50 && read(reports[0], &byte, 1) == 1) ++reported;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(reports[1]);
  while (read(reports[0], &byte, 1) == 1) ++reported;
  close(reports[0]);
  const auto db = Database::open(path());
  ASSERT_TRUE(db) << db.error().message();
  const int64_t kept = db->stats()->records;
  EXPECT_GE(kept, reported);
  EXPECT_LE(kept, reported + 1);
}

TEST_F(DatabaseTest, TwoProcessesAddAtTheSameTime) {
  constexpr int64_t kEach = 100;
  { ASSERT_TRUE(Database::open(path())); }
  std::vector<pid_t> children;
  for (int64_t p = 0; p < 2; ++p) {
    const pid_t child = fork();
    if (child == 0) {
      const auto db = Database::open(path());
      for (int64_t t = 0; t < kEach; ++t) {
        if (!db || !db->add(sample(10, cat("w", p), t))) _exit(1);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Database::open(path())->stats()->records, 2 * kEach);
}

TEST(CanonicalTrace, FitsEveryWorkloadOfTheSameKey) {
  const auto toy = test::sample_target("simple");
  const auto mtv = test::sample_workload("C[i] += A[i,k] * B[k]", "i=64,k=32");
  const auto same = test::sample_workload("y[row] += M[row,col] * x[col]", "row=64,col=32");
  ASSERT_EQ(workload_key(*mtv), workload_key(*same));
  const auto trace = parse_trace(
      "i.0, i.1 = split(i, 4); bind(i.0, unit); cache_read(A, scratch, at=i.0)", *mtv, *toy);
  ASSERT_TRUE(trace);
  const std::string text = canonical_trace(*trace, *mtv, *toy);
  const auto read = read_canonical_trace(text, *same, *toy);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, *trace);
}

}  // namespace
}  // namespace pimjit
