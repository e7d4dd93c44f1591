#include "pimjit/core/support/hash.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

// Hashes are kept on disk: these values may change with kHashVersion only.
TEST(Hash, IsTheOneOfTheSpecification) {
  EXPECT_EQ(kHashVersion, 1);
  EXPECT_EQ(hex64(hash_text("")), "2d06800538d394c2");
  EXPECT_NE(hash_text("", 1), hash_text(""));
  const char bytes[] = {'a', 'b', 'c'};
  EXPECT_EQ(hash_bytes(bytes, 3), hash_text("abc"));
  EXPECT_EQ(hex64(hash_text("abc")), "78af5f94892f3950");
}

TEST(Hash, HexadecimalHasSixteenDigits) {
  EXPECT_EQ(hex64(0), "0000000000000000");
  EXPECT_EQ(hex64(0xFEDCBA9876543210), "fedcba9876543210");
}

}  // namespace
}  // namespace pimjit
