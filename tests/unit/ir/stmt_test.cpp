#include "pimjit/core/ir/stmt.h"

#include <gtest/gtest.h>

#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

using sample::i32;

Stmt store(int64_t at) {
  return make_store(0, i32(at), i32(1));
}

TEST(Stmt, SequencesAreFlat) {
  const Stmt s = make_seq({store(0), make_seq({store(1), store(2)}), make_seq({})});
  ASSERT_EQ(s->kind, StmtKind::Seq);
  EXPECT_EQ(as<Seq>(s).body.size(), 3u);
  EXPECT_EQ(make_seq({store(0)})->kind, StmtKind::Store);
  EXPECT_EQ(as<Seq>(make_seq({})).body.size(), 0u);
}

TEST(Stmt, OnlyUnrolledLoopsHaveCopies) {
  const Stmt loop = make_for(0, i32(0), i32(8), LoopKind::vectorized, 4, store(0));
  EXPECT_EQ(as<For>(loop).unroll, 0);
}

TEST(Stmt, EqualityAndHashSeeEveryField) {
  const Expr t = make_bool(true);
  const std::vector<Stmt> all = {make_seq({}),
                                 make_for(0, i32(0), i32(8), LoopKind::serial, 0, store(0)),
                                 make_for(1, i32(0), i32(8), LoopKind::serial, 0, store(0)),
                                 make_for(0, i32(1), i32(8), LoopKind::serial, 0, store(0)),
                                 make_for(0, i32(0), i32(9), LoopKind::serial, 0, store(0)),
                                 make_for(0, i32(0), i32(8), LoopKind::parallel, 0, store(0)),
                                 make_for(0, i32(0), i32(8), LoopKind::unrolled, 0, store(0)),
                                 make_for(0, i32(0), i32(8), LoopKind::unrolled, 2, store(0)),
                                 make_for(0, i32(0), i32(8), LoopKind::serial, 0, store(1)),
                                 make_if(t, store(0)),
                                 make_if(t, store(0), make_seq({})),
                                 make_if(t, store(0), store(0)),
                                 make_let(0, i32(0), store(0)),
                                 make_let(1, i32(0), store(0)),
                                 make_store(1, i32(0), i32(1)),
                                 make_store(0, i32(0), i32(2)),
                                 make_copy(0, 0, i32(0), 1, i32(0), i32(4)),
                                 make_copy(1, 0, i32(0), 1, i32(0), i32(4)),
                                 make_copy(0, 1, i32(0), 0, i32(0), i32(4)),
                                 make_copy(0, 0, i32(0), 1, i32(0), i32(5)),
                                 make_barrier(0),
                                 make_barrier(1),
                                 make_combine(0, CombineOp::sum, 0, i32(0), 4, 1, 16),
                                 make_combine(1, CombineOp::sum, 0, i32(0), 4, 1, 16),
                                 make_combine(0, CombineOp::max, 0, i32(0), 4, 1, 16),
                                 make_combine(0, CombineOp::sum, 1, i32(0), 4, 1, 16),
                                 make_combine(0, CombineOp::sum, 0, i32(1), 4, 1, 16),
                                 make_combine(0, CombineOp::sum, 0, i32(0), 5, 1, 16),
                                 make_combine(0, CombineOp::sum, 0, i32(0), 4, 2, 16),
                                 make_combine(0, CombineOp::sum, 0, i32(0), 4, 1, 8)};
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < all.size(); ++j) {
      EXPECT_EQ(equal(all[i], all[j]), i == j) << i << ' ' << j;
      EXPECT_EQ(hash_of(all[i]) == hash_of(all[j]), i == j) << i << ' ' << j;
    }
  }
}

TEST(Stmt, DeepTreesNeedNoStack) {
  const auto deep = [] {
    Stmt s = store(0);
    for (int i = 0; i < 300000; ++i) s = make_if(make_bool(true), s);
    return s;
  };
  Stmt a = deep();
  const Stmt b = deep();
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash_of(a), hash_of(b));
  a = {};
}

TEST(Stmt, SharedPartsOutliveATree) {
  const Stmt shared = make_if(make_bool(true), store(7));
  { const Stmt user = make_if(make_bool(false), make_seq({shared, store(1)}), shared); }
  EXPECT_EQ(shared->references.load(), 1u);
  EXPECT_TRUE(equal(shared, make_if(make_bool(true), store(7))));
}

}  // namespace
}  // namespace pimjit
