#include "pimjit/core/interp/memory.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(ShadowMemory, StartsUninitialisedAndGrows) {
  ShadowMemory memory(1, 4);
  EXPECT_EQ(poison_of(memory.shadow(0), 4), Poison::uninitialised);
  memory.data(0)[2] = std::byte{7};
  memory.shadow(0)[2] = 0;
  memory.grow(3);
  EXPECT_EQ(memory.instances(), 3);
  EXPECT_EQ(memory.data(0)[2], std::byte{7});
  EXPECT_EQ(memory.shadow(0)[2], 0);
  EXPECT_EQ(memory.shadow(2)[3], static_cast<uint8_t>(Poison::uninitialised));
}

TEST(ShadowMemory, MovesPoisonWithItsBytes) {
  ShadowMemory from(1, 4), to(1, 4);
  for (int i = 0; i < 4; ++i) from.shadow(0)[i] = 0;
  from.shadow(0)[3] = static_cast<uint8_t>(Poison::padding);
  copy_shadowed(to.data(0), to.shadow(0), from.data(0), from.shadow(0), 4);
  EXPECT_EQ(poison_of(to.shadow(0), 3), Poison::none);
  EXPECT_EQ(poison_of(to.shadow(0), 4), Poison::padding);
}

TEST(ShadowMemory, ComparesWhereThereAreValues) {
  ShadowMemory a(2, 4), b(2, 4);
  b.data(1)[1] = std::byte{1};  // undefined in both
  EXPECT_FALSE(first_difference(a, b).found);
  a.shadow(1)[1] = b.shadow(1)[1] = 0;
  const MemoryDifference d = first_difference(a, b);
  EXPECT_TRUE(d.found);
  EXPECT_EQ(d.instance, 1);
  EXPECT_EQ(d.byte, 1);
  a.data(1)[1] = std::byte{1};
  EXPECT_FALSE(first_difference(a, b).found);
  a.shadow(0)[0] = 0;
  EXPECT_TRUE(first_difference(a, b).found);
}

}  // namespace
}  // namespace pimjit
