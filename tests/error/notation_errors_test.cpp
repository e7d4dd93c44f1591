// The whole text of every error of index notation, column and caret included.

#include <gtest/gtest.h>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

struct Options {
  std::map<std::string, int64_t> sizes = {{"i", 4}};
  std::map<std::string, DType> dtypes = {};
  std::map<std::string, ValueRange> ranges = {};
  DType dtype = DType::i32;
};

void expect_error(const std::string& text, const Options& o, const std::string& code,
                  const std::string& message) {
  SCOPED_TRACE(text);
  const Result<Workload> w =
      make_workload(text, NotationOptions{o.sizes, o.dtype, o.dtypes, o.ranges});
  ASSERT_FALSE(w);
  EXPECT_EQ(w.error().code, code);
  EXPECT_EQ(w.error().message(), message);
  EXPECT_EQ(w.error().origin, Origin::user);
}

const std::map<std::string, int64_t> kIK = {{"i", 4}, {"k", 6}};

// `what`, with the caret under byte `column` (from 1) of `text`.
std::string at(const std::string& what, const std::string& text, int column,
               const std::string& hint = "") {
  const std::string caret(static_cast<size_t>(column - 1), ' ');
  const std::string place = cat(what, "\n  column ", column, ":\n    ", text, "\n    ", caret, "^");
  return hint.empty() ? place : cat(place, "\n  hint: ", hint);
}

void expect_at(const std::string& text, const Options& o, const std::string& code, int column,
               const std::string& what, const std::string& hint = "") {
  expect_error(text, o, code, at(what, text, column, hint));
}

TEST(NotationErrors, AWholeMessage) {
  expect_error("C[i] += A[i,k * B[k]", {kIK}, "notation_syntax",
               "expected a whole number but found 'B'\n"
               "  column 17:\n"
               "    C[i] += A[i,k * B[k]\n"
               "                    ^\n"
               "  hint: an index is a sum of axes times whole numbers");
}

TEST(NotationErrors, Syntax) {
  const std::string code = "notation_syntax";
  expect_at("C[i] = A[i", {}, code, 11, "expected ',' or ']' but found the end");
  expect_at("C[i = A[i]", {}, code, 5, "expected ',' or ']' but found '='");
  expect_at("C[i] A[i]", {}, code, 6, "expected '=' but found 'A'",
            "assign with =, or reduce with += *= min= max=");
  expect_at("C[i] == A[i]", {}, code, 7, "expected a tensor, a number or '(' but found '='");
  expect_at("C[i] -= A[i]", {}, code, 6, "expected '=' but found '-'",
            "assign with =, or reduce with += *= min= max=");
  expect_at("C[i] = ", {}, code, 8, "expected a tensor, a number or '(' but found the end");
  expect_at("C[i] = (A[i]", {}, code, 13, "expected ')' but found the end");
  expect_at("C[i] = A[i])", {}, code, 12, "expected an operator, ';' or the end but found ')'");
  expect_at("C[i] = max(A[i])", {}, code, 16, "expected ',' but found ')'");
  expect_at("C[i] = A[i] where", {}, code, 18, "expected the name of an input but found the end");
  expect_at("C[i] = A[i] where A 0..4", {}, code, 21, "expected 'in' but found '0'",
            "ranges are written A in 0..49");
  expect_at("C[i] = A[i] where A in 0.5..4", {}, code, 24,
            "expected a whole number but found '0.5'", "ranges are written A in 0..49");
  expect_at("C[i] = A[i] where A in 0,4", {}, code, 25, "expected '..' but found ','");
  expect_at("C[i] = A[,i]", {}, code, 10, "expected an axis or a number but found ','");
  expect_at("C[i] = A[1.5]", {}, code, 10, "expected a whole number but found '1.5'",
            "an index is a sum of axes times whole numbers");
  expect_at("C[i] = A[2*3]", {}, code, 12, "expected an axis but found '3'");
  expect_at("C[i] = A:[i]", {}, code, 10, "expected a type but found '['",
            "types are i8 i16 i32 i64 f32");
  expect_at("C[i] = A[i] ? 2", {}, code, 13, "unexpected '?'",
            "names, numbers and [ ] ( ) , ; : = + - * / % make up the notation");
  expect_at("C[i] = 99999999999999999999", {}, code, 8,
            "the number 99999999999999999999 does not fit 64 bits");
  expect_at("C[i] = 1e999", {{{"i", 4}}, {}, {}, DType::f32}, code, 8,
            "the number 1e999 does not fit 64 bits");
  expect_at("where[i] = A[i]", {}, code, 1,
            "'where' is a reserved word and cannot be the name of the output tensor",
            "choose another name");
  expect_at("C[i] = in[i]", {}, code, 8,
            "'in' is a reserved word and cannot be a tensor, a number or '('",
            "choose another name");
}

TEST(NotationErrors, BytesThatCannotBeShown) {
  expect_error("C[i] = \xc3\xa4[i]", {}, "notation_syntax",
               "unexpected byte 195\n  column 8:\n    C[i] = ??[i]\n           ^\n"
               "  hint: names, numbers and [ ] ( ) , ; : = + - * / % make up the notation");
  expect_error("C[i] =\n A[i] $", {}, "notation_syntax",
               "unexpected '$'\n  column 14:\n    C[i] =  A[i] $\n                 ^\n"
               "  hint: names, numbers and [ ] ( ) , ; : = + - * / % make up the notation");
}

TEST(NotationErrors, LongTextsAreCutAroundTheCaret) {
  std::string text = "C[i] = A[i]";
  for (int n = 0; n < 20; ++n) text += " + A[i]";
  text += " ! ";
  for (int n = 0; n < 20; ++n) text += " + A[i]";
  const std::string before = text.substr(152 - 60, 60);
  const std::string after = text.substr(152, 40);
  expect_error(text, {}, "notation_syntax",
               cat("unexpected '!'\n  column 153:\n    ...", before, after, "...\n    ",
                   std::string(63, ' '), "^\n",
                   "  hint: names, numbers and [ ] ( ) , ; : = + - * / % make up the notation"));
}

TEST(NotationErrors, Empty) {
  expect_error(" \n", {}, "notation_syntax",
               "the computation is empty\n  hint: give index notation such as 'C[i] += A[i,k] * "
               "B[k]', or an operator "
               "such as mtv");
}

TEST(NotationErrors, UnknownOperators) {
  expect_error("mtvv", {}, "unknown_operator",
               "'mtvv' is no operator\n  hint: did you mean 'mtv'?");
  expect_error("convolution", {}, "unknown_operator",
               "'convolution' is no operator\n  hint: operators: va geva red dot mtv mtv_t gemv "
               "ttv mmtv gemm bgemm "
               "mtv_bias_relu; or write index notation");
}

TEST(NotationErrors, Axes) {
  expect_at("C[i] += A[i,k]", {}, "axis_without_size", 13, "axis k has no size",
            "give one, for example k=1024");
  expect_error(
      "C[row] = A[row]", {{{"rom", 4}}}, "unknown_axis",
      "size rom=4 for 'rom', which is no axis\n  C[row] = A[row]\n  hint: did you mean 'row'?");
  expect_error("s = A", {}, "unknown_axis",
               "size i=4 for 'i', which is no axis\n  s = A\n  hint: there is no axis");
  expect_error("C[i] = A[i]", {{{"i", 4}, {"z", 4}}}, "unknown_axis",
               "size z=4 for 'z', which is no axis\n  C[i] = A[i]\n  hint: known: i");
  expect_at("C[i] = A[i] * i", {}, "axis_as_value", 15, "axis i is used as a value",
            "an axis can stand in brackets only; pass its values as a tensor");
  expect_at("C[i] = A[i,k]", {kIK}, "axis_not_reduced", 12,
            "axis k is not on the left-hand side, and '=' does not reduce",
            "write += to sum over k");
  expect_at("C[i] += A[i+k-k]", {kIK}, "axis_cancels", 13, "axis k cancels out of every index",
            "remove it");
  expect_at("C[i] = i[i]", {}, "name_conflict", 8, "'i' names both an axis and a tensor",
            "rename one of them");
  expect_at("i[i] = A[i]", {}, "name_conflict", 1, "'i' names both an axis and a tensor",
            "rename one of them");
}

TEST(NotationErrors, Sizes) {
  expect_at("C[i] = A[i]", {{{"i", -1}}}, "bad_size", 3,
            "size i=-1 is not between 0 and 70368744177664");
  expect_at("C[i] += A[i,k]", {{{"i", 1 << 30}, {"k", 1 << 30}}}, "too_large", 1,
            "the iteration space i=1073741824 * k=1073741824 has more than 70368744177664 points",
            "use smaller sizes");
  expect_at("C[i] += A[i,k]", {{{"i", 0}, {"k", int64_t{1} << 60}}}, "bad_size", 13,
            "size k=1152921504606846976 is not between 0 and 70368744177664");
  expect_at("C[i] = A[i,i,i]", {{{"i", 1 << 20}}}, "too_large", 8,
            "tensor A of shape 1048576 * 1048576 * 1048576 has more than 70368744177664 elements",
            "use smaller sizes");
  expect_at("C[i] = A[70368744177664*i]", {}, "too_large", 10,
            "index 0 of A reaches 211106232532992, above 70368744177663", "use smaller sizes");
  expect_at("C[i] = A[70368744177665*i]", {}, "too_large", 10,
            "the number 70368744177665 in an index is above 70368744177664");
  expect_at("C[i] = A[70368744177664*i+i]", {}, "too_large", 27,
            "the number 70368744177665 in an index is beyond 70368744177664");
}

TEST(NotationErrors, Indices) {
  expect_at("C[i] = A[i-1]", {}, "negative_index", 10, "index 0 of A reaches -1, below 0",
            "add a constant so that the smallest index is 0");
  expect_at("C[i] += A[i,i-k+3]", {kIK}, "negative_index", 13, "index 1 of A reaches -2, below 0",
            "add a constant so that the smallest index is 0");
  expect_at("T[i] = A[i]; D[i] = T[i+1]", {}, "uncovered_read", 23,
            "index 0 of T reaches 4 but the tensor is written only up to 3",
            "enlarge the sizes of the statement that writes it");
}

TEST(NotationErrors, Outputs) {
  const std::string hint = "write the output as C[i,j] and move arithmetic to the inputs";
  expect_at("C[2*i] = A[i]", {}, "bad_output", 3,
            "each dimension of the output C must be one plain axis", hint);
  expect_at("C[i+1] = A[i]", {}, "bad_output", 3,
            "each dimension of the output C must be one plain axis", hint);
  expect_at("C[0] = A[i]", {}, "bad_output", 3,
            "each dimension of the output C must be one plain axis", hint);
  expect_at("C[i,i] = A[i]", {}, "bad_output", 5, "axis i occurs twice in the output C",
            "each dimension of an output needs an axis of its own");
  expect_at("C[i] = A[i]; C[i] = B[i]", {}, "written_twice", 14,
            "tensor C is written by statements 1 and 2",
            "give each statement's result a name of its own");
  expect_at("C[i] = C[i] + A[i]", {}, "read_and_written", 8,
            "tensor C is both read and written by one statement",
            "write the result to another tensor");
  expect_at("D[i] = T[i]; T[i] = A[i]", {}, "read_too_early", 8,
            "tensor T is read by statement 1 but written by statement 2",
            "write it in an earlier statement");
  expect_at("T[i] = A[i]; D[i] = A[i]", {}, "never_read", 1,
            "tensor T is written but no later statement reads it",
            "only the last statement's tensor is a result");
  expect_at("C[i] = A[i] + A[i,i]", {}, "rank_mismatch", 15,
            "tensor A has 1 dimensions and is read with 2 indices",
            "a tensor has the same number of dimensions everywhere");
  expect_at("T[i] = A[i]; D[i] = T", {}, "rank_mismatch", 21,
            "tensor T has 1 dimensions and is read with 0 indices",
            "a tensor has the same number of dimensions everywhere");
}

TEST(NotationErrors, Types) {
  expect_at("C[i] = A:i7[i]", {}, "bad_dtype", 10, "'i7' is no type of a tensor",
            "types are i8 i16 i32 i64 f32");
  expect_at("C[i] = A:b1[i]", {}, "bad_dtype", 10, "'b1' is no type of a tensor",
            "types are i8 i16 i32 i64 f32");
  expect_at("C[i] = A:i8[i] + A:i16[i]", {}, "bad_dtype", 18, "tensor A is declared i8 and i16",
            "a tensor has one type");
  expect_error("C[i] = A[i]", {{{"i", 4}}, {{"A", DType::b1}}}, "bad_dtype",
               "b1 is no type of a tensor, but A has it\n  C[i] = A[i]");
  expect_error("C[i] = A[i]", {{{"i", 4}}, {}, {}, DType::b1}, "bad_dtype",
               "b1 is no type of a tensor\n  C[i] = A[i]");
  expect_error("C[i] = alpha * A[i]", {{{"i", 4}}, {{"alfa", DType::i8}}}, "unknown_tensor",
               "type i8 for 'alfa', which is no tensor\n  C[i] = alpha * A[i]\n  hint: did you "
               "mean 'alpha'?");
  expect_at("C[i] = A:f32[i] + B:i32[i]", {}, "mixed_dtypes", 19,
            "mixed dtypes: A is f32 and B is i32, and neither holds every value of the other",
            "give both one type, or declare an output type that holds both");
  expect_at("C:i16[i] = A:i8[i] + B[i]", {}, "mixed_dtypes", 22,
            "mixed dtypes: C is computed in i16 but B is i32, which i16 does not hold",
            "declare a wider type for the output");
  expect_at("C[i] = A[i] % 3", {{{"i", 4}}, {}, {}, DType::f32}, "bad_operator", 13,
            "% is not defined on f32", "use integers, or x - y * q with a quotient of your own");
}

TEST(NotationErrors, Constants) {
  expect_at("C[i] = A[i] + 128", {{{"i", 4}}, {}, {}, DType::i8}, "bad_constant", 15,
            "the constant 128 is no value of i8", "i8 holds -128..127");
  expect_at("C[i] = A[i] + -129", {{{"i", 4}}, {}, {}, DType::i8}, "bad_constant", 16,
            "the constant -129 is no value of i8", "i8 holds -128..127");
  expect_at("C[i] = A[i] * 0.5", {}, "bad_constant", 15, "the constant 0.5 is no value of i32",
            "i32 holds -2147483648..2147483647");
  expect_at("C[i] = A[i] * 1e39", {{{"i", 4}}, {}, {}, DType::f32}, "bad_constant", 15,
            "the constant 1e+39 is infinite in f32", "the largest f32 is 3.4028235e+38");
}

TEST(NotationErrors, Ranges) {
  expect_at("C[i] = A[i] where B in 0..4", {}, "unknown_tensor", 19,
            "range 0..4 for 'B', which is no tensor", "known: A");
  expect_at("C[i] = A[i] where C in 0..4", {}, "bad_range", 19,
            "range 0..4 for C, which is computed", "ranges are declared for inputs only");
  expect_at("C[i] = A[i] where A in 4..0", {}, "bad_range", 19, "the range 4..0 of A is empty",
            "did you mean 0..4?");
  expect_at("C[i] = A:i8[i] where A in 0..200", {}, "bad_range", 22,
            "the bound 200 of the range of A is no value of i8", "i8 holds -128..127");
  expect_at("C[i] = A:f32[i] where A in 0..16777217", {}, "bad_range", 23,
            "the bound 16777217 of the range of A is no value of f32");
  expect_at("C[i] = A[i] where A in 0..4, A in 0..5", {}, "bad_range", 30,
            "the range of A is declared twice");
  expect_at("C[i] = A[i] where A in 0..9223372036854775808", {}, "bad_range", 27,
            "the bound 9223372036854775808 does not fit 64 bits");
  expect_error("C[i] = A[i]", {{{"i", 4}}, {}, {{"weights", {0, 4}}}}, "unknown_tensor",
               "range 0..4 for 'weights', which is no tensor\n  C[i] = A[i]\n  hint: known: A");
}

TEST(NotationErrors, Limits) {
  std::string deep = "C[i] = ";
  for (int n = 0; n < 201; ++n) deep += '(';
  EXPECT_EQ(make_workload(deep, {}).error().what, "the expression is nested deeper than 200");
  std::string minus = "C[i] = ";
  for (int n = 0; n < 100000; ++n) minus += '-';
  EXPECT_EQ(make_workload(minus, {}).error().what,
            "the notation has 100007 bytes, more than 65536");
  EXPECT_EQ(make_workload(minus.substr(0, 60000), {}).error().what,
            "the expression is nested deeper than 200");
  std::string wide = "C[i] = 1";
  for (int n = 0; n < 4000; ++n) wide += "+1";
  EXPECT_EQ(make_workload(wide, {}).error().what, "the expression has more than 4096 operations");
}

}  // namespace
}  // namespace pimjit
