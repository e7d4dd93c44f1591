// Instructions issued per element, loop overhead included, for schedules unrolled by 8; refusals.
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/tests/upmem/compiler_harness.h"
#include "pimjit/tests/upmem/tiled_loop.h"

namespace pimjit::upmem {
namespace {

using testing::bytes_of_text;
using testing::kernel_text;
using testing::slots;

Expected<CompiledKernel> compile(const std::string& text) {
  return compile_kernel(bytes_of_text(text));
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

struct Count {
  const char *name, *type, *range, *result, *body;
  std::vector<std::int64_t> values;
  double at_most;
};

TEST(CompilerCounts, StayWithinTheirLimits) {
  const std::string sum = "z[AT] = z[AT] + ";
  const std::string add = "z[AT + i] = x[AT + i] + y[AT + i]";
  const std::string product = sum + "x[AT + i] * y[AT + i]";
  const std::string wide = sum + "i32(x[AT + i]) * i32(y[AT + i])";
  const std::string total = sum + "x[AT + i]";
  const std::vector<std::int64_t> small{0, 3, 49, 17, 25, 1, 40};
  const std::vector<std::int64_t> large{1, -1, 123456789, -987654321, 0x7fffffff, -0x7fffffff};
  std::mt19937_64 random(12);
  std::vector<std::int64_t> bytes_with_sign, words, negative;
  for (int i = 0; i < 4099; ++i) {
    bytes_with_sign.push_back(static_cast<std::int64_t>(random() % 256) - 128);
    words.push_back(static_cast<std::int32_t>(random()));
    negative.push_back(static_cast<std::int32_t>(random() | 0x80000000));
  }
  const Count counts[] = {
      {"va i32", "i32", "", "i32", add.c_str(), large, 2.8},
      {"va i64", "i64", "", "i64", add.c_str(), large, 5.4},
      {"red i32", "i32", "", "i32", total.c_str(), large, 1.9},
      {"red i64", "i64", "", "i64", total.c_str(), large, 3.3},
      {"mac i32, found 0..49", "i32", "", "i32", product.c_str(), small, 7.0},
      {"mac i32, found -128..127", "i32", "", "i32", product.c_str(), bytes_with_sign, 9.0},
      {"mac i32, random words", "i32", "", "i32", product.c_str(), words, 30},
      {"mac i32, all negative", "i32", "", "i32", product.c_str(), negative, 30},
      {"mac i32, mixed widths", "i32", "", "i32", product.c_str(), large, 26},
      {"mac i32, declared 8 bits", "i32", "range 0..49", "i32", product.c_str(), small, 3.4},
      {"mac i16", "i16", "", "i32", wide.c_str(), small, 11},
      {"mac i8", "i8", "", "i32", wide.c_str(), small, 3.0},
  };
  for (const Count& count : counts) {
    const auto serialised =
        bytes_of_text(kernel_text(count.type, count.range, count.result, count.body));
    const auto compiled = compile_kernel(serialised);
    ASSERT_TRUE(compiled) << compiled.error().message();
    kit::Kernel kernel;
    ASSERT_EQ(kit::read_kernel(serialised.data(), serialised.size(), kernel), "");
    testing::expect_equal_runs(kernel, *compiled, false);
    const std::size_t bytes = std::string(count.type) == "i64"   ? 8
                              : std::string(count.type) == "i16" ? 2
                              : std::string(count.type) == "i8"  ? 1
                                                                 : 4;
    if (const char* folder = std::getenv("PIMJIT_KEEP_ELF"))
      std::ofstream(std::string(folder) + "/" + count.name + ".elf", std::ios::binary)
          .write(reinterpret_cast<const char*>(compiled->elf.data()),
                 static_cast<std::streamsize>(compiled->elf.size()));
    const double have = slots(*compiled, bytes, count.values);
    std::printf("%-26s %6.2f issued per element, %d spills\n", count.name, have, compiled->spills);
    EXPECT_LE(have, count.at_most) << count.name;
    EXPECT_EQ(compiled->spills, 0) << count.name;
  }
}

// Code of the vendor's compiler takes, per item: multiply-accumulate 19.3 on data 0..49, 30 on
// +-1000, 45.6 on random words; va, its guard included, 11.2; red 7.2; f32 sums 57 to 61, products
// 167 (source: runs of its executables on the executor).
struct Plain {
  const char *name, *type, *body;
  std::vector<std::int64_t> values;
  double vendor;
};

TEST(CompilerCounts, PlainCodeIssuesWhatAGeneralCompilersDoes) {
  const std::string product = "z[AT] = z[AT] + x[AT + i] * y[AT + i]";
  const std::string add = "if t * SIZE + i < 1024 - @unit { z[AT + i] = x[AT + i] + y[AT + i] }";
  std::mt19937_64 random(11);
  const std::string multiply = "z[AT + i] = x[AT + i] * y[AT + i]";
  std::vector<std::int64_t> small, medium, words, real;
  for (int i = 0; i < 4099; ++i) {
    small.push_back(static_cast<std::int64_t>(random() % 50));
    medium.push_back(static_cast<std::int64_t>(random() % 2001) - 1000);
    words.push_back(static_cast<std::int32_t>(random()));
    const float number = static_cast<float>(medium.back()) / 64 + 0.001f;
    real.push_back(std::bit_cast<std::int32_t>(number));
  }
  const Plain cases[] = {
      {"mac i32, 0..49", "i32", product.c_str(), small, 19.3},
      {"mac i32, +-1000", "i32", product.c_str(), medium, 30},
      {"mac i32, words", "i32", product.c_str(), words, 45.6},
      {"va i32", "i32", add.c_str(), words, 11.2},
      {"red i32", "i32", "z[AT] = z[AT] + x[AT + i]", words, 7.2},
      {"va f32", "f32", add.c_str(), real, 57},
      {"product f32", "f32", multiply.c_str(), real, 167},
  };
  for (const Plain& c : cases) {
    std::string text = kernel_text(c.type, "", c.type, c.body);
    text = replaced(text, " unrolled(8)", "");
    if (std::string(c.type) == "f32") text = replaced(text, "] = 0\n", "] = 0f\n");
    const auto compiled = compile_kernel(bytes_of_text(text), {CodeStyle::plain});
    ASSERT_TRUE(compiled) << compiled.error().message();
    const double have = slots(*compiled, 4, c.values);
    std::printf("%-26s %6.2f issued per item, the vendor's code %.1f\n", c.name, have, c.vendor);
    EXPECT_GE(have, 0.9 * c.vendor) << c.name;
    EXPECT_LE(have, 1.1 * c.vendor) << c.name;
    EXPECT_EQ(compiled->spills, 0) << c.name;
  }
}

std::string refusal(const std::string& text) {
  const auto compiled = compile(text);
  if (compiled) return "compiled";
  return compiled.error().message();
}

TEST(CompilerRefusals, NameTheNumbers) {
  const std::string text = kernel_text("i32", "", "i32", "z[AT + i] = x[AT + i]");
  EXPECT_EQ(refusal(replaced(text, "thread independent 2", "thread independent 25")),
            "level 'thread' has 25 instances, a DPU has 24 tasklets");
  EXPECT_EQ(refusal(replaced(text, "x i32 local scratch elements 1024",
                             "x i32 local scratch elements 16000")),
            "the kernel needs 72240 bytes of WRAM, a DPU has 65536\n"
            "  hint: use smaller tiles or fewer tasklets");
  EXPECT_EQ(refusal(replaced(text, "t * 512] count 512", "t * 512] count 1")),
            "a copy between 'A' and 'x' moves 4 bytes; a transfer moves 8..2048, a multiple of 8");
  EXPECT_EQ(refusal(replaced(text, "= x[@thread * 512 + i]", "= C[@thread * 512 + i]")),
            "single elements of buffer 'C' are used, but it is in MRAM, which is reached by copies "
            "only");
  EXPECT_EQ(
      refusal(replaced(text, "i = 0 count 512 unrolled(8)", "i = 0 count 5000 unrolled(5000)")),
      "a loop is to be unrolled 5000 times; a DPU has 4096 instructions");
  EXPECT_EQ(
      refusal(replaced(text, "i = 0 count 512 unrolled(8)", "i = 0 count 4096 unrolled(4096)")),
      "the program has 4116 instructions, IRAM holds 4096");
}

TEST(CompilerRefusals, BytesThatAreNoKernel) {
  const std::vector<std::uint8_t> bytes(40, 7);
  const auto compiled = compile_kernel(bytes);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, "bad_kernel");
}

}  // namespace
}  // namespace pimjit::upmem
