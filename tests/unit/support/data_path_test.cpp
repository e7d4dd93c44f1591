#include "pimjit/core/support/data_path.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(DataPath, TakesTheVariableThenTheUsersFolders) {
  setenv("HOME", "/home/user", 1);
  unsetenv("XDG_DATA_HOME");
  unsetenv("PIMJIT_TEST_FILE");
  EXPECT_EQ(data_path("PIMJIT_TEST_FILE", "a.db"), "/home/user/.local/share/pimjit/a.db");
  setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(data_path("PIMJIT_TEST_FILE", "a.db"), "/data/pimjit/a.db");
  setenv("XDG_DATA_HOME", "relative", 1);
  EXPECT_EQ(data_path("PIMJIT_TEST_FILE", "a.db"), "/home/user/.local/share/pimjit/a.db");
  setenv("PIMJIT_TEST_FILE", "b.db", 1);
  EXPECT_EQ(data_path("PIMJIT_TEST_FILE", "a.db"), "b.db");
  unsetenv("PIMJIT_TEST_FILE");
  unsetenv("XDG_DATA_HOME");
  unsetenv("HOME");
  EXPECT_EQ(data_path("PIMJIT_TEST_FILE", "a.db"), "");
}

}  // namespace
}  // namespace pimjit
