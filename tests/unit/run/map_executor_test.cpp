#include "pimjit/core/run/map_executor.h"

#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/core/interp/transfer.h"
#include "pimjit/tests/support/random_map.h"

namespace pimjit {
namespace {

using test::fill_randomly;
using test::random_map;
using test::RandomMap;

// Bytes that have a value must agree; the others may be anything.
void expect_same(const ShadowMemory& expected, const std::byte* actual) {
  for (int64_t i = 0; i < expected.bytes(); ++i) {
    if (expected.shadow(0)[i] != 0) continue;
    ASSERT_EQ(expected.data(0)[i], actual[i]) << "byte " << i;
  }
}

TEST(MapExecutor, PacksLikeTheInterpreter) {
  RandomStream random(1, "map_executor.pack");
  for (int n = 0; n < 1500; ++n) {
    SCOPED_TRACE(n);
    const RandomMap c = random_map(random, {.unpacking = false});
    ShadowMemory tensor(1, c.tensor.bytes());
    const DType staged = c.map.narrow.value_or(c.tensor.dtype);
    ShadowMemory staging(1, c.map.slices * c.map.slice_elements * bytes_of(staged));
    fill_randomly(tensor, c.tensor.dtype, random);
    ASSERT_TRUE(interpret_pack(c.map, {&c.tensor, &tensor, &staging}, "test"));
    const auto executor = MapExecutor::make(c.map, c.reducer, c.tensor.dtype, c.tensor.shape);
    ASSERT_TRUE(executor);
    std::vector<std::byte> packed(static_cast<size_t>(staging.bytes()));
    executor->pack(test::row_major_view(c.tensor, tensor.data(0)), packed.data());
    expect_same(staging, packed.data());
  }
}

TEST(MapExecutor, UnpacksLikeTheInterpreter) {
  RandomStream random(1, "map_executor.unpack");
  int compared = 0;
  for (int n = 0; n < 1500; ++n) {
    SCOPED_TRACE(n);
    const RandomMap c = random_map(random, {.unpacking = true});
    ShadowMemory tensor(1, c.tensor.bytes());
    const DType staged = c.map.narrow.value_or(c.tensor.dtype);
    ShadowMemory staging(1, c.map.slices * c.map.slice_elements * bytes_of(staged));
    fill_randomly(staging, staged, random);
    // Maps that write an element twice are none that lowering makes.
    if (!interpret_unpack(c.map, c.reducer, {&c.tensor, &tensor, &staging}, "test")) continue;
    ++compared;
    const auto executor = MapExecutor::make(c.map, c.reducer, c.tensor.dtype, c.tensor.shape);
    ASSERT_TRUE(executor);
    std::vector<std::byte> unpacked(static_cast<size_t>(tensor.bytes()));
    executor->unpack(staging.data(0), test::row_major_view(c.tensor, unpacked.data()));
    expect_same(tensor, unpacked.data());
  }
  EXPECT_GT(compared, 500);
}

TEST(MapExecutor, RefusesMapsThatReadMemory) {
  TransferMap map;
  map.index = {make_cast(DType::i64, make_load(DType::i32, 0, make_int(DType::i64, 0)))};
  const auto executor = MapExecutor::make(map, Reducer::none, DType::i32, {4});
  ASSERT_FALSE(executor);
  EXPECT_EQ(executor.error().code, "map_expression");
}

}  // namespace
}  // namespace pimjit
