#include <gtest/gtest.h>

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/lower/nest_values.h"
#include "pimjit/core/lower/passes/passes.h"

namespace pimjit {
namespace {

// One combine over 5 of 10 instances, slices of 2 elements 4 apart.
LoweringState module_with_combine(CombineSet native) {
  LoweringState state;
  auto target = std::make_shared<TargetDesc>();
  target->levels.push_back(Level{});
  target->levels[0].name = "thread";
  target->levels[0].kind = LevelKind::independent;
  target->levels[0].count = 10;
  target->levels[0].barrier = true;
  target->levels[0].combine = native;
  state.module.target = target;
  Kernel k;
  k.name = "k";
  k.levels.push_back({"thread", LevelKind::independent, 10});
  k.scopes.push_back({"scratch", -1});
  KernelBuffer buffer;
  buffer.name = "s";
  buffer.dtype = DType::i32;
  buffer.scope = 0;
  buffer.elements = 40;
  buffer.kind = BufferKind::local;
  k.buffers.push_back(buffer);
  k.body = make_combine(0, CombineOp::sum, 0, mul_of(make_level_index(DType::i32, 0), 4), 2, 2, 5);
  state.module.kernels.push_back(std::move(k));
  return state;
}

TEST(LowerCombine, BecomesATreeOfNeighboursBetweenBarriers) {
  LoweringState state = module_with_combine(0);
  ASSERT_TRUE(lower_combine(state));
  const std::string text = to_text(state.module.kernels[0].body, state.module.kernels[0]);
  EXPECT_EQ(text,
            "barrier thread\n"
            "if @thread / 2 % 2 == 0 && @thread / 2 < 4 {\n"
            "  for c#0 = 0 count 2 {\n"
            "    s[@thread * 4 + c#0] = s[@thread * 4 + c#0] + s[@thread * 4 + c#0 + 8]\n"
            "  }\n"
            "}\n"
            "barrier thread\n"
            "if @thread / 2 % 4 == 0 && @thread / 2 < 3 {\n"
            "  for c#1 = 0 count 2 {\n"
            "    s[@thread * 4 + c#1] = s[@thread * 4 + c#1] + s[@thread * 4 + c#1 + 16]\n"
            "  }\n"
            "}\n"
            "barrier thread\n"
            "if @thread / 2 % 8 == 0 && @thread / 2 < 1 {\n"
            "  for c#2 = 0 count 2 {\n"
            "    s[@thread * 4 + c#2] = s[@thread * 4 + c#2] + s[@thread * 4 + c#2 + 32]\n"
            "  }\n"
            "}\n"
            "barrier thread\n");
}

TEST(LowerCombine, LeavesWhatTheLevelDoesItself) {
  LoweringState state = module_with_combine(CombineSet{1} << static_cast<int>(CombineOp::sum));
  const Stmt before = state.module.kernels[0].body;
  ASSERT_TRUE(lower_combine(state));
  EXPECT_TRUE(state.module.kernels[0].body.same_as(before));
}

TEST(LowerCombine, NativeSumDoesNotCoverMaximum) {
  LoweringState state = module_with_combine(CombineSet{1} << static_cast<int>(CombineOp::max));
  const Stmt before = state.module.kernels[0].body;
  ASSERT_TRUE(lower_combine(state));
  EXPECT_FALSE(state.module.kernels[0].body.same_as(before));
}

}  // namespace
}  // namespace pimjit
