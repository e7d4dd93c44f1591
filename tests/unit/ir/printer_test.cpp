#include "pimjit/core/ir/printer.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

using sample::bin;
using sample::i32;

std::string text(const Expr& e) {
  Kernel names = sample::tables();
  names.add_var("i", DType::i32);
  names.add_var("for", DType::i32);
  return to_text(e, names);
}

const Expr x = make_var(DType::i32, 0);

TEST(Printer, ParenthesesWhereTheTreeNeedsThem) {
  EXPECT_EQ(text(bin(BinaryOp::mul, bin(BinaryOp::add, x, i32(1)), i32(2))), "(i + 1) * 2");
  EXPECT_EQ(text(bin(BinaryOp::add, bin(BinaryOp::mul, x, i32(1)), i32(2))), "i * 1 + 2");
  EXPECT_EQ(text(bin(BinaryOp::sub, x, bin(BinaryOp::sub, x, i32(2)))), "i - (i - 2)");
  EXPECT_EQ(text(bin(BinaryOp::sub, bin(BinaryOp::sub, x, x), i32(-2))), "i - i - -2");
  EXPECT_EQ(text(make_not(bin(BinaryOp::lt, x, i32(3)))), "!(i < 3)");
  EXPECT_EQ(text(make_not(make_not(make_bool(false)))), "!!false");
  EXPECT_EQ(text(bin(BinaryOp::min, bin(BinaryOp::add, x, x), i32(3))), "min(i + i, 3)");
}

TEST(Printer, LiteralsShowTheirType) {
  EXPECT_EQ(text(make_int(DType::i64, INT64_MIN)), "-9223372036854775808:i64");
  EXPECT_EQ(text(make_int(DType::i8, -1)), "-1:i8");
  EXPECT_EQ(text(make_float(0.1f)), "0.1f");
  EXPECT_EQ(text(make_float(1e-45f)), "1e-45f");
  EXPECT_EQ(text(make_float(-0.0f)), "-0f");
  EXPECT_EQ(text(make_float(INFINITY)), "f32#7f800000");
  EXPECT_EQ(text(make_level_index(DType::i64, 1)), "@thread:i64");
}

TEST(Printer, NamesThatAreNoIdentifiersAreQuoted) {
  EXPECT_EQ(text(make_var(DType::i32, 1)), "\"for\"");
  Kernel k;
  k.add_var("a \"b\"\n\\", DType::i32);
  EXPECT_EQ(to_text(x, k), R"("a \"b\"\x0a\\")");
}

TEST(Printer, BrokenTreesPrintToo) {
  EXPECT_EQ(text(make_var(DType::i32, 70)), "?70");
  EXPECT_EQ(text(Expr{}), "?");
  EXPECT_EQ(to_text(Stmt{}, Kernel{}), "?\n");
  Kernel empty;
  EXPECT_EQ(to_text(empty), "kernel \"\" {\n  body {\n    ?\n  }\n}\n");
  Expr deep = x;
  for (int i = 0; i < 100000; ++i) deep = make_cast(i % 2 == 0 ? DType::i64 : DType::i32, deep);
  EXPECT_NE(text(deep).find("..."), std::string::npos);
  Stmt nested = make_barrier(0);
  for (int i = 0; i < 100000; ++i) nested = make_if(make_bool(true), nested);
  EXPECT_NE(to_text(nested, Kernel{}).find("..."), std::string::npos);
}

TEST(Printer, Statements) {
  Kernel k = sample::everything();
  const std::string all = to_text(k);
  for (const char* line :
       {"  level thread independent 16\n", "  scope shared at device\n",
        "  link read bank -> scratch\n",
        "  buffer A i32 device bank elements 4096 align 8 base A_base readonly range 0..49\n",
        "    for i#0 = 0 count 16 unrolled(4) {\n",
        "copy read t[@thread * 64] <- A[i#0 * 64] count 64\n", "    barrier thread\n",
        "      f[2] = 0.33333334f\n",
        "    combine thread sum t[@thread * 64] elements 64 stride 1 count 16\n"}) {
    EXPECT_NE(all.find(line), std::string::npos) << line << all;
  }
}

}  // namespace
}  // namespace pimjit
