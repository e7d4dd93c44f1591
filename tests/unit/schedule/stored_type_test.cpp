#include "pimjit/core/schedule/stored_type.h"

#include <gtest/gtest.h>

#include "pimjit/core/schedule/features.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

std::optional<DType> narrowed(const char* text, const char* name = "A") {
  const Workload w = computation(text, {{"i", 8}});
  return narrow_type(w, w.find_tensor(name));
}

TEST(StoredType, TheNarrowestThatHoldsTheRange) {
  EXPECT_EQ(narrowed("C[i] = A[i] where A in -128..127"), DType::i8);
  EXPECT_EQ(narrowed("C[i] = A[i] where A in 0..128"), DType::i16);
  EXPECT_EQ(narrowed("C[i] = A[i] where A in -129..0"), DType::i16);
  EXPECT_EQ(narrowed("C[i] = A[i] where A in 0..32768"), std::nullopt);
  EXPECT_EQ(narrowed("C:i64[i] = A:i64[i] where A in 0..32768"), DType::i32);
  EXPECT_EQ(narrowed("C:i8[i] = A:i8[i] where A in 0..1"), std::nullopt);
  EXPECT_EQ(narrowed("C[i] = A[i]"), std::nullopt);
  EXPECT_EQ(narrowed("C:f32[i] = A:f32[i] where A in 0..1"), std::nullopt);
}

TEST(StoredType, TheNarrowestThatHoldsWhatAnOutputMayBe) {
  EXPECT_EQ(narrowed("C[i] = A[i] + B[i] where A in 0..49, B in 0..49", "C"), DType::i8);
  EXPECT_EQ(narrowed("C[i] = A[i] + B[i] where A in 0..127, B in 0..1", "C"), DType::i16);
  EXPECT_EQ(narrowed("C[i] = A[i] * B[i] where A in -200..100, B in 0..200", "C"), std::nullopt);
  EXPECT_EQ(narrowed("C[i] = A[i] + B[i] where A in 0..49", "C"), std::nullopt);
  EXPECT_EQ(narrowed("C:f32[i] = A:f32[i] where A in 0..1", "C"), std::nullopt);
  EXPECT_EQ(narrowed("s[] += A[i] where A in 0..1", "s"), std::nullopt) << "partial results";
  EXPECT_EQ(narrowed("T[i] = A[i]; C[i] = T[i] + 1 where A in 0..1", "T"), std::nullopt);
  EXPECT_EQ(narrowed("T[] += A[i]; C[i] = T[] + A[i] where A in 0..1", "C"), DType::i8);
}

// Everything on the device, and what is copied there, is a quarter; the host still reads all.
TEST(StoredType, NarrowOperandsAreSmallerEverywhereButInTheTensor) {
  const Workload w = computation("C[i] += A[i,k] * B[k] where A in 0..49", {{"i", 64}, {"k", 64}});
  const TargetDesc target = machine("simple");
  const auto features = [&](const char* width) {
    const std::string text = std::string("place(A, bank, streamed") + width +
                             ")\nsplit(i, 4)\nbind(i.0, unit)\ncache_read(A, scratch, at=i.1)";
    const auto s = replay(w, target, trace_of(text.c_str(), w, target));
    EXPECT_TRUE(s);
    return features_of(w, target, *s, 0, *layout_stage(w, target, *s, 0));
  };
  const StageFeatures wide = features(""), narrow = features(", narrow");
  const auto push = static_cast<size_t>(target.find_link(kHost, 0));
  const auto load = static_cast<size_t>(target.find_link(0, 1));
  EXPECT_EQ(wide.link_bytes[push] - narrow.link_bytes[push], 64 * 64 * 3);
  EXPECT_EQ(wide.link_bytes[load] - narrow.link_bytes[load], 4 * 64 * 3);
  EXPECT_EQ(wide.scope_bytes[1] - narrow.scope_bytes[1], 64 * 3);
  EXPECT_EQ(wide.host_pack_bytes, 0);  // rows are sent as they are
  EXPECT_EQ(narrow.host_pack_bytes, 64 * 64 * 4);
  EXPECT_GT(narrow.slots, wide.slots);  // conversions
}

}  // namespace
}  // namespace pimjit
