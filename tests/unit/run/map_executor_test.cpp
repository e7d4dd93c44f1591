#include "pimjit/core/run/map_executor.h"

#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/core/interp/transfer.h"
#include "pimjit/core/support/random.h"

namespace pimjit {
namespace {

Expr digit(size_t d) {
  return make_var(DType::i64, static_cast<int>(d));
}
Expr number(int64_t v) {
  return make_int(DType::i64, v);
}
Expr op(BinaryOp o, Expr a, Expr b) {
  return make_binary(o, std::move(a), std::move(b));
}

// A map as lowering makes them, and odder ones: digits of a tensor dimension as a mixed-radix
// number, sometimes cut by div and mod as fused loops are, sometimes shifted out of bounds.
struct Case {
  TransferMap map;
  Tensor tensor;
  Reducer reducer = Reducer::none;
};

Case random_case(RandomStream& random, bool unpacking) {
  Case c;
  const auto rank = static_cast<size_t>(random.between(0, 3));
  TransferMap& m = c.map;
  std::vector<Expr> index(rank, number(0));
  std::vector<int64_t> span(rank, 1);
  int64_t inside = 1;
  const int64_t digits = random.between(0, 5);
  for (int64_t k = 0; k < digits; ++k) {
    MapDigit d{random.between(1, 4), 0, 0, false};
    if (random.chance(0.3)) {
      d.slice_stride = m.slices;
      m.slices *= d.extent;
    } else {
      d.element_stride = inside;
      inside *= d.extent;
    }
    d.reduce = unpacking && random.chance(0.25);
    const size_t number_of = m.digits.size();
    m.digits.push_back(d);
    if (rank == 0 || d.reduce) continue;
    const auto dim = static_cast<size_t>(random.between(0, static_cast<int64_t>(rank) - 1));
    index[dim] =
        op(BinaryOp::add, index[dim], op(BinaryOp::mul, digit(number_of), number(span[dim])));
    span[dim] *= d.extent;
  }
  m.slice_elements = inside + random.between(0, 2);
  for (size_t dim = 0; dim < rank; ++dim) {
    int64_t extent = span[dim];
    if (random.chance(0.5)) extent = std::max<int64_t>(1, extent - random.between(0, 2));
    if (!unpacking && random.chance(0.2)) index[dim] = op(BinaryOp::sub, index[dim], number(1));
    if (!unpacking && random.chance(0.2)) index[dim] = op(BinaryOp::sub, number(2), index[dim]);
    if (!unpacking && random.chance(0.3)) index[dim] = op(BinaryOp::mod, index[dim], number(3));
    c.tensor.shape.push_back(extent);
  }
  m.index = index;
  if (digits > 0 && random.chance(0.3)) {
    m.guard = op(BinaryOp::lt, digit(static_cast<size_t>(random.between(0, digits - 1))),
                 number(random.between(0, 3)));
  }
  m.fill_padding = random.chance(0.5);
  m.pad_integer = -9;
  m.pad_real = -9;
  c.tensor.name = "T";
  c.tensor.dtype = kTensorDTypes[random.between(0, 4)];
  c.reducer = Reducer::none;
  for (const MapDigit& d : m.digits) {
    if (d.reduce) c.reducer = static_cast<Reducer>(random.between(1, 4));
  }
  return c;
}

void fill_randomly(ShadowMemory& memory, DType t, RandomStream& random) {
  std::memset(memory.shadow(0), 0, static_cast<size_t>(memory.bytes()));
  for (int64_t at = 0; at < memory.bytes(); at += bytes_of(t)) {
    if (is_float(t)) {
      store_real(memory.data(0) + at, static_cast<double>(random.between(-50, 50)) / 4);
    } else {
      store_integer(memory.data(0) + at, t, random.between(-100, 100));
    }
  }
}

// Bytes that have a value must agree; the others may be anything.
void expect_same(const ShadowMemory& expected, const std::byte* actual) {
  for (int64_t i = 0; i < expected.bytes(); ++i) {
    if (expected.shadow(0)[i] != 0) continue;
    ASSERT_EQ(expected.data(0)[i], actual[i]) << "byte " << i;
  }
}

TensorView view_of(const Tensor& t, std::byte* data) {
  TensorView v{data, t.dtype, t.shape, std::vector<int64_t>(t.shape.size())};
  int64_t stride = 1;
  for (size_t d = t.shape.size(); d-- > 0; stride *= t.shape[d]) v.strides[d] = stride;
  return v;
}

TEST(MapExecutor, PacksLikeTheInterpreter) {
  RandomStream random(1, "map_executor.pack");
  for (int n = 0; n < 1500; ++n) {
    SCOPED_TRACE(n);
    const Case c = random_case(random, false);
    ShadowMemory tensor(1, c.tensor.bytes());
    ShadowMemory staging(1, c.map.slices * c.map.slice_elements * bytes_of(c.tensor.dtype));
    fill_randomly(tensor, c.tensor.dtype, random);
    ASSERT_TRUE(interpret_pack(c.map, {&c.tensor, &tensor, &staging}, "test"));
    const auto executor = MapExecutor::make(c.map, c.reducer, c.tensor.dtype, c.tensor.shape);
    ASSERT_TRUE(executor);
    std::vector<std::byte> packed(static_cast<size_t>(staging.bytes()));
    executor->pack(view_of(c.tensor, tensor.data(0)), packed.data());
    expect_same(staging, packed.data());
  }
}

TEST(MapExecutor, UnpacksLikeTheInterpreter) {
  RandomStream random(1, "map_executor.unpack");
  int compared = 0;
  for (int n = 0; n < 1500; ++n) {
    SCOPED_TRACE(n);
    const Case c = random_case(random, true);
    ShadowMemory tensor(1, c.tensor.bytes());
    ShadowMemory staging(1, c.map.slices * c.map.slice_elements * bytes_of(c.tensor.dtype));
    fill_randomly(staging, c.tensor.dtype, random);
    // Maps that write an element twice are none that lowering makes.
    if (!interpret_unpack(c.map, c.reducer, {&c.tensor, &tensor, &staging}, "test")) continue;
    ++compared;
    const auto executor = MapExecutor::make(c.map, c.reducer, c.tensor.dtype, c.tensor.shape);
    ASSERT_TRUE(executor);
    std::vector<std::byte> unpacked(static_cast<size_t>(tensor.bytes()));
    executor->unpack(staging.data(0), view_of(c.tensor, unpacked.data()));
    expect_same(tensor, unpacked.data());
  }
  EXPECT_GT(compared, 500);
}

TEST(MapExecutor, RefusesMapsThatReadMemory) {
  TransferMap map;
  map.index = {make_cast(DType::i64, make_load(DType::i32, 0, number(0)))};
  const auto executor = MapExecutor::make(map, Reducer::none, DType::i32, {4});
  ASSERT_FALSE(executor);
  EXPECT_EQ(executor.error().code, "map_expression");
}

}  // namespace
}  // namespace pimjit
