#ifndef PIMJIT_TESTS_SUPPORT_BUILT_TARGET_H_
#define PIMJIT_TESTS_SUPPORT_BUILT_TARGET_H_

#include <string>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/run/open_target.h"

namespace pimjit::test {

// A target of this build by its target string, such as "sim:dpus=64".
inline OpenTarget built_target(const std::string& target) {
  const Discovery found = discover(search_places({PIMJIT_BINARY_DIR "/lib/pimjit/plugins"}, ""));
  auto opened = open_target(target, found);
  EXPECT_TRUE(opened) << opened.error().message();
  return *opened;
}

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_BUILT_TARGET_H_
