#include "pimjit/core/verify/test_data.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "pimjit/core/verify/direct_eval.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

Workload workload(std::string_view text, std::map<std::string, int64_t> sizes, DType dtype) {
  NotationOptions options;
  options.sizes = std::move(sizes);
  options.dtype = dtype;
  Result<Workload> w = make_workload(text, options);
  EXPECT_TRUE(w) << (w ? "" : w.error().message());
  return w ? *w : Workload{};
}

std::set<int64_t> values(const HostTensor& tensor) {
  std::set<int64_t> all;
  for (int64_t i = 0; i < tensor.elements(); ++i) all.insert(tensor.integer(i));
  return all;
}

TEST(TestData, SameSeedSameData) {
  const Workload w = workload("va", {{"i", 100}}, DType::i32);
  const auto same = [](const HostTensor& a, const HostTensor& b) {
    for (int64_t i = 0; i < a.elements(); ++i) {
      if (a.integer(i) != b.integer(i)) return false;
    }
    return true;
  };
  EXPECT_TRUE(same(timing_inputs(w, 1)[0], timing_inputs(w, 1)[0]));
  EXPECT_FALSE(same(timing_inputs(w, 1)[0], timing_inputs(w, 2)[0]));
  EXPECT_FALSE(same(timing_inputs(w, 1)[0], timing_inputs(w, 1)[1]));
  EXPECT_FALSE(same(timing_inputs(w, 1)[0], gate_inputs(w, 1)[0]));
}

TEST(TestData, DeclaredRangesHoldAndTheirEndsAreReached) {
  for (const DType t : kTensorDTypes) {
    const Workload w = workload("C[i] = A[i] where A in -3..49", {{"i", 3000}}, t);
    for (const auto& inputs : {timing_inputs(w, 5), gate_inputs(w, 5)})
      EXPECT_TRUE(check_ranges(w, inputs));
    const std::vector<HostTensor> gate = gate_inputs(w, 5);
    std::set<double> seen;
    for (int64_t i = 0; i < 3000; ++i)
      seen.insert(is_float(t) ? gate[0].real(i) : static_cast<double>(gate[0].integer(i)));
    EXPECT_TRUE(seen.contains(-3) && seen.contains(49) && seen.contains(0)) << to_string(t);
  }
}

TEST(TestData, WithoutARangeTheTypesEndsAndNegativesAppear) {
  for (const DType t : {DType::i8, DType::i16, DType::i32, DType::i64}) {
    const Workload w = workload("C[i] = A[i]", {{"i", 400}}, t);
    const std::set<int64_t> seen = values(gate_inputs(w, 9)[0]);
    EXPECT_TRUE(seen.contains(min_value(t)) && seen.contains(max_value(t)) && seen.contains(0) &&
                seen.contains(-1));
    EXPECT_LT(*values(timing_inputs(w, 9)[0]).begin(), 0);
  }
}

TEST(TestData, FloatsMixMagnitudesAndSigns) {
  const Workload w = workload("C[i] = A[i]", {{"i", 1000}}, DType::f32);
  const auto smallest = [](const HostTensor& tensor) {
    double least = 1;
    for (int64_t i = 0; i < tensor.elements(); ++i) {
      if (tensor.real(i) != 0) least = std::min(least, std::fabs(tensor.real(i)));
    }
    return least;
  };
  EXPECT_GE(smallest(gate_inputs(w, 2)[0]), 0x1p-12);
  EXPECT_LT(smallest(gate_inputs(w, 2, {.subnormals = true})[0]), 0x1p-126);
}

// Multiplying many gate values must neither overflow nor end in 0, or the gate would check nothing.
TEST(TestData, ProductsStayTelling) {
  for (const DType t : kTensorDTypes) {
    const Workload w = workload("C[i] *= A[i,k]", {{"i", 5}, {"k", 3000}}, t);
    for (const auto& inputs : {timing_inputs(w, 5), gate_inputs(w, 5)}) {
      const HostTensor c = evaluate_directly(w, inputs)->back();
      for (int64_t i = 0; i < 5; ++i) {
        if (is_float(t)) {
          EXPECT_TRUE(std::isnormal(c.real(i))) << c.real(i);
        } else {
          EXPECT_NE(c.integer(i), 0);
        }
      }
    }
  }
}

TEST(TestData, ScalarsAreNotForcedToTheEnds) {
  const Workload w = workload("C[i] = alpha * A[i]", {{"i", 4}}, DType::i32);
  EXPECT_NE(gate_inputs(w, 1)[0].integer(0), min_value(DType::i32));
  EXPECT_NE(gate_inputs(w, 1)[0].integer(0), 0);
}

TEST(CheckRanges, NamesTensorIndexValueAndRange) {
  const Workload w = workload("mtv", {{"i", 3}, {"k", 4}}, DType::i32);
  Workload ranged = w;
  ranged.tensors[0].range = ValueRange{0, 49};
  std::vector<HostTensor> inputs = {HostTensor(DType::i32, {3, 4}), HostTensor(DType::i32, {4})};
  EXPECT_TRUE(check_ranges(ranged, inputs));
  inputs[0].set_integer(6, 50);
  EXPECT_EQ(check_ranges(ranged, inputs).error().message(),
            "A[1,2] is 50, outside the declared range 0..49\n  hint: widen the range of A or "
            "correct the data");
  EXPECT_TRUE(check_ranges(w, inputs));
}

TEST(CheckRanges, NanIsInNoRange) {
  const Workload w = workload("C[i] = A[i] where A in 0..1", {{"i", 1}}, DType::f32);
  std::vector<HostTensor> inputs = {HostTensor(DType::f32, {1})};
  inputs[0].set_real(0, std::nan(""));
  EXPECT_EQ(check_ranges(w, inputs).error().what, "A[0] is nan, outside the declared range 0..1");
}

}  // namespace
}  // namespace pimjit
