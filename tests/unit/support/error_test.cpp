#include "pimjit/core/support/error.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(Error, MessageIsWhatWhereHintAndCauses) {
  EXPECT_EQ(user_error("bad", "it is 3, not 4").message(), "it is 3, not 4");
  const Error inner = target_error("lost", "the machine is gone", "plugin 'm'");
  const Error outer =
      with_cause(internal_error("broken", "it failed", "a pass", "try again"), inner);
  EXPECT_EQ(outer.message(),
            "it failed\n  a pass\n  hint: try again\n  because: the machine is gone\n  plugin 'm'");
  EXPECT_STREQ(to_string(user_error("", "").origin), "user");
  EXPECT_STREQ(to_string(inner.origin), "target");
  EXPECT_STREQ(to_string(outer.origin), "internal");
}

TEST(Error, NearestNameIsOneThatCanBeMeant) {
  const std::vector<std::string> known{"mtv", "gemv", "capacity"};
  EXPECT_EQ(nearest_name("mtvv", known), "mtv");
  EXPECT_EQ(nearest_name("capcity", known), "capacity");
  EXPECT_EQ(nearest_name("softmax", known), "");
  EXPECT_EQ(nearest_name("mtv", {}), "");
}

}  // namespace
}  // namespace pimjit
