#include "pimjit/core/schedule/features.h"

#include "pimjit/core/schedule/loop_tree_text.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::kMatrixVector;
using samples::machine;
using samples::trace_of;

StageFeatures features(const Workload& w, const TargetDesc& target, const char* text) {
  auto s = replay(w, target, trace_of(text, w, target));
  EXPECT_TRUE(s.has_value()) << render(s.error(), w, target, nullptr, nullptr).message();
  if (!s) return {};
  return features_of(w, target, *s, 0, *layout_stage(w, target, *s, 0));
}

// 64 units x 8 threads, tiles of 4 rows x 16 columns, 4 tiles per row.
TEST(Features, MatrixVectorByHand) {
  const Workload w = computation("mtv", {{"i", 2048}, {"k", 64}});
  const TargetDesc target = machine("simple");
  const StageFeatures f = features(w, target, kMatrixVector);
  EXPECT_EQ(f.units, 64);
  EXPECT_EQ(f.instances_per_unit, 8);
  EXPECT_EQ(f.iterations, 4 * 4 * 16);
  EXPECT_EQ(f.useful_iterations, 2048 * 64);
  EXPECT_EQ(f.guard_tests, 0);
  const size_t load = static_cast<size_t>(target.find_link(0, 1));
  const size_t store = static_cast<size_t>(target.find_link(1, 0));
  const size_t push = static_cast<size_t>(target.find_link(kHost, 0));
  const size_t pull = static_cast<size_t>(target.find_link(0, kHost));
  EXPECT_EQ(f.link_copies[load], 2 * 8 * 4);
  EXPECT_EQ(f.link_bytes[load], 8 * 4 * (256 + 64));
  EXPECT_EQ(f.link_copies[store], 8);
  EXPECT_EQ(f.link_bytes[store], 8 * 16);
  EXPECT_EQ(f.link_bytes[push], 64 * (8192 + 256));
  EXPECT_EQ(f.link_bytes[pull], 64 * 128);
  EXPECT_EQ(f.host_pack_bytes, 64 * 8192);  // the vector is sent as it is
  EXPECT_EQ(f.host_reduce_bytes, 64 * 128);
  EXPECT_EQ(f.barriers, 0);
  EXPECT_EQ(f.slots, 256 * (1 + 1 + 32 + 1));
  EXPECT_EQ(f.scope_bytes, (std::vector<int64_t>{8576, 2688}));
}

TEST(Features, PushesThatTakeSlicesAlikeGoTogether) {
  const TargetDesc target = machine("simple");
  const size_t push = static_cast<size_t>(target.find_link(kHost, 0));
  const auto pushes = [&](const Workload& w, const char* text) {
    const StageFeatures f = features(w, target, text);
    EXPECT_EQ(f.link_copies[push], 2);
    return std::pair(f.link_joined[push], f.link_join_bytes[push]);
  };
  const Workload mtv = computation("mtv", {{"i", 64}, {"k", 64}});
  // The vector is the same for all: it lies beside each unit's rows.
  EXPECT_EQ(pushes(mtv, "split(i, 4)\nbind(i.0, unit)"), std::pair(1.0, 16.0 * 5 * 256));
  // Rows and columns over units: matrix and vector are cut differently.
  EXPECT_EQ(pushes(mtv,
                   "split(i, 16)\nsplit(k, 16)\nreorder(i.0, k.0, i.1, k.1)\nrfactor(k.0)\n"
                   "bind(i.0, unit)\nbind(k.0, unit)"),
            std::pair(2.0, 0.0));
  const Workload va = computation("va", {{"i", 64}});
  EXPECT_EQ(pushes(va, "split(i, 4)\nbind(i.0, unit)"), std::pair(1.0, 16.0 * 32));
}

TEST(Features, GuardsReloadsAndCombines) {
  const Workload w = computation("mtv", {{"i", 60}, {"k", 64}});
  const TargetDesc target = machine("simple");
  const size_t load = static_cast<size_t>(target.find_link(0, 1));
  const size_t store = static_cast<size_t>(target.find_link(1, 0));
  // Results are flushed for each of 8 parts of the reduction and read back for all but the first.
  const StageFeatures again =
      features(w, target,
               "split(i, 8)\nsplit(k, 8)\nreorder(i.0, k.0, i.1, k.1)\n"
               "bind(i.0, unit)\ncache_read(A, scratch, at=i.1)\n"
               "cache_read(B, scratch, at=k.0)\ncache_write(scratch, at=k.0)");
  EXPECT_EQ(again.guard_tests, 8 * 8 * 8);
  EXPECT_EQ(again.link_copies[store], 8);
  EXPECT_EQ(again.link_copies[load], 8 * 8 + 8 + 7);
  // One of 8 members writes what they combine.
  const StageFeatures combined =
      features(w, target,
               "split(k, 8)\nreorder(i, k.1, k.0)\nrfactor(k.1)\n"
               "bind(i, unit)\nbind(k.1, thread)\ncache_write(scratch, at=k.1)");
  EXPECT_EQ(combined.link_copies[store], 1);
  EXPECT_GT(combined.barriers, 0);
}

TEST(LoopTreeText, ShowsTheNest) {
  const Workload w = computation("mtv", {{"i", 2048}, {"k", 64}});
  const TargetDesc target = machine("simple");
  auto s = replay(w, target, trace_of(kMatrixVector, w, target));
  ASSERT_TRUE(s.has_value());
  EXPECT_EQ(loop_tree_text(w, target, *s, 0),
            "stage 0 (C) on the device: 64 units, 8 instances each\n"
            "i.0: 64  unit\n"
            "  i.1: 8  thread\n"
            "    write C in scratch: 4 elements, 16 B\n"
            "    k.0: 4  reduction\n"
            "      read A in scratch: 64 elements, 256 B\n"
            "      read B in scratch: 16 elements, 64 B\n"
            "      i.2: 4\n"
            "        k.1: 16  reduction\n"
            "          compute C from A, B\n"
            "bank: 8576 of 1048576 B\n"
            "scratch: 2688 of 4096 B\n");
}

TEST(LoopTreeText, ShowsRolesAndGuards) {
  const Workload w = computation("mtv", {{"i", 60}, {"k", 64}});
  const TargetDesc target = machine("simple");
  auto s =
      replay(w, target,
             trace_of("split(i, 8)\nsplit(k, 8)\nbind(i.0, unit)\ncache_write(scratch, at=i.1)\n"
                      "rfactor(k.1)\nunroll(k.1, 4)\ndecompose_reduction(at=i.1)",
                      w, target));
  ASSERT_TRUE(s.has_value());
  const std::string text = loop_tree_text(w, target, *s, 0);
  EXPECT_NE(text.find("k.1: 8  reduction  factored  unrolled by 4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("initialise C\n"), std::string::npos) << text;
  EXPECT_NE(text.find("if i < 60: compute C from A, B\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace pimjit
