#include "pimjit/core/lower/in_place.h"

#include <gtest/gtest.h>

#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

using test::lowered_sample;

const HostOp& op_of(const LoweredModule& m, const std::string& name) {
  for (const HostOp& op : m.ops) {
    if (op.name.rfind(name, 0) == 0) return op;
  }
  throw std::runtime_error("no operation " + name);
}

const char* const kByBlocks = "i.0, i.1 = split(i, 16)\nbind(i.0, unit)\n";

TEST(InPlace, ContiguousSlicesUseTheTensorsMemory) {
  const auto sample = lowered_sample("va", "i=128", "simple", kByBlocks);
  for (const char* name : {"pack A", "pack B", "copy back C", "unpack C"}) {
    const HostOp& op = op_of(sample.module, name);
    EXPECT_TRUE(op.in_place.possible) << name;
    EXPECT_TRUE(op.in_place.staged.empty()) << name;
    EXPECT_EQ(op.in_place.offset(3), 48) << name;
  }
  EXPECT_EQ(op_of(sample.module, "pack A").bytes, 0);
}

TEST(InPlace, OnlySlicesPastTheEndAreStaged) {
  // 100 elements in 7 slices of 16: the last one has 4.
  const auto sample = lowered_sample("va", "i=100", "simple", kByBlocks);
  for (const char* name : {"pack A", "copy back C", "unpack C"}) {
    EXPECT_EQ(op_of(sample.module, name).in_place.staged, (std::vector<int64_t>{6})) << name;
  }
  EXPECT_EQ(op_of(sample.module, "pack A").bytes, 64);
  EXPECT_EQ(op_of(sample.module, "unpack C").bytes, 64);
}

TEST(InPlace, ABroadcastTakesTheVectorItself) {
  const auto sample =
      lowered_sample("mtv", "i=64,k=32", "simple",
                     "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\nreorder(i.0, k, i.1)\n"
                     "place(A, bank, resident)\n");
  EXPECT_TRUE(op_of(sample.module, "pack B").in_place.possible);
  EXPECT_EQ(op_of(sample.module, "broadcast B").kind, OpKind::broadcast);
  // Results of two rows each fill their granule: in place as well.
  EXPECT_TRUE(op_of(sample.module, "copy back C").in_place.possible);
}

TEST(InPlace, WhatIsNarrowIsPacked) {
  const auto sample = lowered_sample("C[i] = A[i] + B[i] where A in 0..49", "i=128", "simple",
                                     std::string(kByBlocks) + "place(A, bank, streamed, narrow)\n");
  const HostOp& pack = op_of(sample.module, "pack A");
  EXPECT_FALSE(pack.in_place.possible);
  EXPECT_EQ(pack.map.narrow, DType::i8);
  EXPECT_EQ(pack.bytes, 128 * 4);  // that the host reads
  EXPECT_EQ(op_of(sample.module, "unpack C").map.narrow, std::nullopt);
  EXPECT_TRUE(op_of(sample.module, "pack B").in_place.possible);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(InPlace, WhatIsNarrowIsUnpacked) {
  const auto sample =
      lowered_sample("C[i] = A[i] + B[i] where A in 0..49, B in 0..49", "i=128", "simple",
                     std::string(kByBlocks) + "place(C, bank, streamed, narrow)\n");
  EXPECT_FALSE(op_of(sample.module, "copy back C").in_place.possible);
  const HostOp& unpack = op_of(sample.module, "unpack C");
  EXPECT_EQ(unpack.map.narrow, DType::i8);
  EXPECT_EQ(unpack.bytes, 128 * 4);  // that the host writes
  EXPECT_EQ(op_of(sample.module, "pack A").map.narrow, std::nullopt);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(InPlace, RowsOfASliceMustFollowOneAnother) {
  // Columns over units: each slice is a part of every row.
  const auto columns = lowered_sample("mtv", "i=8,k=64", "simple",
                                      "k.0, k.1 = split(k, 16)\nreorder(k.0, i, k.1)\n"
                                      "rfactor(k.0)\nbind(k.0, unit)\n");
  EXPECT_FALSE(op_of(columns.module, "pack A").in_place.possible);
  EXPECT_TRUE(op_of(columns.module, "pack B").in_place.possible);
  // Partial results are added up.
  EXPECT_FALSE(op_of(columns.module, "reduce C").in_place.possible);
  // Whole rows over units: contiguous.
  const auto rows =
      lowered_sample("mtv", "i=8,k=64", "simple", "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\n");
  EXPECT_TRUE(op_of(rows.module, "pack A").in_place.possible);
}

TEST(InPlace, PaddingThatMattersIsPacked) {
  const auto sample = lowered_sample("mtv", "i=8,k=30", "simple",
                                     "k.0, k.1 = split(k, 16, edge=pad)\nbind(i, unit)\n");
  bool fills = false;
  for (const HostOp& op : sample.module.ops) {
    if (op.kind != OpKind::pack || !op.map.fill_padding) continue;
    fills = true;
    EXPECT_FALSE(op.in_place.possible) << op.name;
  }
  EXPECT_TRUE(fills);
}

TEST(InPlace, TheDeviceWritesNoPaddingIntoTheTensor) {
  // One result per unit, in a granule of two elements.
  const auto sample = lowered_sample("mtv", "i=8,k=4", "simple", "bind(i, unit)\n");
  EXPECT_FALSE(op_of(sample.module, "copy back C").in_place.possible);
}

TransferMap rows_of_four() {
  TransferMap map;
  map.digits = {{3, 1, 0}, {4, 0, 1}};
  map.index = {make_binary(
      BinaryOp::add, make_binary(BinaryOp::mul, make_var(DType::i64, 0), make_int(DType::i64, 4)),
      make_var(DType::i64, 1))};
  map.slices = 3;
  map.slice_elements = 4;
  return map;
}
Tensor vector_of(int64_t n) {
  Tensor t;
  t.name = "T";
  t.dtype = DType::i32;
  t.shape = {n};
  return t;
}

TEST(InPlace, GuardsAndFilledPaddingKeepItFromTheDevice) {
  EXPECT_TRUE(in_place_to_device(rows_of_four(), vector_of(12)).possible);
  TransferMap guarded = rows_of_four();
  guarded.guard = make_binary(BinaryOp::lt, make_var(DType::i64, 1), make_int(DType::i64, 3));
  EXPECT_FALSE(in_place_to_device(guarded, vector_of(12)).possible);
  // Back from the device, a guard leaves out what another slice gives.
  EXPECT_EQ(in_place_from_device(guarded, vector_of(12)).staged, (std::vector<int64_t>{0, 1, 2}));
  TransferMap filled = rows_of_four();
  filled.fill_padding = true;
  EXPECT_FALSE(in_place_to_device(filled, vector_of(12)).possible);
}

TEST(InPlace, SlicesBeforeTheBeginningAreStaged) {
  TransferMap map = rows_of_four();
  map.index[0] = make_binary(BinaryOp::sub, map.index[0], make_int(DType::i64, 2));
  EXPECT_EQ(in_place_to_device(map, vector_of(12)).staged, (std::vector<int64_t>{0}));
  EXPECT_EQ(in_place_from_device(map, vector_of(12)).staged, (std::vector<int64_t>{0}));
}

TEST(InPlace, StepsInsideASliceAreThoseOfTheTensor) {
  TransferMap map = rows_of_four();
  map.index[0] = make_binary(BinaryOp::mul, map.index[0], make_int(DType::i64, 2));
  EXPECT_FALSE(in_place_to_device(map, vector_of(24)).possible);
  TransferMap divided = rows_of_four();
  divided.index[0] = make_binary(BinaryOp::div, divided.index[0], make_int(DType::i64, 2));
  EXPECT_FALSE(in_place_to_device(divided, vector_of(12)).possible);
  // A digit of one value takes no step.
  TransferMap single = rows_of_four();
  single.digits.push_back({1, 0, 9});
  EXPECT_TRUE(in_place_to_device(single, vector_of(12)).possible);
}

TEST(InPlace, MapsThatSayNothingAreStaged) {
  TransferMap empty_digit = rows_of_four();
  empty_digit.digits.push_back({0, 1, 0});
  EXPECT_FALSE(in_place_to_device(empty_digit, vector_of(12)).possible);
  TransferMap empty_slices = rows_of_four();
  empty_slices.slice_elements = 0;
  EXPECT_FALSE(in_place_to_device(empty_slices, vector_of(12)).possible);
  EXPECT_FALSE(in_place_to_device(rows_of_four(), vector_of(0)).possible);
  // A list of which slices are staged would be as long as the tensor.
  TransferMap many = rows_of_four();
  many.digits[0].extent = many.slices = (1 << 20) + 1;
  EXPECT_FALSE(in_place_to_device(many, vector_of(many.slices * 4)).possible);
}

TEST(InPlace, AddressesBeyond64BitsAreNone) {
  const Expr far = make_int(DType::i64, int64_t{1} << 62);
  Tensor square = vector_of(4);
  square.shape = {4, 4};
  TransferMap map = rows_of_four();
  map.index = {far, make_var(DType::i64, 1)};
  EXPECT_FALSE(in_place_to_device(map, square).possible);
  map.digits[0].extent = map.slices = 2;
  map.index[0] = make_binary(BinaryOp::mul, make_var(DType::i64, 0), far);
  EXPECT_FALSE(in_place_to_device(map, square).possible);
  // Coefficients that do not fit although the values do.
  TransferMap zero = rows_of_four();
  zero.digits.push_back({1, 0, 0});
  const Expr large = make_binary(BinaryOp::mul, make_var(DType::i64, 2), far);
  zero.index[0] = make_binary(BinaryOp::add, make_binary(BinaryOp::add, zero.index[0], large),
                              make_binary(BinaryOp::add, large, zero.index[0]));
  EXPECT_FALSE(in_place_to_device(zero, vector_of(24)).possible);
}

TEST(InPlace, OtherGuardsThanLinearBoundsAreStaged) {
  const Expr column = make_var(DType::i64, 1);
  const Expr three = make_int(DType::i64, 3);
  TransferMap map = rows_of_four();
  map.guard = make_binary(BinaryOp::le, column, three);
  EXPECT_FALSE(in_place_from_device(map, vector_of(12)).possible);
  map.guard = make_not(make_binary(BinaryOp::lt, three, column));
  EXPECT_FALSE(in_place_from_device(map, vector_of(12)).possible);
  map.guard =
      make_binary(BinaryOp::lt, make_binary(BinaryOp::div, column, make_int(DType::i64, 2)), three);
  EXPECT_FALSE(in_place_from_device(map, vector_of(12)).possible);
}

}  // namespace
}  // namespace pimjit
