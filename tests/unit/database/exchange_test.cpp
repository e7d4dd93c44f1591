#include "pimjit/search/database/exchange.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

Record sample(int64_t trial) {
  Record r;
  r.key = {cat("w", trial % 3), "w", "s", "m"};
  r.notation = "C[i] = A[i] \"quoted\" \xc3\xa4";
  r.sizes = "i=4";
  r.trace = "bind(a0, unit)";
  r.total_ns = 1.0 / 3 + static_cast<double>(trial);
  r.verified.method = "exact";
  r.verified.seed = UINT64_MAX;
  r.trial = trial;
  r.session = "s";
  return r;
}

std::string text_of(const Database& database) {
  std::ostringstream out;
  EXPECT_TRUE(export_records(database, out));
  return out.str();
}

Database holding(const std::vector<int64_t>& trials) {
  Database database = *Database::in_memory();
  for (const int64_t trial : trials) EXPECT_TRUE(database.add(sample(trial)));
  return database;
}

TEST(Exchange, LinesReadBackAsTheSameRecords) {
  Record failed = sample(1);
  failed.verdict = Verdict::timeout;
  failed.detail = "timeout: 2 s";
  failed.total_ns = 0;
  failed.data.clear();
  failed.verified = {};
  for (const Record& r : {sample(5), failed}) {
    const auto read = from_json_line(to_json_line(r));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(to_json_line(*read), to_json_line(r));
    EXPECT_EQ(read->total_ns, r.total_ns);
    EXPECT_EQ(read->verified.seed, r.verified.seed);
  }
}

TEST(Exchange, KeepsMembersItDoesNotKnow) {
  std::string line = to_json_line(sample(1));
  line.insert(line.size() - 1, R"(,"colour":{"is":[1,2]})");
  const auto read = from_json_line(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json_line(*read), line);
}

TEST(Exchange, MergingIsCommutativeAndIdempotent) {
  const Database ab = holding({1, 2, 3}), ba = holding({3, 4});
  const Database a = holding({1, 2, 3}), b = holding({3, 4});
  EXPECT_EQ(*merge_records(ab, b), 1);
  EXPECT_EQ(*merge_records(ba, a), 2);
  EXPECT_EQ(text_of(ab), text_of(ba));
  EXPECT_EQ(*merge_records(ab, b), 0);
  EXPECT_EQ(*merge_records(ab, ab), 0);
  EXPECT_EQ(text_of(ab), text_of(ba));
}

TEST(Exchange, ImportingGivesBackWhatWasExported) {
  const Database a = holding({1, 2, 3, 4, 5});
  const Database b = *Database::in_memory();
  std::istringstream once(text_of(a)), again(text_of(a));
  EXPECT_EQ(import_records(b, once)->added, 5);
  EXPECT_EQ(import_records(b, again)->added, 0);
  EXPECT_EQ(text_of(a), text_of(b));
}

TEST(Exchange, SkipsLinesThatAreNoRecordsAndSaysWhy) {
  std::string wrong_version = to_json_line(sample(1));
  wrong_version.replace(wrong_version.find(R"("v":1)"), 5, R"("v":9)");
  std::string unverified = to_json_line(sample(2));
  unverified.replace(unverified.find(R"("verified":{)"), std::string::npos,
                     R"("verified":null,"session":null,"version":"","time":0})");
  std::istringstream in(cat(to_json_line(sample(1)), "\n{\"v\":1\n\n[]\n", wrong_version, "\n",
                            unverified, "\n", R"({"v":1,"workload":{}})", "\n",
                            std::string(2 << 20, 'x'), "\n"));
  const Database database = *Database::in_memory();
  const auto imported = import_records(database, in);
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->added, 1);
  EXPECT_EQ(imported->read, 7);
  EXPECT_EQ(imported->skipped_count, 6);
  EXPECT_THAT(
      imported->skipped,
      testing::ElementsAre(
          "line 2: this is no record: it is no JSON object",
          "line 4: this is no record: it is no JSON object",
          "line 5: a record of version 9, this pimjit reads up to 1",
          "line 6: this is no record: its verdict is ok and nothing says how it was verified",
          "line 7: this is no record: 'workload.key' is missing",
          "line 8: this is no record: it is too long"));
}

}  // namespace
}  // namespace pimjit
