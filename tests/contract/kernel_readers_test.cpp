// The core's reader and the plugin kit's reader share no code; docs/ir.md is what they agree on.
#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/conformance_kernels.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/core/support/random.h"

namespace pimjit {
namespace {

std::vector<Kernel> kernels() {
  static const TargetDesc target = *load_target(PIMJIT_SOURCE_DIR "/tests/targets/simple.toml");
  std::vector<Kernel> all;
  for (DType dtype : kTensorDTypes) {
    const auto maker = conformance::KernelMaker::create(target, dtype);
    all.push_back(maker->copy_through());
    all.push_back(maker->arithmetic(true));
    all.push_back(maker->run_time_bound());
    all.push_back(maker->who_am_i());
    all.push_back(*maker->exchange(1));
    all.push_back(*maker->sum(1));
  }
  return all;
}

TEST(KernelReaders, TheKitReadsWhatTheCoreWrites) {
  for (const Kernel& kernel : kernels()) {
    const auto bytes = serialize(kernel);
    ASSERT_TRUE(bytes) << bytes.error().message();
    kit::Kernel read;
    ASSERT_EQ(kit::read_kernel(bytes->data(), bytes->size(), read), "") << kernel.name;
    EXPECT_EQ(read.name, kernel.name);
    ASSERT_EQ(read.levels.size(), kernel.levels.size());
    for (size_t i = 0; i < kernel.levels.size(); ++i) {
      EXPECT_EQ(read.levels[i].name, kernel.levels[i].name);
      EXPECT_EQ(read.levels[i].count, kernel.levels[i].count);
      EXPECT_EQ(static_cast<int>(read.levels[i].kind), static_cast<int>(kernel.levels[i].kind));
    }
    ASSERT_EQ(read.buffers.size(), kernel.buffers.size());
    for (size_t i = 0; i < kernel.buffers.size(); ++i) {
      EXPECT_EQ(read.buffers[i].name, kernel.buffers[i].name);
      EXPECT_EQ(static_cast<int>(read.buffers[i].type), static_cast<int>(kernel.buffers[i].dtype));
      EXPECT_EQ(read.buffers[i].elements, kernel.buffers[i].elements);
      EXPECT_EQ(read.buffers[i].param, kernel.buffers[i].param);
      EXPECT_EQ(read.buffers[i].written, kernel.buffers[i].written);
    }
    EXPECT_EQ(read.links.size(), kernel.links.size());
    EXPECT_EQ(read.params.size(), kernel.params.size());
    EXPECT_EQ(read.vars.size(), kernel.vars.size());
  }
}

void repair_hash(std::vector<uint8_t>& bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i + 8 < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  for (size_t i = 0; i < 8; ++i)
    bytes[bytes.size() - 8 + i] = static_cast<uint8_t>(hash >> (8 * i));
}

// Changed bytes with a right hash: either both readers take them or neither does.
TEST(KernelReaders, AgreeOnWhatIsAKernel) {
  RandomStream random(3, "kernel readers");
  int accepted = 0;
  int refused = 0;
  for (const Kernel& kernel : kernels()) {
    const std::vector<uint8_t> good = *serialize(kernel);
    for (int i = 0; i < 1000; ++i) {
      std::vector<uint8_t> bytes = good;
      for (int64_t n = random.between(1, 3); n > 0; --n) {
        const auto at =
            static_cast<size_t>(random.between(4, static_cast<int64_t>(bytes.size()) - 9));
        bytes[at] = static_cast<uint8_t>(random.chance(0.5) ? random.next() : random.between(0, 6));
      }
      repair_hash(bytes);
      const auto core = deserialize(bytes);
      kit::Kernel read;
      const std::string error = kit::read_kernel(bytes.data(), bytes.size(), read);
      ASSERT_EQ(core.has_value(), error.empty())
          << kernel.name << ", change " << i
          << "\ncore: " << (core ? "accepted" : core.error().message())
          << "\nkit: " << (error.empty() ? "accepted" : error);
      ++(core ? accepted : refused);
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace pimjit
