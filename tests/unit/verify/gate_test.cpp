#include "pimjit/core/verify/gate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "pimjit/core/support/random.h"
#include "pimjit/core/verify/direct_eval.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Workload workload(std::string_view text, std::map<std::string, int64_t> sizes, DType dtype) {
  NotationOptions options;
  options.sizes = std::move(sizes);
  options.dtype = dtype;
  Result<Workload> w = make_workload(text, options);
  EXPECT_TRUE(w) << (w ? "" : w.error().message());
  return w ? *w : Workload{};
}

HostTensor reals(std::vector<int64_t> shape, const std::vector<double>& values) {
  HostTensor tensor(DType::f32, std::move(shape));
  for (size_t i = 0; i < values.size(); ++i) tensor.set_real(static_cast<int64_t>(i), values[i]);
  return tensor;
}

HostTensor correct(const Workload& w, const std::vector<HostTensor>& inputs) {
  return evaluate_directly(w, inputs)->back();
}

GateReport gate(const Workload& w, const std::vector<HostTensor>& inputs, const HostTensor& output,
                const GateOptions& options = {}) {
  Result<GateReport> report = compare(w, inputs, output, options);
  EXPECT_TRUE(report) << (report ? "" : report.error().message());
  return report ? *report : GateReport{};
}

TEST(Gate, IntegersAreExact) {
  const Workload w = workload("mtv", {{"i", 20}, {"k", 30}}, DType::i32);
  const std::vector<HostTensor> inputs = gate_inputs(w, 1);
  HostTensor output = correct(w, inputs);
  GateReport report = gate(w, inputs, output);
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.checked, 20);
  EXPECT_EQ(report.text("C"), "20 elements equal");

  const int64_t right = output.integer(7);
  output.set_integer(7, right ^ 1);
  output.set_integer(9, output.integer(9) + 1);
  report = gate(w, inputs, output);
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.mismatches, 2);
  EXPECT_EQ(report.first_mismatch, 7);
  EXPECT_EQ(report.max_error, 1.0);
  EXPECT_EQ(report.text("C"), "2 of 20 elements differ; first C[7]: expected " +
                                  std::to_string(right) + ", found " + std::to_string(right ^ 1) +
                                  " (exact)");
}

TEST(Gate, RefusesTensorsThatAreNotTheComputations) {
  const Workload w = workload("mtv", {{"i", 4}, {"k", 3}}, DType::i32);
  const std::vector<HostTensor> inputs = gate_inputs(w, 1);
  const auto problem = [&w](const std::vector<HostTensor>& given, const HostTensor& output) {
    const Result<GateReport> report = compare(w, given, output);
    EXPECT_FALSE(report);
    return report ? "" : report.error().code + ": " + report.error().message();
  };
  const HostTensor output = correct(w, inputs);
  EXPECT_EQ(problem({inputs[0]}, output),
            "wrong_inputs: the computation reads 2 tensors but 1 are given");
  EXPECT_EQ(problem({inputs[0], HostTensor(DType::i16, {4})}, output),
            "wrong_inputs: tensor B must be i32[3] but is i16[4]");
  EXPECT_EQ(problem(inputs, HostTensor(DType::i64, {5})),
            "wrong_output: the result C has i64 and 5 elements, not i32 and 4 in the shape of the "
            "computation");
}

TEST(Gate, SampleFindsAWrongCorner) {
  const Workload w = workload("gemm", {{"i", 33}, {"j", 65}, {"k", 9}}, DType::i16);
  const std::vector<HostTensor> inputs = gate_inputs(w, 1);
  for (const int64_t corner : {int64_t{0}, int64_t{64}, int64_t{32 * 65}, int64_t{33 * 65 - 1}}) {
    HostTensor output = correct(w, inputs);
    output.set_integer(corner, output.integer(corner) + 1);
    const GateReport report = gate(w, inputs, output, {.sample = 64, .seed = 3});
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(report.checked, 64);
    EXPECT_EQ(report.first_mismatch, corner);
    EXPECT_EQ(report.method, "exact, sampled");
  }
}

TEST(Gate, SamplesAreDistinctAndCapped) {
  for (const int64_t sample : {1, 4, 64, 100, 1000}) {
    const std::vector<int64_t> chosen = sample_elements({10, 10}, {.sample = sample, .seed = 5});
    EXPECT_EQ(static_cast<int64_t>(chosen.size()), std::min<int64_t>(sample, 100));
    EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
    EXPECT_EQ(std::adjacent_find(chosen.begin(), chosen.end()), chosen.end());
    EXPECT_EQ(chosen, sample_elements({10, 10}, {.sample = sample, .seed = 5}));
  }
  EXPECT_TRUE(sample_elements({0, 10}, {.sample = 5, .seed = 1}).empty());
  EXPECT_EQ(sample_elements({}, {.sample = 5, .seed = 1}), (std::vector<int64_t>{0}));
}

TEST(Gate, EmptyOutputsPass) {
  const Workload w = workload("va", {{"i", 0}}, DType::f32);
  const std::vector<HostTensor> inputs = gate_inputs(w, 1);
  EXPECT_TRUE(gate(w, inputs, HostTensor(DType::f32, {0})).ok);
}

TEST(Gate, OutputMustFit) {
  const Workload w = workload("va", {{"i", 3}}, DType::i32);
  const std::vector<HostTensor> inputs = gate_inputs(w, 1);
  EXPECT_EQ(compare(w, inputs, HostTensor(DType::i32, {4})).error().what,
            "the result C has i32 and 4 elements, not i32 and 3 in the shape of the computation");
}

// The tolerance is the bound itself: one step outside fails.
TEST(Gate, FloatBoundIsTight) {
  const Workload w = workload("dot", {{"i", 1000}}, DType::f32);
  const std::vector<HostTensor> inputs = gate_inputs(w, 4);
  double magnitude = 0, value = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    value += inputs[0].real(i) * inputs[1].real(i);
    magnitude += std::fabs(inputs[0].real(i) * inputs[1].real(i));
  }
  // 1000 products and 999 sums, plus two: gamma(1 + 999 + 2).
  const double n = 1002;
  const double allowed = n * 0x1p-24 / (1 - n * 0x1p-24) * magnitude;
  const std::unique_ptr<Reference> reference = std::move(*Reference::make(w, inputs));
  EXPECT_NEAR(reference->real(0).allowed, allowed, 1e-9 * allowed);
  EXPECT_TRUE(gate(w, inputs, reals({}, {value + 0.99 * allowed})).ok);
  const GateReport report = gate(w, inputs, reals({}, {value + 1.01 * allowed}));
  EXPECT_FALSE(report.ok);
  EXPECT_GT(report.max_ratio, 1);
  EXPECT_FALSE(gate(w, inputs, reals({}, {kNaN})).ok);
  EXPECT_FALSE(gate(w, inputs, reals({}, {kInfinity})).ok);
}

TEST(Gate, CopiesMinimaAndNegationsAreExactInFloat) {
  const Workload w = workload("C[i] = -max(A[i], 0.5)", {{"i", 4}}, DType::f32);
  const std::vector<HostTensor> inputs = {reals({4}, {1, 0.25, -3, 1.5})};
  EXPECT_TRUE(gate(w, inputs, reals({4}, {-1, -0.5, -0.5, -1.5})).ok);
  EXPECT_FALSE(gate(w, inputs, reals({4}, {-1, -0.5, -0.5, std::nextafterf(-1.5f, 0)})).ok);
}

TEST(Gate, NanAndInfinityOfTheInputsAreCertain) {
  const Workload w = workload("mtv", {{"i", 4}, {"k", 3}}, DType::f32);
  const std::vector<HostTensor> inputs = {
      reals({4, 3}, {1, kNaN, 2, kInfinity, 1, 1, kInfinity, -kInfinity, 1, kInfinity, 0, 1}),
      reals({3}, {1, 2, 3})};
  EXPECT_TRUE(gate(w, inputs, reals({4}, {-kNaN, kInfinity, kNaN, kInfinity})).ok);
  EXPECT_EQ(gate(w, inputs, reals({4}, {1, -kInfinity, kInfinity, 5})).mismatches, 4);
}

TEST(Gate, PossibleOverflowIsUnboundedButNeverAlone) {
  const Workload w = workload("C[i] += A[i,k]", {{"i", 2}, {"k", 3}}, DType::f32);
  const std::vector<HostTensor> inputs = {reals({2, 3}, {3e38, 3e38, -3e38, 1, 2, 3})};
  GateReport report = gate(w, inputs, reals({2}, {kInfinity, 6}));
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.unbounded, 1);
  EXPECT_EQ(report.text("C"), "2 elements within the error bound, 1 of them without a bound");
  EXPECT_FALSE(gate(w, inputs, reals({2}, {kInfinity, 7})).ok);
  const Workload alone = workload("s += A[k]", {{"k", 2}}, DType::f32);
  report = gate(alone, {reals({2}, {3e38, 3e38})}, reals({}, {kInfinity}));
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.text("s"),
            "none of 1 elements has a bound: they may overflow, or are sums of too many terms");
}

TEST(Gate, ShorterSumsHaveTighterBounds) {
  const Workload w = workload("s += A[k]", {{"k", 100}}, DType::f32);
  const std::vector<HostTensor> inputs = {reals({100}, std::vector<double>(100, 1))};
  const HostTensor off = reals({}, {100.0f + 50 * 0x1.0p-24f * 100});
  EXPECT_TRUE(compare(w, inputs, off)->ok);
  EXPECT_TRUE(compare(w, inputs, off, {0, 0, {60}})->ok);
  EXPECT_FALSE(compare(w, inputs, off, {0, 0, {40}})->ok);
}

TEST(Gate, SumsOfMoreTermsThanTheBoundHoldsForNeedKnownPartialSums) {
  const int64_t terms = int64_t{1} << 23;
  const Workload w = workload("s += A[k]", {{"k", terms}}, DType::f32);
  HostTensor a(DType::f32, {terms});
  for (int64_t k = 0; k < terms; ++k) a.set_real(k, k % 2 == 0 ? 1.0f : -0.5f);
  const HostTensor right = reals({}, {static_cast<float>(terms) / 4});
  const std::vector<HostTensor> inputs = {a};
  EXPECT_FALSE(compare(w, inputs, right)->ok);
  EXPECT_TRUE(compare(w, inputs, right, {0, 0, {5000}})->ok);
  EXPECT_FALSE(compare(w, inputs, reals({}, {0}), {0, 0, {5000}})->ok);
}

TEST(Gate, SignedZerosAreEqual) {
  const Workload w = workload("C[i] = min(A[i], 0)", {{"i", 1}}, DType::f32);
  EXPECT_TRUE(gate(w, {reals({1}, {-0.0})}, reals({1}, {0.0})).ok);
}

TEST(Gate, DivisionByWhatMayBeZeroIsUnbounded) {
  const Workload w = workload("C[i] = A[i] / (A[i] - B[i])", {{"i", 2}}, DType::f32);
  const std::vector<HostTensor> inputs = {reals({2}, {1, 1}), reals({2}, {1, 0.5})};
  EXPECT_EQ(gate(w, inputs, reals({2}, {kInfinity, 2})).unbounded, 1);
}

// A device in f32: terms summed in a random order and association, products fused or not.
float device_sum(std::vector<float> terms, RandomStream& random) {
  while (terms.size() > 1) {
    const auto pick = [&] {
      const auto at =
          static_cast<size_t>(random.between(0, static_cast<int64_t>(terms.size()) - 1));
      std::swap(terms[at], terms.back());
      const float term = terms.back();
      terms.pop_back();
      return term;
    };
    const float a = pick();
    terms.push_back(a + pick());
  }
  return terms.empty() ? 0 : terms[0];
}

RC_GTEST_PROP(GateProperty, EveryOrderOfAFloatChainPasses, (uint64_t seed)) {
  RandomStream random(seed, "gate property");
  const int64_t rows = random.between(1, 4), columns = random.between(1, 60);
  const Workload w = workload("T[i] += A[i,k] * B[k]; D[i] += T[j] * E[i,j] * T[i]",
                              {{"i", rows}, {"j", rows}, {"k", columns}}, DType::f32);
  const std::vector<HostTensor> inputs = gate_inputs(w, seed, {.subnormals = random.chance(0.5)});
  std::vector<float> t;
  for (int64_t i = 0; i < rows; ++i) {
    std::vector<float> terms;
    for (int64_t k = 0; k < columns; ++k) {
      terms.push_back(static_cast<float>(inputs[0].real(i * columns + k)) *
                      static_cast<float>(inputs[1].real(k)));
    }
    t.push_back(device_sum(terms, random));
  }
  HostTensor output(DType::f32, {rows});
  for (int64_t i = 0; i < rows; ++i) {
    std::vector<float> terms;
    for (int64_t j = 0; j < rows; ++j) {
      const auto e = static_cast<float>(inputs[2].real(i * rows + j));
      terms.push_back(t[static_cast<size_t>(j)] * e * t[static_cast<size_t>(i)]);
    }
    output.set_real(i, device_sum(terms, random));
  }
  const GateReport report = gate(w, inputs, output);
  RC_ASSERT(report.ok);
  RC_ASSERT(report.unbounded == 0);
}

RC_GTEST_PROP(GateProperty, EveryOrderOfAProductPasses, (uint64_t seed)) {
  RandomStream random(seed, "gate property");
  const int64_t count = random.between(1, 200);
  const Workload w = workload("s *= A[k]", {{"k", count}}, DType::f32);
  std::vector<HostTensor> inputs = gate_inputs(w, seed);
  if (random.chance(0.5)) {
    for (int64_t k = 0; k < count; ++k)
      inputs[0].set_real(k,
                         std::ldexp(inputs[0].real(k), static_cast<int>(random.between(-20, 20))));
  }
  std::vector<float> factors;
  for (int64_t k = 0; k < count; ++k) factors.push_back(static_cast<float>(inputs[0].real(k)));
  for (size_t k = factors.size(); k > 1; --k) {
    std::swap(factors[k - 1],
              factors[static_cast<size_t>(random.between(0, static_cast<int64_t>(k) - 1))]);
  }
  float product = 1;
  for (const float factor : factors) product *= factor;
  RC_ASSERT(gate(w, inputs, reals({}, {product})).mismatches == 0);
}

}  // namespace
}  // namespace pimjit
