#include "pimjit/jit/kernel_code/kernel_code.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin_kit/evaluator.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/jit/engine/engine.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;

using Memory = std::vector<unsigned char>;

// Kernels over one memory of the device: A at byte 0, B at `second`, C (written) at `third`.
constexpr int64_t kElements = 64;
constexpr size_t kSecond = 512, kThird = 1024, kBytes = 1536;

kit::Kernel kernel_of(const std::string& type, const std::string& body, int64_t local = 64) {
  const auto device = [&](const char* name, const char* written) {
    return std::string("  buffer ") + name + " " + type +
           " device memory elements 64 align 8 base " + name + "_base" + written + "\n";
  };
  const std::string whole =
      "kernel k {\n  level core independent 3\n  scope memory at device\n  scope near at core\n"
      "  link in memory -> near\n  link out near -> memory\n"
      "  param A_base i64\n  param B_base i64\n  param C_base i64\n  param n i32\n" +
      device("A", " readonly") + device("B", " readonly") + device("C", "") + "  buffer t " + type +
      " local near elements " + std::to_string(local) +
      " align 8\n  var i i32\n  var j i32\n  var x " + type + "\n  body {\n" + body + "\n  }\n}\n";
  auto parsed = parse_kernel(whole);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message();
  kit::Kernel kernel;
  if (!parsed) return kernel;
  const auto bytes = serialize(*parsed);
  EXPECT_TRUE(bytes.has_value());
  if (bytes) {
    EXPECT_EQ(kit::read_kernel(bytes->data(), bytes->size(), kernel), "");
  }
  return kernel;
}

class FlatMemory final : public kit::UnitMemory {
 public:
  explicit FlatMemory(Memory& memory) : memory_(memory) {}
  bool load(const kit::Place& from, void* to, uint64_t bytes) override {
    std::memcpy(to, at(from), bytes);
    return true;
  }
  bool store(const kit::Place& to, const void* from, uint64_t bytes) override {
    std::memcpy(at(to), from, bytes);
    return true;
  }
  bool copy(int, const kit::Place& to, const kit::Place& from, uint64_t bytes) override {
    std::memcpy(at(to), at(from), bytes);
    return true;
  }

 private:
  unsigned char* at(const kit::Place& place) {
    if (place.scope == 0) return memory_.data() + place.offset;
    Memory& own = near_[place.instance];
    own.resize(1 << 16);
    return own.data() + place.offset;
  }
  Memory& memory_;
  std::map<int64_t, Memory> near_;
};

const std::vector<int64_t>& arguments() {
  static const std::vector<int64_t> values = {0, kSecond, kThird, 29};
  return values;
}

Memory evaluated(const kit::Kernel& kernel, Memory memory) {
  const kit::Evaluator evaluator(kernel, -1);
  FlatMemory flat(memory);
  kit::Counters counters;
  counters.links.resize(kernel.links.size());
  kit::RunOptions options;
  options.arguments = arguments();
  const kit::Outcome outcome = evaluator.run(flat, options, counters);
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  return memory;
}

Memory compiled(const kit::Kernel& kernel, Memory memory) {
  auto module = emit_kernel(kernel, "run");
  EXPECT_TRUE(module.has_value()) << module.error().message();
  if (!module) return {};
  EXPECT_EQ(module->mistakes(), "") << module->text();
  auto engine = Engine::create();
  EXPECT_TRUE(engine.has_value());
  auto code = engine->add(std::move(*module), {"run"});
  EXPECT_TRUE(code.has_value()) << code.error().message();
  if (!code) return {};
  std::array<unsigned char*, 2> scopes = {memory.data(), nullptr};
  for (int64_t core = 0; core < kernel.levels[0].count; ++core)
    code->function<KernelEntry>("run")(scopes.data(), arguments().data(), &core);
  return memory;
}

template <typename T>
Memory holding(const std::vector<T>& a, const std::vector<T>& b) {
  Memory memory(kBytes, 0);
  for (size_t i = 0; i < static_cast<size_t>(kElements); ++i) {
    std::memcpy(&memory[i * sizeof(T)], &a[i % a.size()], sizeof(T));
    std::memcpy(&memory[kSecond + i * sizeof(T)], &b[i / a.size() % b.size()], sizeof(T));
  }
  return memory;
}

template <typename T>
void expect_same(const kit::Kernel& kernel, const Memory& memory) {
  const Memory want = evaluated(kernel, memory), have = compiled(kernel, memory);
  ASSERT_EQ(want.size(), have.size());
  for (size_t i = 0; i < kBytes / sizeof(T); ++i) {
    T w, h;
    std::memcpy(&w, &want[i * sizeof(T)], sizeof(T));
    std::memcpy(&h, &have[i * sizeof(T)], sizeof(T));
    if (w != w && h != h) continue;  // NaNs are all the same
    EXPECT_EQ(w, h) << "element " << i;
  }
}

template <typename T>
void check_operators(const std::string& type, const std::vector<T>& values,
                     const std::vector<std::string>& expressions) {
  const Memory memory = holding<T>(values, values);
  for (const std::string& e : expressions) {
    SCOPED_TRACE(type + ": " + e);
    expect_same<T>(kernel_of(type, "if @core == 1 { for i = 0 count 64 { C[i] = " + e + " } }"),
                   memory);
  }
}

template <typename T>
void check_integers(const std::string& type) {
  const T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  check_operators<T>(
      type, {0, 1, -1, 7, -3, low, high, 100},
      {"A[i] + B[i]", "A[i] - B[i]", "A[i] * B[i]", "A[i] / B[i]", "A[i] % B[i]", "min(A[i], B[i])",
       "max(A[i], B[i])", "select(A[i] < B[i], A[i], B[i])", "select(A[i] <= B[i], B[i], A[i])",
       "select(A[i] == B[i], A[i], B[i])", "select(!(A[i] != B[i]), A[0], B[1])",
       type + "(f32(A[i]))", type + "(A[i] < B[i])"});
}

TEST(KernelCode, IntegersOfEveryWidthAreThoseOfTheEvaluator) {
  check_integers<int8_t>("i8");
  check_integers<int16_t>("i16");
  check_integers<int32_t>("i32");
  check_integers<int64_t>("i64");
}

TEST(KernelCode, FloatsAreThoseOfTheEvaluator) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  check_operators<float>("f32", {1.5f, -2.25f, 3e38f, -3e38f, inf, -inf, std::nanf(""), 1e-45f},
                         {"A[i] + B[i]", "A[i] - B[i]", "A[i] * B[i]", "A[i] / B[i]",
                          "min(A[i], B[i])", "max(A[i], B[i])", "A[i] * B[i] + A[i]",
                          "select(A[i] < B[i], A[i], B[i])", "select(A[i] <= B[i], A[i], B[i])",
                          "select(A[i] != B[i], A[i], B[i])", "select(A[i] == B[i], A[i], 2f)",
                          "f32(i8(A[i]))", "f32(i16(A[i]))", "f32(i32(A[i]))", "f32(i64(A[i]))"});
}

Memory numbers() {
  return holding<int32_t>({3, -4, 5, 6, 7, -8, 9, 11}, {2, 5, -7, 1, 0, 4, 3, 8});
}

TEST(KernelCode, LoadsTakePlaceOnlyWhereTheyAreNeeded) {
  // Compiled code that loads anyway leaves its memory by gigabytes.
  const std::string far = "A[i * 30000000]";
  expect_same<int32_t>(kernel_of("i32",
                                 "if @core == 0 { for i = 0 count 64 {"
                                 " C[i] = select(i < 1, " +
                                     far +
                                     ", 5)"
                                     " if i < 1 && " +
                                     far +
                                     " < 9 { C[i] = 7 }"
                                     " if 0 < i || " +
                                     far + " == 0 { C[i] = C[i] + 1 } } }"),
                       numbers());
}

TEST(KernelCode, LoopsOfAllKindsKeepTheirMeaning) {
  for (const char* kind : {"", " unrolled", " unrolled(4)", " vectorized", " parallel"}) {
    SCOPED_TRACE(kind);
    expect_same<int32_t>(kernel_of("i32", "for i = @core * 10 count min(10, $n - @core * 10)" +
                                              std::string(kind) + " { C[i] = A[i] * B[i] + i }"),
                         numbers());
    expect_same<int32_t>(
        kernel_of("i32", "for i = 5 count $n - 40" + std::string(kind) + " { C[i] = 1 }"),
        numbers());
  }
}

// Sums over loops of known and unknown length, in local and in device memory.
template <typename T>
void check_sums(const std::string& type, const Memory& memory,
                const std::vector<std::string>& sums) {
  const auto with = [](std::string sum, const std::string& element) {
    for (size_t at; (at = sum.find('X')) != std::string::npos;) sum.replace(at, 1, element);
    return sum;
  };
  for (const char* count : {"64", "37", "5", "$n", "$n - 29"}) {
    for (const std::string& sum : sums) {
      SCOPED_TRACE(type + ": " + sum + " count " + count);
      const std::string loop = "for i = 0 count " + std::string(count) + " vectorized { ";
      expect_same<T>(kernel_of(type, "if @core == 1 { t[3] = C[5] " + loop + with(sum, "t[3]") +
                                         " } C[7] = t[3] } else { " + loop +
                                         with(sum, "C[@core + 9]") + " } }"),
                     memory);
    }
  }
}

TEST(KernelCode, SumsOfIntegersInLanesAreThoseOfTheEvaluator) {
  const std::vector<std::string> sums = {
      "X = X + A[i] * B[i]", "X = X * A[i]", "X = min(X, A[i] - B[i])",
      "X = max(A[i], X)",    "X = X - A[i]", "C[i] = A[i] X = X + B[i]"};
  check_sums<int8_t>("i8", holding<int8_t>({1, -7, 127, -128, 5}, {3, 5, -1}), sums);
  check_sums<int32_t>("i32", numbers(), sums);
  check_sums<int64_t>("i64", holding<int64_t>({1, -7, INT64_MAX, 5}, {3, 1, -1}), sums);
}

TEST(KernelCode, SumsOfFloatsKeepTheirOrderInVectorisedLoops) {
  const Memory uneven = holding<float>({1.5f, 1e8f, -3.25f, 7e-3f, -1e8f}, {2.f, 0.1f, 3.f});
  check_sums<float>("f32", uneven,
                    {"X = X + A[i] * B[i]", "X = A[i] + X", "X = X + A[i] X = X + B[i]"});
}

TEST(KernelCode, TilesAreCopiedAndAccumulated) {
  expect_same<int32_t>(
      kernel_of("i32",
                "if @core < 2 {"
                " copy in t[0] <- A[@core * 32] count 16"
                " for i = 0 count 16 { for j = 0 count 3 { t[i] = t[i] + B[i + j] } }"
                " let x = t[3] { t[4] = x - 1 }"
                " copy out C[@core * 16] <- t[0] count 16"
                " } else { C[60] = 9 }"),
      numbers());
}

// Iterations side by side, where what one stores another one loads, and where it does not.
TEST(KernelCode, IterationsSideBySideStoreWhatOneAfterTheOtherWould) {
  for (const char* body :
       {"C[i + 1] = C[i] + A[i]", "C[i] = C[i + 1] + A[i]", "C[i] = C[i] + A[i] * B[3]",
        "C[i] = A[i] + i * 3", "C[0] = C[0] + A[i]", "C[2 * i % 31] = A[i]",
        "C[i] = A[i] C[i + 1] = B[i]", "C[i] = A[i] C[i] = C[i] * B[i]", "C[30 - i] = A[30 - i]",
        "C[i] = C[i] + C[i + 16]", "C[i + 16] = C[i + 16] - C[i]", "C[i] = C[i] + C[16]",
        "C[i] = A[C[0] % 2 + i]", "C[i] = select(A[i] < B[i], A[i], i)"}) {
    for (const char* extent : {"1", "7", "16", "30", "$n", "$n - 60"}) {
      SCOPED_TRACE(std::string(body) + " count " + extent);
      expect_same<int32_t>(kernel_of("i32", "if @core == 0 { for i = 0 count " +
                                                std::string(extent) + " { " + body + " } }"),
                           numbers());
    }
  }
}

TEST(KernelCode, ProductsAndSumsRoundOnceOnlyWhereThatIsAllowed) {
  const kit::Kernel kernel =
      kernel_of("f32", "if @core == 0 { for i = 0 count 64 { C[i] = A[i] * B[i] + C[i] } }");
  for (const bool fused : {false, true}) {
    const auto module = emit_kernel(kernel, "run", {fused});
    ASSERT_TRUE(module.has_value());
    EXPECT_EQ(module->text().find("contract") != std::string::npos, fused);
  }
}

TEST(KernelCode, WhatCoresCannotDoIsRefused) {
  auto waiting = emit_kernel(kernel_of("i32", "barrier core"), "run");
  ASSERT_FALSE(waiting.has_value());
  EXPECT_EQ(waiting.error().code, "unsupported_kernel");
  EXPECT_THAT(waiting.error().message(), HasSubstr("instances of level 'core' wait"));
  auto large = emit_kernel(kernel_of("i64", "C[0] = 1:i64", 32769), "run");
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, "unsupported_kernel");
  EXPECT_THAT(large.error().message(),
              HasSubstr("local buffer 't' of 262152 bytes brings local buffers beyond 262144"));
  EXPECT_TRUE(emit_kernel(kernel_of("i64", "C[0] = 1:i64", 32768), "run").has_value());
}

}  // namespace
}  // namespace pimjit
