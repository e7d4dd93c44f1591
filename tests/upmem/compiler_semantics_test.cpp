// Parts of the kernel language, each in a small kernel, against the evaluator.
#include <string>

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/tests/upmem/compiler_harness.h"

namespace pimjit::upmem {
namespace {

struct Case {
  const char *name, *type, *body;
};

// Each tasklet has 64 elements of x, y and z, filled from and written back to MRAM.
std::string text_of(const Case& test) {
  std::string text = R"(kernel k {
  level unit independent 5
  level thread independent 3
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  link store scratch -> bank
  param a i32
  param b i32
  param c i32
  param n i32
  param m i64
  buffer A TYPE device bank elements 192 align 8 base a readonly
  buffer B TYPE device bank elements 192 align 8 base b readonly
  buffer C TYPE device bank elements 192 align 8 base c
  buffer x TYPE local scratch elements 192 align 8
  buffer y TYPE local scratch elements 192 align 8
  buffer z TYPE local scratch elements 192 align 8
  var i i32
  var j i32
  var w i64
  var v TYPE
  body {
    copy load x[@thread * 64] <- A[@thread * 64] count 64
    copy load y[@thread * 64] <- B[@thread * 64] count 64
    copy load z[@thread * 64] <- B[@thread * 64] count 64
    barrier thread
    BODY
    barrier thread
    copy store C[@thread * 64] <- z[@thread * 64] count 64
  }
})";
  const std::pair<const char*, std::string> parts[] = {
      {"BODY", test.body}, {"AT", "@thread * 64"}, {"TYPE", test.type}};
  for (const auto& [name, value] : parts)
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, std::string(name).size(), value);
  return text;
}

const Case kCases[] = {
    {"difference_and_negation", "i32",
     "for i = 0 count 64 { z[AT + i] = 5 - x[AT + i] - (y[AT + i] - 100000) }"},
    {"products", "i32", "for i = 0 count 64 { z[AT + i] = x[AT + i] * y[AT + i] * 3 - x[AT + i] }"},
    {"quotients", "i32", "for i = 0 count 64 { z[AT + i] = x[AT + i] / y[AT + i] }"},
    {"remainders", "i32", "for i = 0 count 64 { z[AT + i] = x[AT + i] % y[AT + i] }"},
    {"by_constants", "i32",
     "for i = 0 count 64 { z[AT + i] = x[AT + i] / 7 + x[AT + i] % 16 + y[AT + i] / 8 }"},
    {"extremes", "i32",
     "for i = 0 count 64 { z[AT + i] = max(min(x[AT + i], y[AT + i]), 0 - 70000) }"},
    {"conditions", "i32",
     "for i = 0 count 64 { if x[AT + i] < y[AT + i] && !(x[AT + i] == 0) || y[AT + i] <= 12 { "
     "z[AT + i] = 1 } else { z[AT + i] = x[AT + i] } }"},
    {"select_of_loads", "i32",
     "for i = 0 count 64 { z[AT + i] = select(i < 63 && x[AT + i] != y[AT + i], x[AT + i + 1], 9) "
     "}"},
    {"truth_values", "i32",
     "for i = 0 count 64 { z[AT + i] = i32(x[AT + i] < y[AT + i]) + i32((x[AT + i] < 0) == (y[AT + "
     "i] < 0)) }"},
    {"indirect", "i32", "for i = 0 count 64 { z[AT + i] = x[AT + min(max(y[AT + i], 0), 63)] }"},
    {"run_time_extent", "i32", "for i = 0 count $n { z[AT + i] = x[AT + i] + $n }"},
    {"run_time_extent_unrolled", "i32",
     "for i = 1 count $n * 3 unrolled(4) { z[AT + i] = x[AT + i] + i }"},
    {"empty_loop", "i32", "for i = 0 count $n - 50 { z[AT] = 3 }"},
    {"data_extent", "i32", "for i = 0 count min(max(x[AT], 0), 64) { z[AT + i] = y[AT + i] + 1 }"},
    {"run_time_copy", "i32", "copy load z[AT] <- A[AT] count $n * 2"},
    {"clipped", "i32",
     "for i = 0 count 64 { if @unit * 40 + i * 2 + @thread < 150 && @unit <= 3 { z[AT + i] = x[AT "
     "+ i] } }"},
    {"kept_condition", "i32",
     "for i = 0 count 64 { if 100 < @unit * 30 + i { z[AT + i] = x[AT + i] } }"},
    {"accumulate_guarded", "i32",
     "for i = 0 count 64 { if x[AT + i] < 0 { z[AT] = z[AT] + x[AT + i] * y[AT + i] } }"},
    {"accumulate_self", "i32", "for i = 0 count 64 { z[AT] = z[AT] + z[AT] * x[AT + i] }"},
    {"prefix", "i32", "for i = 1 count 63 unrolled(8) { z[AT + i] = z[AT + i - 1] + x[AT + i] }"},
    {"far_constant", "i32",
     "for i = 3000000 count 8 { z[AT + i - 3000000] = x[AT + 3000005 - i + 2] }"},
    {"never_reached", "i32",
     "if $n == 6 { for i = 0 count 8 { z[AT + i + 4000000] = x[AT + i] } }"},
    {"wrapping_bounds", "i32",
     "for i = 2147483647 + 2147483647 + 2 count 2147483640 + 2147483640 + 24 + $n { z[AT + i] = "
     "x[AT + i] } for j = 0 count 2147483647 + 2147483647 + 10 { z[AT + 32 + j] = 5 }"},
    {"swap", "i32",
     "for i = 0 count 63 unrolled(4) { let v = z[AT + i] { z[AT + i] = z[AT + i + 1] z[AT + i + 1] "
     "= v } }"},
    {"nested", "i32",
     "for i = 0 count 8 { for j = 0 count 8 unrolled { z[AT + j * 8 + i] = x[AT + i * 8 + j] + i * "
     "j } }"},
    {"triangle", "i32",
     "for i = 0 count 8 { for j = 0 count i + 1 { z[AT + i] = z[AT + i] + x[AT + i * 8 + j] } }"},
    {"wide_variable", "i32",
     "for w = 0:i64 count 64:i64 unrolled(2) { z[@thread:i64 * 64:i64 + w] = i32(w * 3:i64) }"},
    {"combined", "i32",
     "for i = 0 count 1 { combine thread sum z[AT] elements 64 stride 1 count 3 } "
     "for i = 0 count 64 { if !(@thread == 0) { z[AT + i] = 0 } }"},
    {"bytes", "i8",
     "for i = 0 count 64 unrolled(4) { z[AT + i] = x[AT + i] * y[AT + i] + max(x[AT + i] - y[AT + "
     "i], x[AT + i]) }"},
    {"byte_quotients", "i8", "for i = 0 count 64 { z[AT + i] = x[AT + i] / y[AT + i] }"},
    {"halves", "i16",
     "for i = 0 count 64 { z[AT + i] = x[AT + i] * y[AT + i] - i16(i8(x[AT + i])) + i16(i) }"},
    {"wide_sums", "i64",
     "for i = 0 count 64 { z[AT + i] = x[AT + i] - y[AT + i] + i64(i32(x[AT + i])) + $m }"},
    {"wide_products", "i64", "for i = 0 count 64 { z[AT + i] = x[AT + i] * y[AT + i] }"},
    {"wide_quotients", "i64",
     "for i = 0 count 64 { z[AT + i] = x[AT + i] / y[AT + i] - x[AT + i] % 1000:i64 }"},
    {"wide_extremes", "i64",
     "for i = 0 count 64 { z[AT + i] = min(x[AT + i], max(y[AT + i], 12345678901:i64)) }"},
    {"wide_conditions", "i64",
     "for i = 0 count 64 { if x[AT + i] <= y[AT + i] { z[AT + i] = select(x[AT + i] == "
     "y[AT + i], 1:i64, -5000000000:i64) } }"},
    {"floats", "f32",
     "for i = 0 count 64 { z[AT + i] = (x[AT + i] - y[AT + i]) * x[AT + i] / y[AT + i] }"},
    {"float_extremes", "f32",
     "for i = 0 count 64 { z[AT + i] = select(x[AT + i] < y[AT + i], min(x[AT + i], 0.5f), f32(i)) "
     "}"},
};

class CompilerSemantics : public ::testing::TestWithParam<Case> {};

TEST_P(CompilerSemantics, AreThoseOfTheEvaluator) {
  const auto parsed = parse_kernel(text_of(GetParam()), "test");
  ASSERT_TRUE(parsed) << parsed.error().message();
  const auto bytes = serialize(*parsed);
  ASSERT_TRUE(bytes) << bytes.error().message();
  kit::Kernel kernel;
  ASSERT_EQ(kit::read_kernel(bytes->data(), bytes->size(), kernel), "");
  const auto compiled = compile_kernel({bytes->data(), bytes->size()});
  ASSERT_TRUE(compiled) << compiled.error().message();
  testing::expect_equal_runs(kernel, *compiled, false);
}

// Every type and operation, groups of several sizes and distances, slices at places that tasklets
// compute for themselves.
TEST(CompilerCombine, TakesEveryTypeOperationAndGroup) {
  struct Group {
    int tasklets, stride, count;
  };
  const Group groups[] = {{2, 1, 2},  {3, 1, 3},   {11, 1, 11}, {12, 2, 3},  {16, 4, 4},
                          {18, 3, 3}, {24, 1, 24}, {24, 1, 6},  {24, 12, 2}, {20, 5, 2}};
  for (const char* type : {"i8", "i16", "i32", "i64", "f32"})
    for (const char* op : {"sum", "prod", "min", "max"})
      for (const Group& g : groups)
        for (const int elements : {1, 6, 8}) {
          if (elements != 6 && g.tasklets != 12) continue;
          // Products of several are rounded differently in another order.
          if (std::string(type) == "f32" && std::string(op) == "prod" && g.count > 2) continue;
          std::string text = R"(kernel k {
  level unit independent 2
  level thread independent TASKLETS
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  link store scratch -> bank
  param a i32
  param c i32
  buffer A TYPE device bank elements 192 align 8 base a readonly
  buffer C TYPE device bank elements 192 align 8 base c
  buffer x TYPE local scratch elements 192 align 8
  var i i32
  var r i32
  body {
    for r = 0 count 2 {
      for i = @thread count 2 {
        copy load x[@thread * 8] <- A[@thread * 8] count 8
        combine thread OP x[(TASKLETS - 1 - @thread) * 8] elements ELEMENTS stride STRIDE count COUNT
      }
      if @thread / STRIDE % COUNT == 0 {
        copy store C[@thread * 8] <- x[(TASKLETS - 1 - @thread) * 8] count 8
      }
      barrier thread
    }
  }
})";
          const std::pair<const char*, std::string> parts[] = {
              {"TASKLETS", std::to_string(g.tasklets)},
              {"TYPE", type},
              {"OP", op},
              {"ELEMENTS", std::to_string(elements)},
              {"STRIDE", std::to_string(g.stride)},
              {"COUNT", std::to_string(g.count)}};
          for (const auto& [name, value] : parts)
            for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
              text.replace(at, std::string(name).size(), value);
          SCOPED_TRACE(text);
          const auto parsed = parse_kernel(text, "test");
          ASSERT_TRUE(parsed) << parsed.error().message();
          const auto bytes = serialize(*parsed);
          ASSERT_TRUE(bytes) << bytes.error().message();
          kit::Kernel kernel;
          ASSERT_EQ(kit::read_kernel(bytes->data(), bytes->size(), kernel), "");
          const auto compiled = compile_kernel(kernel);
          ASSERT_TRUE(compiled) << compiled.error().message();
          // Products of i64 take three pairs and eight temporaries beside the loops' registers.
          const bool wide = std::string(type) == "i64" && std::string(op) == "prod";
          if (!wide) {
            EXPECT_LE(compiled->spills, 1);
          }
          testing::expect_equal_runs(kernel, *compiled, false);
          if (HasFailure()) return;
        }
}

INSTANTIATE_TEST_SUITE_P(All, CompilerSemantics, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace pimjit::upmem
