#include "pimjit/core/plugin/device_allocator.h"

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/support/random.h"

namespace pimjit {
namespace {

// A plugin that reserves memory at byte 8 and does nothing else.
pj_error* create(const pj_host*, const pj_options*, pj_plugin** out) {
  *out = reinterpret_cast<pj_plugin*>(out);
  return nullptr;
}
pj_error* build_kernel(pj_plugin*, const pj_kernel*, const pj_options*, pj_image**) {
  return nullptr;
}
pj_error* open(pj_plugin*, const pj_options*, pj_device** out) {
  *out = reinterpret_cast<pj_device*>(out);
  return nullptr;
}
pj_error* alloc(pj_device*, uint32_t scope, uint64_t bytes, uint64_t, pj_memory* out) {
  *out = {sizeof(pj_memory), scope, 1, 8, bytes, nullptr};
  return nullptr;
}
pj_error* free_memory(pj_device*, const pj_memory*) {
  return nullptr;
}

DeviceAllocator allocator_of(uint64_t bytes) {
  pj_plugin_api api = {};
  api.struct_size = sizeof api;
  api.abi_major = PJ_ABI_MAJOR;
  api.name = {sizeof(pj_text), 4, "bare"};
  api.create = create;
  api.destroy = [](pj_plugin*) {};
  api.build_kernel = build_kernel;
  api.open = open;
  api.close = [](pj_device*) {};
  api.alloc = alloc;
  api.free_memory = free_memory;
  const auto plugin = make_plugin(&api);
  const auto device = plugin->open();
  return *DeviceAllocator::create(*device, 0, "bank", bytes, 8);
}

TEST(DeviceAllocator, FirstFitGivesTheSameAddressesEachTime) {
  const DeviceAllocator allocator = allocator_of(1024);
  const auto a = allocator.allocate(100, 8, "a");
  auto b = allocator.allocate(100, 8, "b");
  const auto c = allocator.allocate(100, 8, "c");
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(a->base(), 8u);
  EXPECT_EQ(b->base(), 112u);
  EXPECT_EQ(c->base(), 216u);
  EXPECT_EQ(c->offset(), 208u);
  *b = DeviceRange();
  const auto d = allocator.allocate(50, 8, "d");
  EXPECT_EQ(d->base(), 112u);
}

TEST(DeviceAllocator, AlignsTheBaseNotTheOffset) {
  const DeviceAllocator allocator = allocator_of(4096);
  const auto a = allocator.allocate(10, 64, "a");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->base() % 64, 0u);
  EXPECT_EQ(a->offset(), 56u);
}

TEST(DeviceAllocator, HolesGrowTogether) {
  const DeviceAllocator allocator = allocator_of(300);
  std::vector<DeviceRange> pieces;
  for (const char* name : {"a", "b", "c"}) pieces.push_back(*allocator.allocate(96, 8, name));
  EXPECT_EQ(allocator.usage().free, 12u);
  pieces[0] = DeviceRange();
  pieces[2] = DeviceRange();
  EXPECT_EQ(allocator.usage().largest_hole, 108u);
  pieces[1] = DeviceRange();
  EXPECT_EQ(allocator.usage().largest_hole, 300u);
  EXPECT_EQ(allocator.usage().pieces, 0u);
}

TEST(DeviceAllocator, ExhaustionNamesNumbersAndResidents) {
  const DeviceAllocator allocator = allocator_of(1000);
  const auto weights = allocator.allocate(400, 8, "weights", true);
  auto hole = allocator.allocate(200, 8, "hole");
  const auto bias = allocator.allocate(104, 8, "bias", true);
  *hole = DeviceRange();
  const auto refused = allocator.allocate(400, 8, "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().origin, Origin::target);
  EXPECT_EQ(refused.error().code, "device_memory_exhausted");
  EXPECT_EQ(refused.error().message(),
            "'x' needs 400 bytes aligned to 8 in each instance of 'bank': 496 of 1000 are free, "
            "the largest hole has 296\n"
            "  scope 'bank'\n"
            "  hint: drop tensors that stay on the device: weights (400 B), bias (104 B)");
}

TEST(DeviceAllocator, ExhaustionWithoutResidents) {
  const auto refused = allocator_of(64).allocate(65, 8, "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().hint, "use more units or a smaller tensor");
}

TEST(DeviceAllocator, ZeroBytesTakeNothing) {
  const DeviceAllocator allocator = allocator_of(64);
  const auto nothing = allocator.allocate(0, 8, "nothing");
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->bytes(), 0u);
  EXPECT_EQ(allocator.usage().free, 64u);
}

TEST(DeviceAllocator, RefusesAlignmentsThatAreNoPowersOfTwo) {
  const auto refused = allocator_of(64).allocate(8, 12, "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "'x' asks for an alignment of 12, which is no power of two");
}

// Random pieces never overlap, and everything comes back.
TEST(DeviceAllocator, PiecesNeverOverlap) {
  const DeviceAllocator allocator = allocator_of(1 << 16);
  RandomStream random(7, "device allocator");
  std::vector<DeviceRange> pieces;
  for (int i = 0; i < 2000; ++i) {
    if (!pieces.empty() && random.chance(0.45)) {
      pieces.erase(pieces.begin() + random.between(0, static_cast<int64_t>(pieces.size()) - 1));
      continue;
    }
    const auto bytes = static_cast<uint64_t>(random.between(1, 3000));
    const auto piece = allocator.allocate(bytes, uint64_t{1} << random.between(0, 8), "p");
    if (!piece) continue;
    for (const DeviceRange& other : pieces) {
      ASSERT_TRUE(piece->base() + bytes <= other.base() ||
                  other.base() + other.bytes() <= piece->base());
    }
    pieces.push_back(*piece);
  }
  EXPECT_FALSE(pieces.empty());
  pieces.clear();
  EXPECT_EQ(allocator.usage().largest_hole, uint64_t{1} << 16);
}

TEST(DeviceAllocator, SeveralThreads) {
  const DeviceAllocator allocator = allocator_of(1 << 16);
  std::vector<std::thread> workers;
  for (int t = 0; t < 4; ++t) {
    workers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_TRUE(allocator.allocate(128, 8, "a"));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(allocator.usage().free, uint64_t{1} << 16);
}

}  // namespace
}  // namespace pimjit
