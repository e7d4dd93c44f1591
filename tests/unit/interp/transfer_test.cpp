#include "pimjit/core/interp/transfer.h"

#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/core/support/tensor.h"

namespace pimjit {
namespace {

Expr digit(int d) {
  return make_var(DType::i64, d);
}

// Two slices of two elements over a tensor of three.
struct Fixture {
  Tensor tensor{"T", DType::i16, {3}, TensorRole::input, {}};
  ShadowMemory memory{1, 6}, staging{1, 8};
  TransferMap map;
  TransferSides sides{&tensor, &memory, &staging};
  Fixture() {
    map.digits = {{2, 1, 0, false}, {2, 0, 1, false}};
    map.slices = map.slice_elements = 2;
    map.index = {make_binary(
        BinaryOp::add, make_binary(BinaryOp::mul, digit(0), make_int(DType::i64, 2)), digit(1))};
    std::memset(memory.shadow(0), 0, 6);
    for (int64_t i = 0; i < 3; ++i) store_integer(memory.data(0) + 2 * i, DType::i16, 10 + i);
  }
  int64_t staged(int64_t i) const { return load_integer(staging.data(0) + 2 * i, DType::i16); }
};

TEST(Transfer, PacksAndMarksPadding) {
  Fixture f;
  ASSERT_TRUE(interpret_pack(f.map, f.sides, "here"));
  EXPECT_EQ(f.staged(2), 12);
  EXPECT_EQ(poison_of(f.staging.shadow(0), 6), Poison::none);
  EXPECT_EQ(poison_of(f.staging.shadow(0) + 6, 2), Poison::padding);
  f.map.fill_padding = true;
  f.map.pad_integer = -1;
  ASSERT_TRUE(interpret_pack(f.map, f.sides, "here"));
  EXPECT_EQ(f.staged(3), -1);
  EXPECT_EQ(poison_of(f.staging.shadow(0), 8), Poison::none);
}

TEST(Transfer, FoldsOnlyWhatIsNoPadding) {
  Fixture f;
  std::memset(f.staging.shadow(0), 0, 8);
  for (int64_t i = 0; i < 4; ++i) store_integer(f.staging.data(0) + 2 * i, DType::i16, 1 << i);
  f.map.digits[0].reduce = true;
  f.map.index = {digit(1)};
  // Slice 1 counts for element 0 only.
  f.map.guard = make_binary(BinaryOp::eq, make_binary(BinaryOp::mul, digit(0), digit(1)),
                            make_int(DType::i64, 0));
  ASSERT_TRUE(interpret_unpack(f.map, Reducer::sum, f.sides, "here"));
  EXPECT_EQ(load_integer(f.memory.data(0), DType::i16), 1 + 4);
  EXPECT_EQ(load_integer(f.memory.data(0) + 2, DType::i16), 2);
  EXPECT_EQ(load_integer(f.memory.data(0) + 4, DType::i16), 12);
}

TEST(Transfer, ReportsPositionsOutsideTheStaging) {
  Fixture f;
  f.map.slices = 1;
  const Status status = interpret_pack(f.map, f.sides, "here");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().what, "a position in slice 1 of 1, element 0 of 2");
  EXPECT_EQ(status.error().where, "here");
}

TEST(Transfer, ReportsContributionsToSeveralElements) {
  Fixture f;
  std::memset(f.staging.shadow(0), 0, 8);
  f.map.digits[0].reduce = true;
  const Status status = interpret_unpack(f.map, Reducer::sum, f.sides, "here");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().what, "contributions to elements 0 and 2 of T are added up");
}

}  // namespace
}  // namespace pimjit
