#include <gtest/gtest.h>

#include "pimjit/tests/golden/golden.h"
#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

TEST(GoldenKernels, EveryNode) {
  golden::expect_kernel("every_node", sample::everything());
}

}  // namespace
}  // namespace pimjit
