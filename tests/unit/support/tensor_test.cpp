#include "pimjit/core/support/tensor.h"

#include <cstring>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(HostTensor, IsZeroAlignedAndContiguous) {
  HostTensor t(DType::i16, {2, 3});
  EXPECT_EQ(t.elements(), 6);
  EXPECT_EQ(t.bytes(), 12);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(t.data()) % 64, 0u);
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(t.integer(i), 0);
  const TensorView view = t.view();
  EXPECT_EQ(view.strides, (std::vector<int64_t>{3, 1}));
  EXPECT_TRUE(view.contiguous());
  EXPECT_EQ(HostTensor(DType::i8, {}).elements(), 1);
  EXPECT_EQ(HostTensor(DType::i8, {4, 0}).elements(), 0);
}

TEST(HostTensor, ElementsWrapAndRound) {
  for (const DType type : {DType::i8, DType::i16, DType::i32, DType::i64}) {
    HostTensor t(type, {2});
    t.set_integer(1, max_value(type));
    EXPECT_EQ(t.integer(1), max_value(type));
    t.set_integer(1, -1);
    EXPECT_EQ(t.integer(1), -1);
    EXPECT_EQ(t.integer(0), 0);
  }
  HostTensor t(DType::i8, {1}), f(DType::f32, {1});
  t.set_integer(0, 300);
  EXPECT_EQ(t.integer(0), 44);
  f.set_real(0, 0.1);
  EXPECT_EQ(f.real(0), static_cast<double>(0.1f));
}

TEST(HostTensor, CopiesAreAlignedAndApart) {
  HostTensor a(DType::i32, {3});
  a.set_integer(2, 7);
  HostTensor b = a;
  b.set_integer(2, 8);
  EXPECT_EQ(a.integer(2), 7);
  EXPECT_EQ(b.integer(2), 8);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data()) % 64, 0u);
  a = b;
  EXPECT_EQ(a.integer(2), 8);
}

TEST(TensorView, StridesOfSingleElementsDoNotMatter) {
  TensorView view{nullptr, DType::i32, {1, 4}, {99, 1}};
  EXPECT_TRUE(view.contiguous());
  view.strides = {4, 2};
  EXPECT_FALSE(view.contiguous());
}

TEST(RawElements, NeedNoAlignment) {
  std::byte bytes[16] = {};
  store_integer(bytes + 1, DType::i64, -123456789012345);
  EXPECT_EQ(load_integer(bytes + 1, DType::i64), -123456789012345);
  store_real(bytes + 3, 1.5);
  EXPECT_EQ(load_real(bytes + 3), 1.5);
}

}  // namespace
}  // namespace pimjit
