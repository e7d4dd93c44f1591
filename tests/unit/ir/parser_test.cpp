#include "pimjit/core/ir/parser.h"

#include <cmath>

#include <gtest/gtest.h>

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

using sample::bin;
using sample::i32;

void expect_round_trip(const Kernel& k) {
  const std::string text = to_text(k);
  const Result<Kernel> back = parse_kernel(text);
  ASSERT_TRUE(back) << back.error().message() << '\n' << text;
  EXPECT_TRUE(equal(*back, k)) << text << to_text(*back);
  EXPECT_EQ(to_text(*back), text);
}

const std::string kTables = R"(kernel k {
  level unit independent 4
  scope bank at unit
  scope pad at unit
  link read bank -> pad
  param n i32
  buffer A i32 device bank elements 64 align 8 base n
  buffer f f32 local pad elements 64 align 8
  var i i32
  var x f32
  var b i8
)";

// The error of a kernel whose body is `body`, as "line:column what"; line 1 is the body's own.
std::string error_of(const std::string& body) {
  const Result<Kernel> k = parse_kernel(kTables + "body {\n" + body + "\n}}", "k.txt");
  if (k) return "no error";
  const std::string& where = k.error().where;
  const int line = std::stoi(where.substr(6)) - 12;
  return cat(line, where.substr(where.rfind(':')), ' ', k.error().what);
}

TEST(Parser, RoundTripsEveryNode) {
  expect_round_trip(sample::everything());
}

TEST(Parser, RoundTripsOddNames) {
  Kernel k = sample::everything();
  k.name = "kernel";
  k.buffers[2].name = "if";
  k.buffers[3].name = "if";
  k.levels[1].name = "device";
  k.levels[0].name = "";
  k.scopes[0].name = "a\"b\\\n\xff";
  k.vars[0].name = "min";
  k.params[1].name = "A_base";
  k.links[1].name = "read";
  expect_round_trip(k);
}

TEST(Parser, RoundTripsFloats) {
  for (const float value : {0.0f, -0.0f, 1.0f / 3, 1e-45f, 3.4028235e38f, -1e10f, 16777216.0f,
                            INFINITY, -INFINITY, NAN, -NAN}) {
    Kernel k = sample::tables();
    k.body = make_store(3, i32(0), make_float(value));
    expect_round_trip(k);
  }
}

TEST(Parser, RoundTripsConstantsOfEveryType) {
  for (const DType t : {DType::i8, DType::i16, DType::i32, DType::i64}) {
    for (const int64_t value : {min_value(t), int64_t{-1}, int64_t{0}, max_value(t)}) {
      Kernel k = sample::tables();
      const int v = k.add_var("v", t);
      k.body = make_let(v, make_int(t, value), make_seq({}));
      expect_round_trip(k);
    }
  }
}

TEST(Parser, RoundTripsAtTheDepthLimit) {
  Kernel k = sample::tables();
  Expr left = i32(1), right = i32(1);
  for (int i = 1; i < 512; ++i) {
    left = bin(BinaryOp::sub, left, i32(1));
    right = bin(BinaryOp::sub, i32(1), right);
  }
  Stmt s = make_seq({make_store(2, i32(0), left), make_store(2, i32(0), right)});
  for (int i = 2; i < 512; ++i) s = make_if(make_bool(true), s);
  k.body = s;
  expect_round_trip(k);
  k.body = make_if(make_bool(true), s);
  EXPECT_FALSE(parse_kernel(to_text(k)));
  k.body = make_store(2, i32(0), bin(BinaryOp::add, left, i32(1)));
  EXPECT_FALSE(parse_kernel("kernel k { body { A[" + std::string(100000, '(')));
}

TEST(Parser, AcceptsCommentsAndAnyWhiteSpace) {
  const Result<Kernel> k =
      parse_kernel(kTables + "body{// none\nA[i]=-1-2*3//end\nA[0]=min(1,-2)}}");
  ASSERT_TRUE(k) << k.error().message();
  EXPECT_EQ(to_text(k->body, *k), "A[i] = -1 - 2 * 3\nA[0] = min(1, -2)\n");
}

TEST(Parser, ErrorsPointAtThePlace) {
  EXPECT_EQ(error_of("A[0] = 1 +"), "2:1 expected an expression, found \"}\"");
  EXPECT_EQ(error_of("A[0] 1"), "1:6 expected \"=\", found \"1\"");
  EXPECT_EQ(error_of("A[0] = B[0]"), "1:8 there is no buffer named B");
  EXPECT_EQ(error_of("A[0] = j"), "1:8 there is no variable named j");
  EXPECT_EQ(error_of("A[0] = i#4"), "1:8 there is no variable i#4");
  EXPECT_EQ(error_of("A[0] = 1 + 1:i64"), "1:10 operands of + have types i32 and i64");
  EXPECT_EQ(error_of("A[0] = i32(f[0] % 1f)"), "1:17 % does not exist for f32");
  EXPECT_EQ(error_of("A[0] = f[0]"), "1:8 the value has type f32, needed is i32");
  EXPECT_EQ(error_of("A[f[0]] = 0"), "1:3 the index has type f32, needed is i32 or i64");
  EXPECT_EQ(error_of("A[0] = 4000000000"), "1:8 \"4000000000\" is no i32");
  EXPECT_EQ(error_of("f[0] = 1.2.3f"), "1:8 \"1.2.3f\" is no f32");
  EXPECT_EQ(error_of("f[0] = f32#12"), "1:11 expected the 8 hexadecimal digits of a float");
  EXPECT_EQ(error_of("A[0] = i32(i)"), "1:8 a cast from i32 to itself");
  EXPECT_EQ(error_of("A[0] = select(1, 2, 3)"), "1:15 the condition has type i32, needed is b1");
  EXPECT_EQ(error_of("A[0] = select(true, 2, 3f)"), "1:8 arms of select have types i32 and f32");
  EXPECT_EQ(error_of("A[0] = !3"), "1:8 ! does not exist for i32");
  EXPECT_EQ(error_of("A[0] = @unit:f32"), "1:14 a level index is i32 or i64, not f32");
  EXPECT_EQ(error_of("A[0] = for"), "1:8 expected an expression, found \"for\"");
  EXPECT_EQ(error_of("for x = 0 count 3 {}"),
            "1:5 loop variable of type f32, needed is i32 or i64");
  EXPECT_EQ(error_of("for i = 0 count 3 unrolled(0) {}"),
            "1:28 unrolled by 0, allowed is 1 .. 1048576");
  EXPECT_EQ(error_of("for i = 0 count 3:i64 {}"), "1:17 the count has type i64, needed is i32");
  EXPECT_EQ(error_of("barrier thread"), "1:9 there is no level named thread");
  EXPECT_EQ(error_of("copy read f[0] <- A[0] 4"), "1:24 expected \"count\", found \"4\"");
  EXPECT_EQ(error_of("combine unit mul A[0] elements 1 stride 1 count 1"),
            "1:14 expected sum, prod, min or max, found \"mul\"");
  EXPECT_EQ(error_of("combine unit sum A[0] elements 1 stride 0 count 1"),
            "1:32 elements 1, stride 0, count 1 where at least 0, 1 and 1 are needed");
  EXPECT_EQ(error_of("then"), "1:1 there is no buffer named then");
  EXPECT_EQ(error_of("A"), "2:1 expected \"[\", found \"}\"");
  EXPECT_EQ(error_of("count"),
            "1:1 expected a statement (for, if, let, copy, barrier, combine or an element of a "
            "buffer) or \"}\", found \"count\"");
  EXPECT_EQ(error_of("\"open"),
            "1:1 expected a statement (for, if, let, copy, barrier, combine or an element of a "
            "buffer) or \"}\", found \"\"\"");
}

TEST(Parser, ErrorsInTables) {
  const auto error = [](const std::string& text) {
    const Result<Kernel> k = parse_kernel(text, "k.txt");
    return k ? "no error" : cat(k.error().where, ' ', k.error().what);
  };
  EXPECT_EQ(error(""), "k.txt:1:1 expected \"kernel\", found the end of the text");
  EXPECT_EQ(error("kernel k {"),
            "k.txt:1:11 expected level, scope, link, param, buffer, var (in this order) or body, "
            "found the end of the text");
  EXPECT_EQ(error("kernel k { level u sideways 3"),
            "k.txt:1:20 expected independent, lockstep, lane or time, found \"sideways\"");
  EXPECT_EQ(error("kernel k { level u lane 0"), "k.txt:1:25 a level has at least 1 instance");
  EXPECT_EQ(error("kernel k { param n f32"), "k.txt:1:20 a parameter is i32 or i64, not f32");
  EXPECT_EQ(error("kernel k { scope s at device buffer b i32 far"),
            "k.txt:1:43 expected device or local, found \"far\"");
  EXPECT_EQ(error("kernel k { scope s at device buffer b i8 local s elements 4 align 3"),
            "k.txt:1:67 alignment 3 is not a power of two in 1 .. 2^30");
  EXPECT_EQ(error("kernel k { scope s at device buffer b i8 local s elements -4"),
            "k.txt:1:59 -4 elements are not 0 .. 2^60 bytes");
  EXPECT_EQ(
      error("kernel k { scope s at device buffer b i8 local s elements 4 align 4 range 0..300"),
      "k.txt:1:75 0..300 is no range of i8");
  EXPECT_EQ(
      error("kernel k { var x b1"),
      "k.txt:1:18 expected a type (i8 i16 i32 i64 f32), the type of the variable, found \"b1\"");
  EXPECT_EQ(error("kernel k { body { } } more"),
            "k.txt:1:23 expected the end of the text, found \"more\"");
}

TEST(Parser, AmbiguousAndNearNamesGetHints) {
  const Result<Kernel> two =
      parse_kernel("kernel k { level u lane 1 level u lane 1 body { barrier u } }");
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().what, "there are 2 levels named u");
  EXPECT_EQ(two.error().hint, "write the position too, as u#0");
  const Result<Kernel> near = parse_kernel("kernel k { level unit lane 1 body { barrier unti } }");
  ASSERT_FALSE(near);
  EXPECT_EQ(near.error().hint, "did you mean unit?");
}

}  // namespace
}  // namespace pimjit
