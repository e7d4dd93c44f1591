#include "pimjit/core/schedule/final_reduction.h"

#include <gtest/gtest.h>

#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

FinalReduction way(const char* text) {
  const Workload w = computation("mtv", {{"i", 64}, {"k", 64}});
  const TargetDesc target = machine("simple");
  const auto s = replay(w, target, trace_of(text, w, target));
  EXPECT_TRUE(s);
  return s ? final_reduction(*s, 0) : FinalReduction{};
}

TEST(FinalReduction, IsLeftToTheLibraryUnlessAnnotated) {
  EXPECT_EQ(way("unroll(k, 4)"), FinalReduction{});
  EXPECT_EQ(way("annotate(note, 7)"), FinalReduction{});
}

TEST(FinalReduction, IsWhatTheAnnotationsSay) {
  EXPECT_EQ(way("annotate(reduce_threads, 2)\nannotate(reduce_lanes, 4)\n"
                "annotate(reduce_group, 16)\nannotate(reduce_block, 512)"),
            (FinalReduction{2, 4, 16, 512}));
  EXPECT_EQ(way("annotate(reduce_group, 16)\nannotate(reduce_group, 3)").reduce_group, 3);
}

TEST(FinalReduction, BoundsWhatItKnows) {
  EXPECT_EQ(limit_of_annotation("reduce_group"), 64);
  EXPECT_EQ(limit_of_annotation("reduce_block"), 16384);
  EXPECT_EQ(limit_of_annotation("note"), std::nullopt);
}

}  // namespace
}  // namespace pimjit
