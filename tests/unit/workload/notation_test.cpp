#include "pimjit/core/workload/notation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

using Shape = std::vector<int64_t>;

NotationOptions options(std::map<std::string, int64_t> sizes, DType dtype = DType::i32) {
  NotationOptions result;
  result.sizes = std::move(sizes);
  result.dtype = dtype;
  return result;
}

Workload parsed(std::string_view text, const NotationOptions& o) {
  Result<Workload> w = parse_workload(text, o);
  EXPECT_TRUE(w) << text << "\n" << (w ? "" : w.error().message());
  return w ? *w : Workload{};
}

std::map<std::string, int64_t> sizes_of(const Workload& w) {
  std::map<std::string, int64_t> sizes;
  for (const Stage& stage : w.stages) {
    for (const Axis& axis : stage.axes) sizes[axis.name] = axis.extent;
  }
  return sizes;
}

TEST(Notation, MatrixTimesVector) {
  const Workload w = parsed("C[i] += A[i,k] * B[k]", options({{"i", 4}, {"k", 6}}));
  ASSERT_EQ(w.tensors.size(), 3u);
  EXPECT_EQ(w.name, "custom");
  EXPECT_EQ(w.tensors[0].shape, (Shape{4, 6}));
  EXPECT_EQ(w.tensors[1].shape, (Shape{6}));
  EXPECT_EQ(w.tensors[2].shape, (Shape{4}));
  EXPECT_EQ(w.tensors[2].role, TensorRole::output);
  EXPECT_EQ(w.output(), 2);
  EXPECT_EQ(w.inputs(), (std::vector<int>{0, 1}));
  const Stage& stage = w.stages[0];
  EXPECT_EQ(stage.rank, 1);
  EXPECT_EQ(stage.reducer, Reducer::sum);
  EXPECT_EQ(stage.axes[1].kind, AxisKind::reduction);
  EXPECT_EQ(stage.accesses.size(), 2u);
  EXPECT_EQ(stage.body.size(), 3u);
  EXPECT_EQ(to_text(w), "C[i] += A[i,k] * B[k]");
  EXPECT_EQ(sizes_text(w), "i=4,k=6");
}

TEST(Notation, TensorsAreOrderedInputsIntermediatesOutput) {
  const Workload w =
      parsed("T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)", options({{"i", 4}, {"k", 6}}));
  std::vector<std::string> names;
  for (const Tensor& t : w.tensors) names.push_back(t.name);
  EXPECT_EQ(names, (std::vector<std::string>{"A", "B", "bias", "T", "D"}));
  EXPECT_EQ(w.tensors[3].role, TensorRole::intermediate);
}

TEST(Notation, EqualAccessesAreOne) {
  const Workload w = parsed("C[i] = A[i+1] * A[1+i] + A[i]", options({{"i", 4}}));
  EXPECT_EQ(w.stages[0].accesses.size(), 2u);
  EXPECT_EQ(w.tensors[0].shape, (Shape{5}));
}

TEST(Notation, ScalarsWithAndWithoutBrackets) {
  const Workload w = parsed("s += alpha * A[i]", options({{"i", 4}}));
  EXPECT_EQ(w.tensors[0].shape, Shape{});
  EXPECT_EQ(w.tensors[2].shape, Shape{});
  EXPECT_EQ(workload_key(w), workload_key(parsed("s[] += alpha[] * A[i]", options({{"i", 4}}))));
}

TEST(Notation, ShapesComeFromTheLargestIndex) {
  const Workload w = parsed("C[i] += A[2*i+k+1] + A[k*3] + W[2-k]", options({{"i", 5}, {"k", 3}}));
  EXPECT_EQ(w.tensors[0].shape, (Shape{12}));
  EXPECT_EQ(w.tensors[1].shape, (Shape{3}));
  const Workload empty = parsed("C[i] += A[i+k+7,k]", options({{"i", 0}, {"k", 3}}));
  EXPECT_EQ(empty.tensors[0].shape, (Shape{0, 3}));
}

DType output_type(std::string_view text, DType dtype) {
  return parsed(text, options({{"i", 2}, {"k", 2}}, dtype)).tensors.back().dtype;
}

TEST(Notation, OutputTypes) {
  EXPECT_EQ(output_type("C[i] += A[i,k]", DType::i8), DType::i32);
  EXPECT_EQ(output_type("C[i] max= A[i,k]", DType::i16), DType::i32);
  EXPECT_EQ(output_type("C[i] += A[i,k]", DType::i64), DType::i64);
  EXPECT_EQ(output_type("C[i] += A[i,k]", DType::f32), DType::f32);
  EXPECT_EQ(output_type("C:i16[i] += A[i,k]", DType::i8), DType::i16);
  EXPECT_EQ(parsed("C[i] = A[i] + B:i16[i]", options({{"i", 2}}, DType::i8)).tensors.back().dtype,
            DType::i16);
  EXPECT_EQ(parsed("C[i] = A[i] + B:f32[i]", options({{"i", 2}}, DType::i16)).tensors.back().dtype,
            DType::f32);
  EXPECT_EQ(parsed("C[i] = 1", options({{"i", 2}}, DType::i8)).tensors.back().dtype, DType::i8);
}

TEST(Notation, OptionsOverrideTheText) {
  NotationOptions o = options({{"i", 2}});
  o.dtypes = {{"A", DType::i8}, {"C", DType::i64}};
  o.ranges = {{"A", {0, 9}}};
  const Workload w = parsed("C[i] = A:i16[i] + B[i] where A in 0..49, B in -5..5", o);
  EXPECT_EQ(w.tensors[0].dtype, DType::i8);
  EXPECT_EQ(w.tensors[2].dtype, DType::i64);
  EXPECT_EQ(w.tensors[0].range, (ValueRange{0, 9}));
  EXPECT_EQ(w.tensors[1].range, (ValueRange{-5, 5}));
}

TEST(Notation, ConstantsAtTheEndsOfTheTypes) {
  for (const DType t : {DType::i8, DType::i16, DType::i32, DType::i64}) {
    const std::string text = cat("s = max(", min_value(t), ", ", max_value(t), ")");
    const Workload w = parsed(text, options({}, t));
    EXPECT_EQ(w.stages[0].body[0].integer, min_value(t));
    EXPECT_EQ(w.stages[0].body[1].integer, max_value(t));
  }
  const Workload w = parsed("s = 0.1 + 1e-3 - 2", options({}, DType::f32));
  EXPECT_EQ(w.stages[0].body[0].real, static_cast<double>(0.1f));
}

TEST(Notation, WhiteSpaceAndTrailingSemicolon) {
  EXPECT_EQ(workload_key(parsed("  C[ i ]\n+=\tA[i , k]*B[k] ;\n", options({{"i", 2}, {"k", 2}}))),
            workload_key(parsed("C[i]+=A[i,k]*B[k]", options({{"i", 2}, {"k", 2}}))));
}

TEST(Notation, NamedOperators) {
  Result<Workload> w = make_workload(" mtv ", options({{"i", 2}, {"k", 2}}));
  ASSERT_TRUE(w);
  EXPECT_EQ(w->name, "mtv");
  std::vector<std::string> names;
  for (const NamedOperator& op : named_operators()) names.push_back(op.name);
  EXPECT_EQ(names, (std::vector<std::string>{"va", "geva", "red", "dot", "mtv", "mtv_t", "gemv",
                                             "ttv", "mmtv", "gemm", "bgemm", "mtv_bias_relu"}));
}

TEST(Key, LeavesOutNames) {
  const NotationOptions o = options({{"i", 4}, {"k", 6}});
  const NotationOptions renamed = options({{"row", 4}, {"column", 6}});
  EXPECT_EQ(workload_key(parsed("C[i] += A[i,k] * B[k]", o)),
            workload_key(parsed("y[row] += M[row,column] * x[column]", renamed)));
}

TEST(Key, ToldApart) {
  const NotationOptions o = options({{"i", 4}, {"k", 6}});
  const std::string base = workload_key(parsed("C[i] += A[i,k] * B[k]", o));
  for (const char* other :
       {"C[i] *= A[i,k] * B[k]", "C[i] += A[k,i] * B[k]", "C[i] += A[i,k] + B[k]",
        "C:i64[i] += A[i,k] * B[k]", "C[i] += A:i8[i,k] * B[k]",
        "C[i] += A[i,k] * B[k] where A in 0..49", "C[i] += A[i,k] * B[k+1]",
        "C[i] += A[i,k] * B[2*k]", "C[i] += A[i,k] * B[k] * 1", "C[i] += A[i,k] * A[k,i]",
        "C[i] += A[i,k] * alpha"}) {
    EXPECT_NE(workload_key(parsed(other, o)), base) << other;
  }
  const Workload larger = parsed("C[i] += A[i,k] * B[k]", options({{"i", 4}, {"k", 7}}));
  EXPECT_NE(workload_key(larger), base);
  EXPECT_EQ(shape_free_key(larger), shape_free_key(parsed("C[i] += A[i,k] * B[k]", o)));
}

// Two axes of one size are not one axis at another shape.
TEST(Key, SharedAxesMatterAtAnotherShape) {
  const Workload shared = parsed("T[i] = A[i] + 1; D[i] = T[i] * 2", options({{"i", 4}}));
  const Workload apart = parsed("T[i] = A[i] + 1; D[j] = T[j] * 2", options({{"i", 4}, {"j", 4}}));
  EXPECT_NE(shape_free_key(shared), shape_free_key(apart));
}

TEST(Key, FormatIsFixed) {
  const NotationOptions o = options({{"i", 4}, {"k", 6}});
  EXPECT_EQ(
      workload_key(parsed("C[i] += A:i8[i,k] * (B:i8[2*k+1] - 3) where A in 0..49", o)),
      "w1 | t0 i8[4,6] 0..49 | t1 i8[12] | t2 i32 x0=4 sum x1=6 : t0[x0,x1] t1[2*x1+1] 3 - *");
  EXPECT_EQ(shape_free_key(parsed("s max= A[i] * 0.5", options({{"i", 4}}, DType::f32))),
            "w1 | t0 f32[_] | t1 f32 max x0 : t0[x0] f1056964608 *");
}

TEST(Identity, OfEveryReducer) {
  EXPECT_EQ(identity_of(Reducer::sum, DType::i8).integer, 0);
  EXPECT_EQ(identity_of(Reducer::prod, DType::i8).integer, 1);
  EXPECT_EQ(identity_of(Reducer::min, DType::i8).integer, 127);
  EXPECT_EQ(identity_of(Reducer::max, DType::i8).integer, -128);
  EXPECT_TRUE(identity_of(Reducer::min, DType::f32).real > 1e300);
}

// Random statements as text, from the grammar.
class RandomText {
 public:
  explicit RandomText(uint64_t seed) : random_(seed, "notation test") {}

  std::string expression(int depth) {
    switch (depth == 0 ? random_.between(0, 2) : random_.between(0, 8)) {
      case 0:
        return std::to_string(random_.between(0, 9));
      case 1:
        return random_.chance(0.3) ? "alpha" : cat("A[", index(), ",k]");
      case 2:
        return cat("B[", index(), "]");
      case 3:
        return cat("-", operand(depth));
      case 4:
        return cat("(", expression(depth - 1), ")");
      case 5:
        return cat("min(", expression(depth - 1), ", ", expression(depth - 1), ")");
      case 6:
        return cat(operand(depth), random_.chance(0.5) ? " / " : " % ", operand(depth));
      case 7:
        return cat(operand(depth), " - ", operand(depth));
      default:
        return cat(operand(depth), random_.chance(0.5) ? " * " : " + ", operand(depth));
    }
  }

  std::string program() {
    const char* ops[] = {"+=", "*=", "min=", "max="};
    std::string text =
        cat("T[i] ", ops[random_.between(0, 3)], " ", expression(4), " + A[i,k] + alpha + B[k]; ");
    return cat(text, "D[i] = T[i] - ", expression_without_k());
  }

 private:
  std::string operand(int depth) { return expression(depth - 1); }
  std::string expression_without_k() { return random_.chance(0.5) ? "T[5-i] * 3" : "bias:i8[i+2]"; }
  std::string index() {
    const char* kinds[] = {"i", "k", "2*i+k", "i-k+9", "3", "k*2+1"};
    return kinds[random_.between(0, 5)];
  }
  RandomStream random_;
};

RC_GTEST_PROP(NotationProperty, TextRoundTrips, (uint64_t seed)) {
  const Result<Workload> w =
      parse_workload(RandomText(seed).program(), options({{"i", 6}, {"k", 4}}));
  RC_ASSERT(w.has_value());
  const std::string text = to_text(*w);
  const Result<Workload> again = parse_workload(text, options(sizes_of(*w)));
  RC_ASSERT(again.has_value());
  RC_ASSERT(to_text(*again) == text);
  RC_ASSERT(workload_key(*again) == workload_key(*w));
  RC_ASSERT(shape_free_key(*again) == shape_free_key(*w));
}

RC_GTEST_PROP(NotationProperty, KeysDoNotDependOnNames, (uint64_t seed)) {
  const Result<Workload> w =
      parse_workload(RandomText(seed).program(), options({{"i", 6}, {"k", 4}}));
  RC_ASSERT(w.has_value());
  Workload renamed = *w;
  for (size_t t = 0; t < renamed.tensors.size(); ++t) renamed.tensors[t].name = cat("tensor_", t);
  for (Stage& stage : renamed.stages) {
    for (Axis& axis : stage.axes) axis.name = "q" + axis.name;
  }
  RC_ASSERT(check_workload(renamed).has_value());
  RC_ASSERT(workload_key(renamed) == workload_key(*w));
}

TEST(ToText, WritesTypesThatAreNotInferred) {
  const NotationOptions o = options({{"i", 2}, {"k", 2}});
  for (const char* text : {"C[i] += A:i8[i,k] * B:i8[k]", "C:i16[i] += A:i8[i,k]",
                           "C[i] = A:f32[i] * 0.1", "C:i64[i] = A[i] where A in -3..3",
                           "C[i] = A:f32[i] * -2 - -(3)", "C[i] min= A:f32[k,i]"}) {
    NotationOptions used = o;
    if (std::string_view(text).find('k') == std::string_view::npos) used.sizes.erase("k");
    EXPECT_EQ(to_text(parsed(text, used)), text);
  }
}

}  // namespace
}  // namespace pimjit
