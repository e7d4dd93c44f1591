#include "pimjit/core/workload/builder.h"

#include <limits>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

std::string text_key(std::string_view text, const NotationOptions& options) {
  Result<Workload> w = make_workload(text, options);
  EXPECT_TRUE(w) << (w ? "" : w.error().message());
  return w ? workload_key(*w) : "";
}

std::string key(const Computation& c) {
  Result<Workload> w = c.build();
  EXPECT_TRUE(w) << (w ? "" : w.error().message());
  return w ? workload_key(*w) : "";
}

TEST(Builder, MatrixTimesVector) {
  Computation c;
  auto i = c.axis("i", 4096), k = c.axis("k", 128);
  auto A = c.input("A", DType::i32), B = c.input("B", DType::i32);
  c.output("C", DType::i32)(i) += A(i, k) * B(k);
  EXPECT_EQ(c.text(), "C[i] += A[i,k] * B[k]");
  NotationOptions options;
  options.sizes = {{"i", 4096}, {"k", 128}};
  EXPECT_EQ(key(c), text_key("mtv", options));
}

TEST(Builder, ChainWithScalarsConstantsAndRanges) {
  Computation c;
  auto i = c.axis("i", 7), k = c.axis("k", 5);
  auto A = c.input("A", DType::i8, ValueRange{0, 49}), B = c.input("B", DType::i8);
  auto bias = c.input("bias", DType::i32);
  auto T = c.output("T"), D = c.output("D");
  T(i) += A(i, k) * B(k);
  D(i) = max(T(i) + bias(i), 0);
  NotationOptions options;
  options.sizes = {{"i", 7}, {"k", 5}};
  options.dtype = DType::i8;
  options.dtypes = {{"bias", DType::i32}};
  options.ranges = {{"A", {0, 49}}};
  EXPECT_EQ(key(c), text_key("mtv_bias_relu", options));
}

TEST(Builder, PrecedenceIsTheOneOfCxx) {
  Computation c;
  auto i = c.axis("i", 4);
  auto A = c.input("A", DType::i32), B = c.input("B", DType::i32);
  c.output("C")(i) = (A(i) + B(i)) * 2 - (A(i) - (B(i) - 3)) / -(A(i) * B(i)) % min(-A(i), -7);
  EXPECT_EQ(c.text(),
            "C[i] = (A[i] + B[i]) * 2 - (A[i] - (B[i] - 3)) / -(A[i] * B[i]) % min(-A[i], -7)");
  NotationOptions options;
  options.sizes = {{"i", 4}};
  EXPECT_EQ(key(c), text_key(c.text(), options));
}

TEST(Builder, NegatedConstantsStayNegations) {
  Computation c;
  auto s = c.output("s", DType::i8);
  s() = -ScalarExpr(-128) + -ScalarExpr(5);
  EXPECT_EQ(c.text(), "s[] = --128 + -(5)");
  Result<Workload> w = c.build();
  ASSERT_TRUE(w) << w.error().message();
  EXPECT_EQ(to_text(*w), "s:i8[] = --128 + -(5)");
}

TEST(Builder, AffineIndices) {
  Computation c;
  auto i = c.axis("i", 6), k = c.axis("k", 3);
  auto A = c.input("A", DType::i16);
  c.output("C")(i).reduce_max(A(2 * i + k + 1, 2 - k));
  EXPECT_EQ(c.text(), "C[i] max= A[2*i+k+1,2-k]");
  Result<Workload> w = c.build();
  ASSERT_TRUE(w) << w.error().message();
  EXPECT_EQ(w->tensors[0].shape, (std::vector<int64_t>{14, 3}));
}

TEST(Builder, RealConstants) {
  Computation c;
  auto i = c.axis("i", 6);
  auto A = c.input("A", DType::f32);
  c.output("C")(i) = A(i) * 0.5 + 2.0;
  EXPECT_EQ(c.text(), "C[i] = A[i] * 0.5 + 2.0");
  EXPECT_TRUE(c.build());
}

TEST(Builder, CopyingAnElementIsAStatement) {
  Computation c;
  auto i = c.axis("i", 6);
  auto A = c.input("A", DType::f32);
  auto C = c.output("C");
  C(i) = A(i);
  EXPECT_EQ(c.text(), "C[i] = A[i]");
}

TEST(Builder, Errors) {
  Computation twice;
  twice.axis("i", 3);
  twice.input("i", DType::i32);
  EXPECT_EQ(twice.build().error().what, "'i' is declared twice");

  Computation bad_name;
  bad_name.axis("i; D", 3);
  EXPECT_EQ(bad_name.build().error().what, "'i; D' cannot be a name");

  Computation infinite;
  auto i = infinite.axis("i", 3);
  auto A = infinite.input("A", DType::f32);
  infinite.output("C")(i) = A(i) * std::numeric_limits<double>::infinity();
  EXPECT_EQ(infinite.build().error().message(),
            "unexpected '<'\n  column 15:\n    C[i] = A[i] * <inf>\n                  ^\n  hint: "
            "names, numbers and "
            "[ ] ( ) , ; : = + - * / % make up the notation");

  Computation large;
  auto j = large.axis("j", 3);
  auto B = large.input("B", DType::i32);
  large.output("C")(j) = B(std::numeric_limits<int64_t>::max() * (4 * j));
  EXPECT_EQ(large.build().error().code, "too_large");

  EXPECT_EQ(Computation().build().error().what,
            "expected the name of the output tensor but found the end");
}

}  // namespace
}  // namespace pimjit
