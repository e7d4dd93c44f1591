#include "pimjit/core/ir/kernel.h"

#include <functional>

#include <gtest/gtest.h>

#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

TEST(Kernel, AddVarGivesConsecutiveIds) {
  Kernel k;
  EXPECT_EQ(k.add_var("i", DType::i32), 0);
  EXPECT_EQ(k.add_var("j", DType::f32), 1);
  EXPECT_EQ(k.vars[1].name, "j");
}

TEST(Kernel, BytesOfABuffer) {
  EXPECT_EQ(sample::tables().buffers[0].bytes(), 16384);
}

TEST(Kernel, EqualityAndHashSeeEveryTable) {
  const std::vector<std::function<void(Kernel&)>> changes = {
      [](Kernel& k) { k.name = "other"; },
      [](Kernel& k) { k.levels[0].count = 65; },
      [](Kernel& k) { k.levels[0].kind = LevelKind::lockstep; },
      [](Kernel& k) { k.levels[0].name = "u"; },
      [](Kernel& k) { k.scopes[1].level = 1; },
      [](Kernel& k) { k.links.pop_back(); },
      [](Kernel& k) { k.links[0].to = 2; },
      [](Kernel& k) { k.params[1].dtype = DType::i64; },
      [](Kernel& k) { k.buffers[0].elements = 5; },
      [](Kernel& k) { k.buffers[0].range.reset(); },
      [](Kernel& k) { k.buffers[0].range->second = 50; },
      [](Kernel& k) { k.buffers[0].written = true; },
      [](Kernel& k) { k.buffers[0].align = 16; },
      [](Kernel& k) { k.buffers[0].param = 1; },
      [](Kernel& k) { k.buffers[2].kind = BufferKind::device; },
      [](Kernel& k) { k.vars[0].dtype = DType::i64; },
      [](Kernel& k) { k.body = make_seq({}); }};
  const Kernel original = sample::everything();
  EXPECT_TRUE(equal(original, sample::everything()));
  EXPECT_EQ(hash_of(original), hash_of(sample::everything()));
  for (size_t i = 0; i < changes.size(); ++i) {
    Kernel changed = sample::everything();
    changes[i](changed);
    EXPECT_FALSE(equal(original, changed)) << i;
    EXPECT_NE(hash_of(original), hash_of(changed)) << i;
  }
}

}  // namespace
}  // namespace pimjit
