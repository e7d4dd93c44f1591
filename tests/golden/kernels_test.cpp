#include <gtest/gtest.h>

#include "pimjit/tests/golden/golden.h"
#include "pimjit/tests/golden/kernel_cases.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

class GoldenKernels : public ::testing::TestWithParam<test::KernelCase> {};

// What is kept is also right: a reference that computes something else would mislead its readers.
TEST_P(GoldenKernels, AreAsKeptAndCompute) {
  const test::KernelCase& c = GetParam();
  const test::Sample sample =
      test::lowered_sample(c.computation, c.sizes, c.target, c.trace, c.dtype);
  ASSERT_FALSE(sample.module.kernels.empty());
  golden::expect_kernel(c.name, sample.module.kernels[0]);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

INSTANTIATE_TEST_SUITE_P(All, GoldenKernels, ::testing::ValuesIn(test::kKernelCases),
                         [](const auto& kept) { return std::string(kept.param.name); });

}  // namespace
}  // namespace pimjit
