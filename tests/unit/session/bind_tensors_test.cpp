#include "pimjit/jit/session/bind_tensors.h"

#include <functional>

#include <gtest/gtest.h>

#include "pimjit/tests/unit/session/sessions.h"

namespace pimjit {
namespace {

using test::Dlpack;

TEST(BindTensors, ReadsDlpack) {
  HostTensor memory(DType::i16, {4, 6});
  Dlpack t(memory);
  t.tensor.byte_offset = 4;
  t.shape = {2, 3};
  t.strides = {12, -2};
  t.tensor.shape = t.shape.data(), t.tensor.strides = t.strides.data();
  const auto view = view_of(&t.tensor, "A");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->data, memory.data() + 4);
  EXPECT_EQ(view->dtype, DType::i16);
  EXPECT_EQ(view->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(view->strides, (std::vector<int64_t>{12, -2}));
  t.tensor.strides = nullptr;
  EXPECT_EQ(view_of(&t.tensor, "A")->strides, (std::vector<int64_t>{3, 1}));
  t.tensor.ndim = 0;
  EXPECT_TRUE(view_of(&t.tensor, "A")->shape.empty());
}

TEST(BindTensors, RefusesWhatItCannotRead) {
  HostTensor memory(DType::i32, {2, 3});
  struct Case {
    const char* message;
    std::function<void(Dlpack&)> spoil;
  };
  for (const Case& c : {
           Case{"tensor A lies on cuda (device type 2)\n  hint: copy it to host memory (kDLCPU) "
                "first",
                [](Dlpack& t) { t.tensor.device.device_type = kDLCUDA; }},
           Case{
               "tensor A lies on unknown (device type 12)\n  hint: copy it to host memory (kDLCPU) "
               "first",
               [](Dlpack& t) { t.tensor.device.device_type = kDLExtDev; }},
           Case{"tensor A has vectors of 4 lanes as elements\n  hint: one lane each, with the "
                "vector as a dimension of its own",
                [](Dlpack& t) { t.tensor.dtype.lanes = 4; }},
           Case{"tensor A has elements of type uint8\n  hint: types: i8 i16 i32 i64 f32",
                [](Dlpack& t) {
                  t.tensor.dtype = {kDLUInt, 8, 1};
                }},
           Case{"tensor A has elements of type float64\n  hint: types: i8 i16 i32 i64 f32",
                [](Dlpack& t) {
                  t.tensor.dtype = {kDLFloat, 64, 1};
                }},
           Case{"tensor A has elements of type bfloat16\n  hint: types: i8 i16 i32 i64 f32",
                [](Dlpack& t) {
                  t.tensor.dtype = {kDLBfloat, 16, 1};
                }},
           Case{"tensor A has -1 dimensions\n  hint: 0 to 64 will do",
                [](Dlpack& t) { t.tensor.ndim = -1; }},
           Case{"tensor A has no shape", [](Dlpack& t) { t.tensor.shape = nullptr; }},
           Case{"tensor A has size -3 in dimension 1", [](Dlpack& t) { t.shape[1] = -3; }},
           Case{"tensor A has more than 2^63 elements",
                [](Dlpack& t) {
                  t.shape = {int64_t{1} << 40, int64_t{1} << 40}, t.tensor.shape = t.shape.data();
                }},
           Case{
               "tensor A begins 18446744073709551612 bytes behind its address\n  hint: look at its "
               "byte_offset",
               [](Dlpack& t) { t.tensor.byte_offset = static_cast<uint64_t>(-4); }},
           Case{"tensor A reaches over more than 2^62 bytes\n  hint: look at its shape and strides",
                [](Dlpack& t) {
                  t.strides = {INT64_MIN, 1};
                  t.tensor.strides = t.strides.data();
                }},
       }) {
    Dlpack t(memory);
    c.spoil(t);
    const auto view = view_of(&t.tensor, "A");
    ASSERT_FALSE(view) << c.message;
    EXPECT_EQ(view.error().message(), c.message);
    EXPECT_EQ(view.error().origin, Origin::user);
  }
  EXPECT_EQ(view_of(nullptr, "A").error().message(), "tensor A is a null pointer");
}

TEST(BindTensors, RefusesWhatDoesNotFit) {
  const Workload w = test::workload("mtv", {{"i", 4}, {"k", 3}});
  HostTensor a(DType::i32, {4, 3}), b(DType::i32, {3}), c(DType::i32, {4});
  const auto message = [&](std::vector<TensorView> views) {
    const auto bound = bind_tensors(w, views);
    return bound ? std::string("fits") : bound.error().message();
  };
  const std::string text = "\n  C[i] += A[i,k] * B[k]";
  EXPECT_EQ(message({a.view(), b.view(), c.view()}), "fits");
  EXPECT_EQ(message({a.view()}), "the computation takes 3 tensors, 1 was given" + text +
                                     "\n  hint: in this order: A, B, C");
  TensorView other = b.view();
  other.dtype = DType::f32;
  EXPECT_EQ(message({a.view(), other, c.view()}),
            "tensor B has type f32, the computation declares i32" + text +
                "\n  hint: convert it, or declare B:f32");
  EXPECT_EQ(message({b.view(), b.view(), c.view()}),
            "tensor A has 1 dimensions [3], the computation needs 2 [4,3]" + text);
  EXPECT_EQ(message({a.view(), c.view(), c.view()}),
            "tensor B has shape [4], the computation needs [3]" + text +
                "\n  hint: sizes are fixed when the workload is made");
  TensorView lost = b.view();
  lost.data = nullptr;
  EXPECT_EQ(message({a.view(), lost, c.view()}),
            "tensor B has no memory for its 3 elements" + text);
  TensorView folded = c.view();
  folded.strides = {0};
  EXPECT_EQ(message({a.view(), b.view(), folded}),
            "tensor C is written, and its strides [0] for shape [4] lead to one address twice" +
                text + "\n  hint: give each element an address of its own");
}

TEST(BindTensors, PutsIntermediatesInBetween) {
  const Workload w =
      test::workload("T[i] += A[i,k] * B[k]; D[i] = max(T[i], 0)", {{"i", 4}, {"k", 3}});
  HostTensor a(DType::i32, {4, 3}), b(DType::i32, {3}), d(DType::i32, {4});
  const auto bound = bind_tensors(w, std::vector<TensorView>{a.view(), b.view(), d.view()});
  ASSERT_TRUE(bound) << bound.error().message();
  ASSERT_EQ(bound->size(), 4u);
  EXPECT_EQ((*bound)[static_cast<size_t>(w.find_tensor("T"))].data, nullptr);
  EXPECT_EQ((*bound)[3].data, d.data());
}

}  // namespace
}  // namespace pimjit
