#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/tests/golden/kernel_cases.h"
#include "pimjit/tests/support/golden.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

class GoldenKernels : public ::testing::TestWithParam<test::KernelCase> {};

TEST_P(GoldenKernels, TextAndBytesAreAsKept) {
  const test::KernelCase& c = GetParam();
  const test::Sample sample =
      test::lowered_sample(c.computation, c.sizes, c.target, c.trace, c.dtype);
  ASSERT_FALSE(sample.module.kernels.empty());
  const Kernel& kernel = sample.module.kernels[0];
  const std::string file = std::string("kernels/") + c.name;
  EXPECT_EQ(test::differs_from_golden(file + ".txt", to_text(kernel)), "");
  const auto bytes = serialize(kernel);
  ASSERT_TRUE(bytes) << bytes.error().message();
  EXPECT_EQ(test::differs_from_golden(file + ".bin", *bytes), "");
  const auto back = deserialize(*bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(to_text(*back), to_text(kernel));
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

INSTANTIATE_TEST_SUITE_P(All, GoldenKernels, ::testing::ValuesIn(test::kKernelCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace pimjit
