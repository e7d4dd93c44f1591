#include "pimjit/core/interp/lockstep.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

const std::vector<KernelLevel> kLevels = {{"bank", LevelKind::lockstep, 2},
                                          {"thread", LevelKind::independent, 3}};

TEST(LockstepLog, ComparesInstancesThatDifferAlongLockstepLevelsOnly) {
  const InstanceTree tree({2, 3});
  LockstepLog log(kLevels, &tree);
  ASSERT_TRUE(log.active());
  EXPECT_FALSE(log.add(0, 5));
  EXPECT_FALSE(log.add(0, 6));
  EXPECT_FALSE(log.add(1, 7));  // another thread has a stream of its own
  EXPECT_FALSE(log.add(3, 5));
  const auto difference = log.add(3, 9);
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->instance, 0);
  EXPECT_EQ(difference->value, 6);
}

TEST(LockstepLog, ReportsCommandsThatTheOtherNeverSent) {
  const InstanceTree tree({2, 3});
  LockstepLog log(kLevels, &tree);
  EXPECT_FALSE(log.add(0, 5));
  EXPECT_FALSE(log.add(3, 5));
  EXPECT_TRUE(log.add(3, 5));
}

TEST(LockstepLog, StartsAfresh) {
  const InstanceTree tree({2, 3});
  LockstepLog log(kLevels, &tree);
  EXPECT_FALSE(log.add(0, 5));
  log.clear();
  EXPECT_FALSE(log.add(3, 6));
  EXPECT_FALSE(log.add(0, 6));
}

TEST(LockstepLog, HasNothingToDoWithoutLockstepLevels) {
  const InstanceTree tree({1, 3});
  EXPECT_FALSE(LockstepLog({{"bank", LevelKind::lockstep, 1}, kLevels[1]}, &tree).active());
}

}  // namespace
}  // namespace pimjit
