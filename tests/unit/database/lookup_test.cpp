#include "pimjit/search/database/lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/search/database/sizes.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

Record record_for(const Workload& w, const TargetDesc& target, const std::string& trace) {
  Record r;
  r.key = key_of(w, target, "build 1");
  r.notation = to_text(w);
  r.sizes = sizes_text(w);
  r.target = "simple";
  r.plugin_build = "build 1";
  const auto parsed = parse_trace(trace, w, target);
  EXPECT_TRUE(parsed) << parsed.error().message();
  r.trace = canonical_trace(*parsed, w, target);
  r.total_ns = 5;
  r.verified = {"exact", 64, 4, 0, 7};
  return r;
}

TEST(Lookup, CarriesASchedulesOverWhateverAxesAreCalled) {
  const auto toy = test::sample_target("simple");
  const auto wanted = test::sample_workload("y[row] += M[row,col] * x[col]", "row=128,col=32");
  const Database db = *Database::in_memory();
  for (const char* sizes : {"i=4096,k=32", "i=64,k=32", "i=64,k=4096"}) {
    const auto w = test::sample_workload("C[i] += A[i,k] * B[k]", sizes);
    ASSERT_TRUE(db.add(record_for(*w, *toy, "i.0, i.1 = split(i, 4); bind(i.0, unit)")));
  }
  const auto found = find_schedule(db, *wanted, *toy, "build 1");
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->match, RecordMatch::other_sizes);
  EXPECT_EQ((*found)->record.sizes, "i=64,k=32");
}

TEST(Sizes, AreReadInOrder) {
  EXPECT_THAT(sizes_of("i=4096,k=70"), testing::ElementsAre(4096, 70));
  EXPECT_THAT(sizes_of(""), testing::IsEmpty());
}

TEST(Sizes, DistanceIsOfRatios) {
  EXPECT_EQ(size_distance({4096, 70}, {4096, 70}), 0);
  EXPECT_DOUBLE_EQ(size_distance({127}, {63}), 1);
  EXPECT_LT(size_distance({1000}, {1100}), size_distance({10}, {20}));
  EXPECT_GT(size_distance({1}, {1, 1}), 1e300);
}

}  // namespace
}  // namespace pimjit
