#include "pimjit/core/run/check_tensors.h"

#include <gtest/gtest.h>

#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

class CheckTensors : public ::testing::Test {
 protected:
  CheckTensors()
      : workload(*make_workload("C[i,j] = A[i,j] + B[j]", {.sizes = {{"i", 4}, {"j", 3}}})),
        a(DType::i32, {4, 3}),
        b(DType::i32, {3}),
        c(DType::i32, {4, 3}),
        tensors{a.view(), b.view(), c.view()} {}

  std::string problem() const {
    const Status status = check_tensors(workload, tensors);
    if (status) return "";
    EXPECT_EQ(status.error().code, "tensor_mismatch");
    EXPECT_EQ(status.error().origin, Origin::user);
    return status.error().message();
  }

  Workload workload;
  HostTensor a, b, c;
  std::vector<TensorView> tensors;
};

const std::string kWhere = "\n  C[i,j] = A[i,j] + B[j]";

TEST_F(CheckTensors, WhatFits) {
  EXPECT_EQ(problem(), "");
  tensors[0].strides = {0, 0};  // read only: elements may share memory
  tensors[1].strides = {-1};
  tensors[2].strides = {1, 4};
  tensors[1].data = static_cast<std::byte*>(tensors[1].data) + 1;  // any alignment
  EXPECT_EQ(problem(), "");
}

TEST_F(CheckTensors, Number) {
  tensors.pop_back();
  EXPECT_EQ(problem(), "the computation has 3 tensors, 2 were given" + kWhere +
                           "\n  hint: in this order: A, B, C");
}

TEST_F(CheckTensors, Type) {
  tensors[1].dtype = DType::f32;
  EXPECT_EQ(problem(), "tensor B has type f32, the computation declares i32" + kWhere +
                           "\n  hint: convert it, or declare B:f32");
}

TEST_F(CheckTensors, Rank) {
  tensors[0].shape = {12};
  EXPECT_EQ(problem(), "tensor A has 1 dimensions [12], the computation needs 2 [4,3]" + kWhere);
}

TEST_F(CheckTensors, Shape) {
  tensors[0].shape = {3, 4};
  EXPECT_EQ(problem(), "tensor A has shape [3,4], the computation needs [4,3]" + kWhere +
                           "\n  hint: sizes are fixed when the workload is made");
}

TEST_F(CheckTensors, NumberOfStrides) {
  tensors[2].strides = {1};
  EXPECT_EQ(problem(), "tensor C has 1 strides for 2 dimensions" + kWhere +
                           "\n  hint: one stride per dimension, in elements");
}

TEST_F(CheckTensors, Memory) {
  tensors[2].data = nullptr;
  EXPECT_EQ(problem(), "tensor C has no memory for its 12 elements" + kWhere);
}

TEST_F(CheckTensors, ElementsOfAResultThatShareMemory) {
  const auto refused = [](const std::string& strides) {
    return "tensor C is written, and its strides " + strides +
           " for shape [4,3] lead to one address twice" + kWhere +
           "\n  hint: give each element an address of its own";
  };
  tensors[2].strides = {0, 1};
  EXPECT_EQ(problem(), refused("[0,1]"));
  tensors[2].strides = {3, 0};
  EXPECT_EQ(problem(), refused("[3,0]"));
  tensors[2].strides = {2, 1};
  EXPECT_EQ(problem(), refused("[2,1]"));
  tensors[2].strides = {2, -4};
  EXPECT_EQ(problem(), refused("[2,-4]"));
  tensors[2].strides = {2, 3};  // 0 2 4 6, 3 5 7 9, 6 ...
  EXPECT_EQ(problem(), refused("[2,3]"));
  tensors[2].strides = {3, 13};
  EXPECT_EQ(problem(), "");
}

// No two of the dimensions meet, all three do.
TEST(CheckTensorsOfThreeDimensions, ElementsOfAResultThatShareMemory) {
  const auto problem = [](std::vector<int64_t> shape, std::vector<int64_t> strides) {
    const Workload w = make_workload("C[i,j,k] = A[i,j,k]",
                                     {.sizes = {{"i", shape[0]}, {"j", shape[1]}, {"k", shape[2]}}})
                           .value();
    std::byte some[4];
    const TensorView a{some, DType::i32, shape, {0, 0, 0}};
    const TensorView c{some, DType::i32, shape, std::move(strides)};
    const Status status = check_tensors(w, std::vector<TensorView>{a, c});
    return status ? "" : status.error().what;
  };
  EXPECT_EQ(problem({2, 2, 2}, {2, 3, 5}),
            "tensor C is written, and its strides [2,3,5] for shape [2,2,2] lead to one address "
            "twice");
  EXPECT_EQ(problem({2, 2, 2}, {2, 3, 7}), "");  // 0 2 3 5 7 9 10 12
  EXPECT_EQ(problem({2, 2, 2}, {-4, 1, 2}), "");
  EXPECT_EQ(problem({2, 2, int64_t{1} << 21}, {2, 3, 5}),
            "tensor C is written, and its strides [2,3,5] for shape [2,2,2097152] may lead to one "
            "address twice");
}

}  // namespace
}  // namespace pimjit
