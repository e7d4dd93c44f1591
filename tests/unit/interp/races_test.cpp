#include "pimjit/core/interp/races.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(InstanceTree, NumbersInnerLevelsFastest) {
  const InstanceTree tree({2, 3, 4});
  EXPECT_EQ(tree.total(), 24);
  EXPECT_EQ(tree.inside(-1), 24);
  EXPECT_EQ(tree.inside(0), 12);
  EXPECT_EQ(tree.inside(2), 1);
  EXPECT_EQ(tree.instances(1), 6);
  EXPECT_EQ(tree.index(17, 0), 1);
  EXPECT_EQ(tree.index(17, 1), 1);
  EXPECT_EQ(tree.index(17, 2), 1);
  EXPECT_EQ(InstanceTree(std::vector<int64_t>{}).total(), 1);
}

TEST(BarrierClock, SeparatesOnlyThoseWhoMet) {
  const InstanceTree tree({2, 3});
  BarrierClock clock(&tree);
  const int64_t before = clock.now();
  clock.meet(0, 0);  // the three instances of the first parent
  EXPECT_TRUE(clock.separates(0, before, 2));
  EXPECT_FALSE(clock.separates(0, before, 3));
  EXPECT_FALSE(clock.separates(3, before, 4));
  EXPECT_FALSE(clock.separates(0, clock.now(), 2));
  clock.meet(-1, 0);
  EXPECT_TRUE(clock.separates(0, before, 3));
}

class Tracking : public ::testing::Test {
 protected:
  InstanceTree tree{{4}};
  BarrierClock clock{&tree};
};

TEST_F(Tracking, LetsManyReadAndOneWriteItsOwn) {
  AccessTracker tracker(0, 8, 4, 4);
  EXPECT_FALSE(tracker.read(clock, 0, 0, 8));
  EXPECT_FALSE(tracker.read(clock, 1, 0, 8));
  AccessTracker own(0, 8, 4, 4);
  EXPECT_FALSE(own.write(clock, 0, 0, 4));
  EXPECT_FALSE(own.read(clock, 0, 0, 4));
  EXPECT_FALSE(own.write(clock, 1, 4, 4));
}

TEST_F(Tracking, FindsEveryPairOfAccesses) {
  AccessTracker written(0, 8, 4, 4);
  EXPECT_FALSE(written.write(clock, 0, 2, 1));
  EXPECT_TRUE(written.write(clock, 1, 2, 1)->wrote);
  EXPECT_EQ(written.read(clock, 1, 0, 8)->element, 2);
  AccessTracker read(0, 8, 4, 4);
  EXPECT_FALSE(read.read(clock, 1, 3, 1));
  EXPECT_FALSE(read.read(clock, 0, 3, 1));
  const auto conflict = read.write(clock, 0, 3, 1);  // the earlier reader counts too
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->instance, 1);
  EXPECT_FALSE(conflict->wrote);
}

TEST_F(Tracking, KeepsGranulesApartByAddress) {
  AccessTracker aligned(0, 8, 4, 8), shifted(4, 8, 4, 8);
  EXPECT_FALSE(aligned.write(clock, 0, 1, 1));
  EXPECT_FALSE(aligned.write(clock, 1, 2, 1));
  EXPECT_TRUE(aligned.write(clock, 1, 0, 1));
  EXPECT_FALSE(shifted.write(clock, 0, 1, 1));
  EXPECT_TRUE(shifted.write(clock, 1, 2, 1));
}

TEST_F(Tracking, ForgetsAtBarriers) {
  AccessTracker tracker(0, 8, 4, 8);
  EXPECT_FALSE(tracker.write(clock, 0, 0, 1));
  clock.meet(-1, 0);
  EXPECT_FALSE(tracker.read(clock, 1, 0, 1));
  EXPECT_TRUE(tracker.write(clock, 2, 0, 1));
  clock.meet(-1, 0);
  EXPECT_FALSE(tracker.write(clock, 3, 0, 2));
}

}  // namespace
}  // namespace pimjit
