#include "pimjit/core/support/text.h"

#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(Text, CatWritesEveryKindOfPart) {
  EXPECT_EQ(cat("a", 'b', std::string("c"), -4, uint64_t{5}, true), "abc-45true");
  EXPECT_EQ(cat(int8_t{65}), "65");
}

TEST(Text, ShortestReadsBack) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1e20), "1e+20");
  EXPECT_EQ(shortest(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(shortest(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(shortest(-0.0), "-0");
  for (const double x : {1.0 / 3, 5e-324, -1.7976931348623157e308})
    EXPECT_EQ(std::strtod(shortest(x).c_str(), nullptr), x);
}

TEST(Text, Join) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "", "c"}, ", "), "a, , c");
}

TEST(Text, ReadableBytes) {
  EXPECT_EQ(readable_bytes(0), "0 B");
  EXPECT_EQ(readable_bytes(100), "100 B");
  EXPECT_EQ(readable_bytes(65536), "64 KiB");
  EXPECT_EQ(readable_bytes(71680), "70 KiB");
}

}  // namespace
}  // namespace pimjit
