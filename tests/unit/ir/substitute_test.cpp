#include "pimjit/core/ir/substitute.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/printer.h"
#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

using sample::bin;
using sample::i32;

struct SubstituteTest : testing::Test {
  Kernel k = sample::tables();
  int i = k.add_var("i", DType::i32);
  int j = k.add_var("j", DType::i32);
  Expr vi = make_var(DType::i32, i);
  Expr vj = make_var(DType::i32, j);
};

TEST_F(SubstituteTest, ReplacesAtOnce) {
  Substitution values(i, vj);
  values.set(j, vi);
  EXPECT_EQ(to_text(substitute(bin(BinaryOp::sub, vi, vj), values), k), "j - i");
}

TEST_F(SubstituteTest, UnchangedTreesAreShared) {
  const Expr e = bin(BinaryOp::add, vj, make_load(DType::i32, 2, vj));
  EXPECT_TRUE(substitute(e, {i, i32(1)}).same_as(e));
  const Stmt s = make_for(j, i32(0), i32(4), LoopKind::serial, 0, make_store(2, vj, e));
  EXPECT_TRUE(substitute(s, {i, i32(1)}).same_as(s));
}

TEST_F(SubstituteTest, ReachesEveryPlaceOfAStatement) {
  const Expr c = bin(BinaryOp::lt, vi, i32(3));
  const Stmt s =
      make_seq({make_for(j, vi, vi, LoopKind::serial, 0, make_store(2, vi, make_select(c, vi, vi))),
                make_if(make_not(c), make_copy(0, 2, vi, 0, vi, vi),
                        make_combine(1, CombineOp::sum, 2, vi, 1, 1, 1)),
                make_let(j, make_cast(DType::i32, make_cast(DType::i8, vi)), make_barrier(1))});
  const std::string text = to_text(substitute(s, {i, i32(7)}), k);
  EXPECT_EQ(text.find('i' + std::string(" ")), std::string::npos) << text;
  EXPECT_EQ(text, R"(for j = 7 count 7 {
  t[7] = select(7 < 3, 7, 7)
}
if !(7 < 3) {
  copy read t[7] <- A[7] count 7
} else {
  combine thread sum t[7] elements 1 stride 1 count 1
}
let j = i32(i8(7)) {
  barrier thread
}
)");
}

TEST_F(SubstituteTest, LeavesWhatTheTreeBindsItself) {
  const Stmt s = make_for(i, vi, vi, LoopKind::serial, 0, make_store(2, vi, vj));
  Substitution values(i, i32(7));
  values.set(j, i32(8));
  EXPECT_EQ(to_text(substitute(s, values), k), "for i = 7 count 7 {\n  t[i] = 8\n}\n");
}

TEST_F(SubstituteTest, Mentions) {
  EXPECT_TRUE(mentions(make_load(DType::i32, 2, bin(BinaryOp::add, i32(1), vi)), i));
  EXPECT_FALSE(mentions(make_load(DType::i32, 2, bin(BinaryOp::add, i32(1), vi)), j));
}

}  // namespace
}  // namespace pimjit
