// The kept kernels, compiled, executed and held against the evaluator of the plugin kit.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/tests/upmem/compiler_harness.h"

namespace pimjit::upmem {
namespace {

using testing::Bytes;
using testing::expect_equal_runs;

Bytes kept_kernel(const std::string& name) {
  const auto path =
      std::filesystem::path(PIMJIT_SOURCE_DIR) / "tests/golden/kernels" / (name + ".bin");
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> kept_names() {
  std::vector<std::string> names;
  const auto folder = std::filesystem::path(PIMJIT_SOURCE_DIR) / "tests/golden/kernels";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".bin") names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

class CompilerGolden : public ::testing::TestWithParam<std::string> {};

// Kernels for other machines, and what is not compiled, by name.
const std::map<std::string, std::string> kRefused = {
    {"gemm_direct", "level 'lane' is not of independent control; DPUs and tasklets are"},
    {"mtv_direct", "level 'lane' is not of independent control; DPUs and tasklets are"},
    {"mtv_lockstep", "level 'bank' is not of independent control; DPUs and tasklets are"},
    {"va_lockstep", "level 'bank' is not of independent control; DPUs and tasklets are"},
};

TEST_P(CompilerGolden, ComputesWhatTheEvaluatorComputes) {
  const Bytes bytes = kept_kernel(GetParam());
  kit::Kernel kernel;
  ASSERT_EQ(kit::read_kernel(bytes.data(), bytes.size(), kernel), "");
  const auto compiled = compile_kernel(bytes);
  if (const auto refused = kRefused.find(GetParam()); refused != kRefused.end()) {
    ASSERT_FALSE(compiled);
    EXPECT_EQ(compiled.error().message(), refused->second);
    return;
  }
  ASSERT_TRUE(compiled) << compiled.error().message();
  if (const char* folder = std::getenv("PIMJIT_KEEP_ELF"))
    std::ofstream(std::string(folder) + "/" + GetParam() + ".elf", std::ios::binary)
        .write(reinterpret_cast<const char*>(compiled->elf.data()),
               static_cast<std::streamsize>(compiled->elf.size()));
  EXPECT_EQ(compiled->spills, 0);
  kernel.name = GetParam();
  expect_equal_runs(kernel, *compiled, true);
}

TEST_P(CompilerGolden, ComputesTheSameInPlainCode) {
  if (kRefused.contains(GetParam())) GTEST_SKIP();
  const Bytes bytes = kept_kernel(GetParam());
  kit::Kernel kernel;
  ASSERT_EQ(kit::read_kernel(bytes.data(), bytes.size(), kernel), "");
  const auto compiled = compile_kernel(kernel, {CodeStyle::plain});
  ASSERT_TRUE(compiled) << compiled.error().message();
  expect_equal_runs(kernel, *compiled, false);
}

// Every loop unrolled by other factors than scheduled, which the meaning of loops permits.
TEST_P(CompilerGolden, ComputesTheSameUnrolled) {
  if (kRefused.contains(GetParam())) GTEST_SKIP();
  const Bytes bytes = kept_kernel(GetParam());
  kit::Kernel kernel;
  ASSERT_EQ(kit::read_kernel(bytes.data(), bytes.size(), kernel), "");
  for (const int copies : {2, 3, 4, 8}) {
    for (kit::Stmt& s : kernel.stmts) {
      if (s.kind != kit::StmtKind::For) continue;
      s.loop = kit::LoopKind::unrolled;
      s.unroll = copies;
    }
    const auto compiled = compile_kernel(kernel);
    if (!compiled) {
      // Seen before or after all of it has been translated.
      const std::string& code = compiled.error().code;
      EXPECT_TRUE(code == "program_too_long" || code == "kernel_refused");
      EXPECT_NE(compiled.error().message().find("IRAM"), std::string::npos)
          << compiled.error().message();
      continue;
    }
    expect_equal_runs(kernel, *compiled, false);
  }
}

INSTANTIATE_TEST_SUITE_P(All, CompilerGolden, ::testing::ValuesIn(kept_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace pimjit::upmem
