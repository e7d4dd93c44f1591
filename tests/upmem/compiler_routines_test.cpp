// Routines inlined or called: what both issue, and that the compiler's choice is never far from the
// better one.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/tests/upmem/compiler_harness.h"
#include "pimjit/tests/upmem/tiled_loop.h"

namespace pimjit::upmem {
namespace {

struct Sample {
  const char *name, *type, *body;
  int unroll;
};

constexpr Sample kSamples[] = {
    {"product i64", "i64", "z[AT + i] = x[AT + i] * y[AT + i]", 8},
    {"sum of products i64", "i64", "z[AT] = z[AT] + x[AT + i] * y[AT + i]", 8},
    {"sum of products i64", "i64", "z[AT] = z[AT] + x[AT + i] * y[AT + i]", 32},
    {"square plus i64", "i64", "z[AT + i] = x[AT + i] * x[AT + i] + y[AT + i]", 4},
    {"quotient i32", "i32", "z[AT + i] = x[AT + i] / y[AT + i]", 8},
    {"remainder i32", "i32", "z[AT + i] = x[AT + i] % y[AT + i]", 8},
    {"sum f32", "f32", "z[AT + i] = x[AT + i] + y[AT + i]", 8},
    {"sum f32", "f32", "z[AT + i] = x[AT + i] + y[AT + i]", 1},
    {"sum f32", "f32", "z[AT + i] = x[AT + i] + y[AT + i]", 32},
    {"difference f32", "f32", "z[AT + i] = x[AT + i] - y[AT + i]", 8},
    {"product f32", "f32", "z[AT + i] = x[AT + i] * y[AT + i]", 8},
    {"product f32", "f32", "z[AT + i] = x[AT + i] * y[AT + i]", 64},
    {"quotient f32", "f32", "z[AT + i] = x[AT + i] / y[AT + i]", 8},
    {"total f32", "f32", "z[AT] = z[AT] + x[AT + i]", 8},
    {"sum of products f32", "f32", "z[AT] = z[AT] + x[AT + i] * y[AT + i]", 1},
    {"sum of products f32", "f32", "z[AT] = z[AT] + x[AT + i] * y[AT + i]", 8},
    {"sum of products f32", "f32", "z[AT] = z[AT] + x[AT + i] * y[AT + i]", 32},
    {"least f32", "f32", "z[AT + i] = min(x[AT + i], y[AT + i])", 8},
    {"greatest so far f32", "f32", "z[AT] = max(z[AT], x[AT + i])", 8},
    {"scaled difference f32", "f32", "z[AT + i] = (x[AT + i] - y[AT + i]) * x[AT + i]", 4},
    {"rational f32", "f32", "z[AT + i] = x[AT + i] * x[AT + i] / (y[AT + i] + x[AT + i])", 2},
};

std::string text_of(const Sample& sample) {
  std::string text = testing::kernel_text(sample.type, "", sample.type, sample.body);
  const std::string unrolled = "unrolled(8)";
  text.replace(text.find(unrolled), unrolled.size(),
               sample.unroll == 1 ? "" : "unrolled(" + std::to_string(sample.unroll) + ")");
  if (std::string(sample.type) == "f32") {
    const std::string zero = "] = 0\n";
    text.replace(text.find(zero), zero.size(), "] = 0f\n");
  }
  return text;
}

std::vector<std::int64_t> data_of(const std::string& type) {
  std::mt19937_64 random(21);
  std::vector<std::int64_t> values;
  for (int i = 0; i < 4099; ++i) {
    const std::int64_t whole = static_cast<std::int64_t>(random() % 4001) - 2000;
    if (type != "f32") {
      values.push_back(whole == 0 ? 1 : whole);
      continue;
    }
    const float real = static_cast<float>(whole) / 16.0f + 0.03125f;
    std::uint32_t bits;
    std::memcpy(&bits, &real, sizeof bits);
    values.push_back(bits);
  }
  return values;
}

// Issued per element; nothing where the program is too long.
std::optional<double> issued(const Sample& sample, RoutineUse use) {
  CompileOptions options;
  options.routines = use;
  const auto bytes = testing::bytes_of_text(text_of(sample));
  const auto compiled = compile_kernel(bytes, options);
  if (!compiled) {
    EXPECT_EQ(compiled.error().code, "program_too_long") << compiled.error().what;
    return std::nullopt;
  }
  kit::Kernel kernel;
  EXPECT_EQ(kit::read_kernel(bytes.data(), bytes.size(), kernel), "");
  testing::expect_equal_runs(kernel, *compiled, false);
  return testing::slots(*compiled, std::string(sample.type) == "i64" ? 8 : 4, data_of(sample.type));
}

TEST(CompilerRoutines, TheChoiceIsWithinATwentiethOfTheBetter) {
  std::printf("issued per element: unroll, inlined, called, chosen\n");
  int both = 0;
  for (const Sample& sample : kSamples) {
    const auto inlined = issued(sample, RoutineUse::inlined);
    const auto called = issued(sample, RoutineUse::called);
    const auto chosen = issued(sample, RoutineUse::automatic);
    ASSERT_TRUE(called && chosen) << sample.name;
    both += inlined && *inlined != *called;
    std::printf("%-22s %3d  %7.2f  %7.2f  %7.2f\n", sample.name, sample.unroll, inlined.value_or(0),
                *called, *chosen);
    EXPECT_LE(*chosen, 1.05 * std::min(*called, inlined.value_or(*called))) << sample.name;
  }
  EXPECT_GE(both, 12) << "so many have two forms that differ";
}

}  // namespace
}  // namespace pimjit::upmem
