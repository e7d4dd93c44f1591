// The numbered programs, as a reader would start them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// On the host's cores unless `arguments` name another target.
Ran example(const std::string& name, const std::string& arguments = "") {
  const Ran ran = run_program(
      "examples/" + name, arguments,
      arguments.empty() ? "PIMJIT_PLUGIN_PATH='" PIMJIT_BINARY_DIR "/lib/pimjit/plugins'" : "");
  EXPECT_EQ(ran.status, 0) << name << "\n" << ran.err;
  return ran;
}

class Examples : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(PIMJIT_BINARY_DIR "/examples/02_call_with_tensors"))
      GTEST_SKIP() << "examples are not built";
  }
};

TEST_F(Examples, CallWithTensors) {
  const std::string out = example("02_call_with_tensors").out;
  EXPECT_THAT(out, StartsWith("call 0: C[299] = 200, "));
  EXPECT_THAT(out, HasSubstr("\ncall 1: C[299] = 200, "));
  EXPECT_THAT(out, HasSubstr(" measured\nschedule: "));
  EXPECT_THAT(example("02_call_with_tensors", "toy").out, HasSubstr("= 200, "));
}

TEST_F(Examples, ReplaceKernel) {
  // 63 rows on, A[63,k] = (63 * 48 + k) % 7.
  int expected = 0;
  for (int k = 0; k < 48; ++k) expected += (63 * 48 + k) % 7 * k;
  const std::string value = ": C[63] = " + std::to_string(expected) + "\n";
  const std::string all =
      "default schedule" + value + "given schedule" + value + "foreign kernel my_mtv" + value;
  EXPECT_EQ(example("04_replace_kernel").out, all);
  EXPECT_EQ(example("04_replace_kernel", "toy unit").out, all);
}

TEST_F(Examples, CompileFromThreads) {
  EXPECT_EQ(example("05_compile_from_threads").out,
            "C[999] = 40\nC[999] = 41\nC[999] = 42\nC[999] = 43\ncompiled 1 time(s)\n");
}

TEST_F(Examples, PlainFunction) {
  EXPECT_EQ(example("06_plain_function").out,
            "int gemv(float alpha, const float* A, const float* B, float* C)\nC[31] = 12\n");
}

TEST_F(Examples, SayWhatIsMissing) {
  const Ran lost = run_program("examples/02_call_with_tensors", "nosuch");
  EXPECT_EQ(lost.status, 1);
  EXPECT_THAT(lost.err, HasSubstr("there is no target \"nosuch\""));
}

}  // namespace
}  // namespace pimjit
