#include "pimjit/core/verify/direct_eval.h"

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "pimjit/core/support/random.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

using Shape = std::vector<int64_t>;

NotationOptions options(std::map<std::string, int64_t> sizes, DType dtype = DType::i32) {
  NotationOptions result;
  result.sizes = std::move(sizes);
  result.dtype = dtype;
  return result;
}

Workload workload(std::string_view text, const NotationOptions& o) {
  Result<Workload> result = make_workload(text, o);
  EXPECT_TRUE(result) << (result ? "" : result.error().message());
  return result ? *result : Workload{};
}

// Whole range of the type, so that wrapping matters; small integers for f32.
std::vector<HostTensor> random_inputs(const Workload& w, uint64_t seed) {
  std::vector<HostTensor> inputs;
  for (const int t : w.inputs()) {
    const Tensor& tensor = w.tensors[static_cast<size_t>(t)];
    RandomStream random(seed, tensor.name);
    HostTensor host(tensor.dtype, tensor.shape);
    for (int64_t i = 0; i < host.elements(); ++i) {
      if (is_float(tensor.dtype)) {
        host.set_real(i, static_cast<double>(random.between(-9, 9)));
      } else {
        host.set_integer(i, random.between(min_value(tensor.dtype), max_value(tensor.dtype)));
      }
    }
    inputs.push_back(std::move(host));
  }
  return inputs;
}

HostTensor evaluated(const Workload& w, const std::vector<HostTensor>& inputs) {
  Result<std::vector<HostTensor>> tensors = evaluate_directly(w, inputs);
  EXPECT_TRUE(tensors) << (tensors ? "" : tensors.error().message());
  return tensors ? tensors->back() : HostTensor{};
}

// The named operators once more as plain loops over i, j, k, b in 32-bit unsigned arithmetic.
struct Naive {
  const char* name;
  std::map<std::string, int64_t> sizes;
  std::function<std::vector<uint32_t>(const std::vector<std::vector<uint32_t>>&)> loop;
};

constexpr int64_t I = 5, J = 3, K = 301, B = 2;
using Values = std::vector<uint32_t>;
using Inputs = std::vector<Values>;

std::vector<Naive> naive_operators() {
  const auto at = [](const Values& v, int64_t i) { return v[static_cast<size_t>(i)]; };
  const auto mtv = [at](const Values& a, const Values& b, uint32_t alpha) {
    Values c(I, 0);
    for (int64_t i = 0; i < I; ++i)
      for (int64_t k = 0; k < K; ++k)
        c[static_cast<size_t>(i)] += alpha * at(a, i * K + k) * at(b, k);
    return c;
  };
  return {
      {"va",
       {{"i", K}},
       [at](const Inputs& in) {
         Values c;
         for (int64_t i = 0; i < K; ++i) c.push_back(at(in[0], i) + at(in[1], i));
         return c;
       }},
      {"geva",
       {{"i", K}},
       [at](const Inputs& in) {
         Values c;
         for (int64_t i = 0; i < K; ++i)
           c.push_back(in[0][0] * at(in[1], i) + in[2][0] * at(in[3], i));
         return c;
       }},
      {"red",
       {{"i", K}},
       [at](const Inputs& in) {
         Values c(1, 0);
         for (int64_t i = 0; i < K; ++i) c[0] += at(in[0], i);
         return c;
       }},
      {"dot",
       {{"i", K}},
       [at](const Inputs& in) {
         Values c(1, 0);
         for (int64_t i = 0; i < K; ++i) c[0] += at(in[0], i) * at(in[1], i);
         return c;
       }},
      {"mtv", {{"i", I}, {"k", K}}, [mtv](const Inputs& in) { return mtv(in[0], in[1], 1); }},
      {"gemv",
       {{"i", I}, {"k", K}},
       [mtv](const Inputs& in) { return mtv(in[1], in[2], in[0][0]); }},
      {"mtv_t",
       {{"i", I}, {"k", K}},
       [at](const Inputs& in) {
         Values c(I, 0);
         for (int64_t i = 0; i < I; ++i)
           for (int64_t k = 0; k < K; ++k)
             c[static_cast<size_t>(i)] += at(in[0], k * I + i) * at(in[1], k);
         return c;
       }},
      {"ttv",
       {{"i", I}, {"j", J}, {"k", K}},
       [at](const Inputs& in) {
         Values c;
         for (int64_t ij = 0; ij < I * J; ++ij) {
           c.push_back(0);
           for (int64_t k = 0; k < K; ++k) c.back() += at(in[0], ij * K + k) * at(in[1], k);
         }
         return c;
       }},
      {"mmtv",
       {{"i", I}, {"j", J}, {"k", K}},
       [at](const Inputs& in) {
         Values c;
         for (int64_t ij = 0; ij < I * J; ++ij) {
           c.push_back(0);
           for (int64_t k = 0; k < K; ++k)
             c.back() += at(in[0], ij * K + k) * at(in[1], ij / J * K + k);
         }
         return c;
       }},
      {"gemm",
       {{"i", I}, {"j", J}, {"k", K}},
       [at](const Inputs& in) {
         Values c;
         for (int64_t i = 0; i < I; ++i)
           for (int64_t j = 0; j < J; ++j) {
             c.push_back(0);
             for (int64_t k = 0; k < K; ++k)
               c.back() += at(in[0], i * K + k) * at(in[1], k * J + j);
           }
         return c;
       }},
      {"bgemm",
       {{"b", B}, {"i", I}, {"j", J}, {"k", K}},
       [at](const Inputs& in) {
         Values c;
         for (int64_t bi = 0; bi < B * I; ++bi)
           for (int64_t j = 0; j < J; ++j) {
             c.push_back(0);
             for (int64_t k = 0; k < K; ++k)
               c.back() += at(in[0], bi * K + k) * at(in[1], (bi / I * K + k) * J + j);
           }
         return c;
       }},
      {"mtv_bias_relu",
       {{"i", I}, {"k", K}},
       [mtv](const Inputs& in) {
         Values c = mtv(in[0], in[1], 1);
         for (size_t i = 0; i < c.size(); ++i) {
           c[i] += in[2][i];
           if (static_cast<int32_t>(c[i]) < 0) c[i] = 0;
         }
         return c;
       }},
  };
}

TEST(DirectEval, NamedOperatorsEqualPlainLoops) {
  const std::vector<Naive> all = naive_operators();
  EXPECT_EQ(all.size(), named_operators().size());
  for (const Naive& naive : all) {
    SCOPED_TRACE(naive.name);
    const Workload w = workload(naive.name, options(naive.sizes));
    const std::vector<HostTensor> inputs = random_inputs(w, 7);
    Inputs raw;
    for (const HostTensor& input : inputs) {
      raw.emplace_back();
      for (int64_t i = 0; i < input.elements(); ++i)
        raw.back().push_back(static_cast<uint32_t>(input.integer(i)));
    }
    const Values expected = naive.loop(raw);
    const HostTensor actual = evaluated(w, inputs);
    Result<std::unique_ptr<Reference>> lazy = Reference::make(w, inputs);
    ASSERT_TRUE(lazy);
    ASSERT_EQ(actual.elements(), static_cast<int64_t>(expected.size()));
    for (int64_t i = 0; i < actual.elements(); ++i) {
      ASSERT_EQ(actual.integer(i), static_cast<int32_t>(expected[static_cast<size_t>(i)])) << i;
      ASSERT_EQ((*lazy)->integer(i), actual.integer(i)) << i;
    }
  }
}

// One element of `text` with i=1 for given scalars.
int64_t scalar(std::string_view text, DType dtype, const std::vector<int64_t>& values) {
  const Workload w = workload(text, options({}, dtype));
  std::vector<HostTensor> inputs;
  for (const int64_t value : values) {
    inputs.emplace_back(dtype, Shape{});
    inputs.back().set_integer(0, value);
  }
  return evaluated(w, inputs).integer(0);
}

TEST(DirectEval, IntegerCornersFollowTheDocument) {
  for (const DType t : {DType::i8, DType::i16, DType::i32, DType::i64}) {
    SCOPED_TRACE(to_string(t));
    const int64_t least = min_value(t);
    const int64_t most = max_value(t);
    EXPECT_EQ(scalar("s = a / b", t, {7, -2}), -3);
    EXPECT_EQ(scalar("s = a % b", t, {-7, 2}), -1);
    EXPECT_EQ(scalar("s = a / b", t, {5, 0}), 0);
    EXPECT_EQ(scalar("s = a % b", t, {5, 0}), 5);
    EXPECT_EQ(scalar("s = a / b", t, {least, -1}), least);
    EXPECT_EQ(scalar("s = a % b", t, {least, -1}), 0);
    EXPECT_EQ(scalar("s = a + b", t, {most, 1}), least);
    EXPECT_EQ(scalar("s = a - b", t, {least, 1}), most);
    EXPECT_EQ(scalar("s = -a", t, {least}), least);
    EXPECT_EQ(scalar("s = a * b", t, {most, 2}), -2);
    EXPECT_EQ(scalar("s = min(a + 1, b)", t, {most, 0}), least);
    EXPECT_EQ(scalar("s = (a + 1) / 2", t, {most}), least / 2);
    EXPECT_EQ(scalar("s = max(a, -3)", t, {least}), -3);
  }
}

TEST(DirectEval, LoadsAreWidenedBeforeArithmetic) {
  NotationOptions o = options({{"k", 3}}, DType::i8);
  const Workload w = workload("s += A[k] * B[k]", o);
  EXPECT_EQ(w.stages[0].compute, DType::i32);
  std::vector<HostTensor> inputs(2, HostTensor(DType::i8, {3}));
  for (int64_t i = 0; i < 3; ++i) {
    inputs[0].set_integer(i, -128);
    inputs[1].set_integer(i, -128);
  }
  EXPECT_EQ(evaluated(w, inputs).integer(0), 3 * 16384);
}

TEST(DirectEval, EmptyReductionsGiveIdentities) {
  const auto of = [](std::string_view text, DType dtype) {
    const Workload w = workload(text, options({{"i", 2}, {"k", 0}}, dtype));
    return evaluated(w, {HostTensor(dtype, {2, 0})});
  };
  EXPECT_EQ(of("C[i] += A[i,k]", DType::i32).integer(1), 0);
  EXPECT_EQ(of("C[i] *= A[i,k]", DType::i32).integer(1), 1);
  EXPECT_EQ(of("C[i] min= A[i,k]", DType::i64).integer(1), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(of("C[i] max= A[i,k]", DType::i64).integer(1), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(of("C[i] min= A[i,k]", DType::f32).real(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(of("C[i] max= A[i,k]", DType::f32).real(1), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(of("C[i] *= A[i,k]", DType::f32).real(1), 1.0);
}

TEST(DirectEval, SizeZeroGivesAnEmptyResult) {
  const Workload w = workload("mtv", options({{"i", 0}, {"k", 4}}));
  EXPECT_EQ(evaluated(w, {HostTensor(DType::i32, {0, 4}), HostTensor(DType::i32, {4})}).elements(),
            0);
}

TEST(DirectEval, AffineIndices) {
  const Workload w = workload("C[i] += A[2*i+k+1] * W[2-k]", options({{"i", 4}, {"k", 3}}));
  EXPECT_EQ(w.tensors[0].shape, (Shape{10}));
  EXPECT_EQ(w.tensors[1].shape, (Shape{3}));
  const std::vector<HostTensor> inputs = random_inputs(w, 3);
  const HostTensor c = evaluated(w, inputs);
  for (int64_t i = 0; i < 4; ++i) {
    uint32_t sum = 0;
    for (int64_t k = 0; k < 3; ++k) {
      sum += static_cast<uint32_t>(inputs[0].integer(2 * i + k + 1)) *
             static_cast<uint32_t>(inputs[1].integer(2 - k));
    }
    EXPECT_EQ(c.integer(i), static_cast<int32_t>(sum));
  }
}

// A second contraction reads whole rows of the intermediate; single elements must find what they
// need.
TEST(DirectEval, ChainedContractionsElementByElement) {
  const Workload w = workload("T[i,j] += A[i,k] * B[k,j]; D[i,l] += T[i,j] * E[j,l]",
                              options({{"i", 4}, {"j", 5}, {"k", 6}, {"l", 3}}));
  const std::vector<HostTensor> inputs = random_inputs(w, 11);
  const HostTensor whole = evaluated(w, inputs);
  Result<std::unique_ptr<Reference>> lazy = Reference::make(w, inputs);
  ASSERT_TRUE(lazy);
  for (const int64_t element : {11, 0, 5, 5, 7})
    EXPECT_EQ((*lazy)->integer(element), whole.integer(element));
}

TEST(DirectEval, MixedIntegerAndFloatChain) {
  NotationOptions o = options({{"i", 2}, {"k", 3}}, DType::i8);
  o.dtypes["T"] = DType::i16;
  o.dtypes["scale"] = DType::f32;
  const Workload w = workload("T[i] += A[i,k] * B[k]; D[i] = T[i] * scale", o);
  EXPECT_EQ(w.tensors.back().dtype, DType::f32);
  std::vector<HostTensor> inputs = {HostTensor(DType::i8, {2, 3}), HostTensor(DType::i8, {3}),
                                    HostTensor(DType::f32, {})};
  for (int64_t i = 0; i < 6; ++i) inputs[0].set_integer(i, i - 2);
  for (int64_t i = 0; i < 3; ++i) inputs[1].set_integer(i, 10 * i + 1);
  inputs[2].set_real(0, 0.5);
  const HostTensor d = evaluated(w, inputs);
  EXPECT_EQ(d.real(0), 0.5 * (-2 * 1 + -1 * 11 + 0 * 21));
  EXPECT_EQ(d.real(1), 0.5 * (1 * 1 + 2 * 11 + 3 * 21));
}

TEST(DirectEval, FloatMatchesSmallIntegers) {
  const Workload w = workload("gemm", options({{"i", 3}, {"j", 4}, {"k", 700}}, DType::f32));
  const std::vector<HostTensor> inputs = random_inputs(w, 5);
  const HostTensor c = evaluated(w, inputs);
  for (int64_t i = 0; i < 3; ++i) {
    for (int64_t j = 0; j < 4; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < 700; ++k)
        sum += inputs[0].real(i * 700 + k) * inputs[1].real(k * 4 + j);
      EXPECT_EQ(c.real(i * 4 + j), sum);
    }
  }
}

// Rows of the output are evaluated side by side where loads are closer together that way.
TEST(DirectEval, RowsEqualSingleElements) {
  const auto same = [](const Workload& w, const std::vector<HostTensor>& inputs) {
    const HostTensor whole = evaluated(w, inputs);
    Result<std::unique_ptr<Reference>> all = Reference::make(w, inputs);
    Result<std::unique_ptr<Reference>> single = Reference::make(w, inputs);
    ASSERT_TRUE(all && single && (*all)->evaluate_all());
    for (int64_t e = 0; e < whole.elements(); ++e) {
      if (!is_float(whole.dtype())) {
        ASSERT_EQ((*single)->integer(e), whole.integer(e)) << e;
        continue;
      }
      const RealReference one = (*single)->real(e), row = (*all)->real(e);
      ASSERT_EQ(std::isnan(one.value), std::isnan(row.value)) << e;
      if (!std::isnan(one.value)) {
        ASSERT_EQ(one.value, row.value) << e;
      }
      ASSERT_EQ(one.allowed, row.allowed) << e;
    }
  };
  for (const char* reducer : {"+=", "*=", "max=", "min="}) {
    for (const DType t : {DType::i8, DType::i32, DType::f32}) {
      SCOPED_TRACE(testing::Message() << reducer << " " << to_string(t));
      const std::string text = std::string("C[i,j] ") + reducer + " A[i,k,l] * B[k,l,j]";
      const Workload w = workload(text, options({{"i", 3}, {"j", 300}, {"k", 2}, {"l", 5}}, t));
      std::vector<HostTensor> inputs = random_inputs(w, 3);
      same(w, inputs);
      if (!is_float(t)) continue;
      const double large = std::numeric_limits<float>::max();
      inputs[1].set_real(17, std::numeric_limits<double>::infinity());
      inputs[1].set_real(280, std::numeric_limits<double>::quiet_NaN());
      inputs[0].set_real(12, large);
      inputs[0].set_real(13, large);
      same(w, inputs);
    }
  }
}

TEST(DirectEval, WrongInputsAreNamed) {
  const Workload w = workload("mtv", options({{"i", 2}, {"k", 3}}));
  EXPECT_EQ(evaluate_directly(w, {HostTensor(DType::i32, {2, 3})}).error().what,
            "the computation reads 2 tensors but 1 are given");
  EXPECT_EQ(evaluate_directly(w, {HostTensor(DType::i32, {2, 3}), HostTensor(DType::i16, {3})})
                .error()
                .what,
            "tensor B must be i32[3] but is i16[3]");
  EXPECT_EQ(evaluate_directly(w, {HostTensor(DType::i32, {3, 2}), HostTensor(DType::i32, {3})})
                .error()
                .what,
            "tensor A must be i32[2,3] but is i32[3,2]");
}

}  // namespace
}  // namespace pimjit
