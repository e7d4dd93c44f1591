#include "pimjit/core/run/unit_timer.h"

#include <gtest/gtest.h>

#include "pimjit/core/run/unit_classes.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

using test::lowered_sample;

TEST(UnitClasses, RaggedAxesMakeOneClassEach) {
  // 100 rows in 8 groups of 13, 70 columns in 4 parts of 18: the last of each is shorter.
  const auto sample = lowered_sample("mtv", "i=100,k=70", "simple",
                                     "i.0, i.1 = split(i, 13)\nk.0, k.1 = split(k, 18)\n"
                                     "reorder(i.0, k.0, i.1, k.1)\nbind(i.0, unit)\n"
                                     "rfactor(k.0)\nbind(k.0, unit)\n");
  const auto classes = unit_classes(sample.module, 0);
  ASSERT_EQ(classes.size(), 4u);
  // Unit 4 i + k.
  EXPECT_EQ(classes[0].first, 0);
  EXPECT_EQ(classes[0].units, 7 * 3);
  EXPECT_EQ(classes[0].iterations, 13 * 18);
  EXPECT_EQ(classes[1].first, 3);
  EXPECT_EQ(classes[1].iterations, 13 * 16);
  EXPECT_EQ(classes[2].first, 28);
  EXPECT_EQ(classes[2].units, 3);
  EXPECT_EQ(classes[2].iterations, 9 * 18);
  EXPECT_EQ(classes[3].first, 31);
  EXPECT_EQ(classes[3].units, 1);
  EXPECT_EQ(representatives(classes, 2), (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(representatives(classes, 9), (std::vector<int64_t>{0, 3, 28, 31}));
}

TEST(UnitClasses, EqualUnitsAreOneClassAndEmptyOnesAnother) {
  const auto even =
      lowered_sample("va", "i=128", "simple", "i.0, i.1 = split(i, 8)\nbind(i.0, unit)\n");
  ASSERT_EQ(unit_classes(even.module, 0).size(), 1u);
  EXPECT_EQ(unit_classes(even.module, 0)[0].units, 16);
  // Two levels of splits leave units without work: 20 elements in 4 x 3 x 2.
  const auto empty = lowered_sample("va", "i=20", "simple",
                                    "i.0, i.1, i.2 = split(i, 3, 2)\nfuse(i.0, i.1)\n"
                                    "bind(i.0*i.1, unit)\n");
  const auto classes = unit_classes(empty.module, 0);
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[1].units, 2);
  EXPECT_EQ(classes[1].iterations, 0);
}

}  // namespace
}  // namespace pimjit
