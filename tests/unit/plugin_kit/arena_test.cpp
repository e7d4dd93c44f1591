#include "pimjit/core/plugin_kit/arena.h"

#include <gtest/gtest.h>

namespace pimjit::kit {
namespace {

TEST(Arena, FirstFitWithAlignmentAndGranule) {
  Arena arena(256, 8);
  uint64_t a = 0, b = 0, c = 0, d = 0;
  EXPECT_TRUE(arena.take(10, 1, &a));
  EXPECT_TRUE(arena.take(10, 64, &b));
  EXPECT_TRUE(arena.take(0, 1, &c));
  EXPECT_EQ(a, 0u);
  EXPECT_EQ(b, 64u);
  EXPECT_EQ(c, 16u);
  EXPECT_EQ(arena.free_bytes(), 256u - 16 - 16 - 8);
  EXPECT_TRUE(arena.give_back(b));
  EXPECT_TRUE(arena.take(232, 8, &d));
  EXPECT_EQ(d, 24u);
  EXPECT_FALSE(arena.take(1, 1, &a));
}

TEST(Arena, KnowsWhatIsReserved) {
  Arena arena(64);
  uint64_t offset = 0;
  EXPECT_TRUE(arena.take(64, 1, &offset));
  EXPECT_EQ(arena.bytes_at(offset), 64u);
  EXPECT_EQ(arena.bytes_at(1), 0u);
  EXPECT_TRUE(arena.give_back(offset));
  EXPECT_FALSE(arena.give_back(offset));
}

TEST(Arena, HugeRequestsAreRefused) {
  Arena arena(64, 8);
  uint64_t offset = 0;
  EXPECT_FALSE(arena.take(UINT64_MAX, 1, &offset));
  EXPECT_FALSE(arena.take(UINT64_MAX - 7, 8, &offset));
  EXPECT_FALSE(arena.take(8, uint64_t{1} << 63, &offset));
  EXPECT_FALSE(arena.take(65, 1, &offset));
}

}  // namespace
}  // namespace pimjit::kit
