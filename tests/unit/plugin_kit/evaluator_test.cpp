#include "pimjit/core/plugin_kit/evaluator.h"

#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "pimjit/core/plugin_kit/arithmetic.h"

namespace pimjit::kit {
namespace {

// Builds kernels on one unit with four threads: scope 0 at the unit, scope 1 at the thread, a link
// from 0 to 1.
struct Builder {
  Kernel k;
  Builder() {
    k.name = "k";
    k.levels = {{"unit", LevelKind::independent, 3}, {"thread", LevelKind::independent, 4}};
    k.scopes = {{"shared", 0}, {"own", 1}};
    k.links = {{"in", 0, 1}};
    k.params = {{"base", Type::i64}, {"n", Type::i32}};
    k.buffers = {{"A", Type::i32, 0, 16, 8, 0, true, false, 0, 0},
                 {"t", Type::i32, 1, 4, 8, kNone, true, false, 0, 0}};
    k.vars = {{"i", Type::i32}, {"x", Type::i32}};
  }
  int expr(Expr e) {
    k.exprs.push_back(e);
    return static_cast<int>(k.exprs.size()) - 1;
  }
  int constant(int64_t v, Type t = Type::i32) {
    return expr({.kind = ExprKind::IntImm, .type = t, .value = v});
  }
  int var(int i) { return expr({.kind = ExprKind::Var, .index = i}); }
  int thread() { return expr({.kind = ExprKind::LevelIndex, .index = 1}); }
  int unit() { return expr({.kind = ExprKind::LevelIndex, .index = 0}); }
  int n() { return expr({.kind = ExprKind::Param, .index = 1}); }
  int binary(BinaryOp op, int a, int b, Type t = Type::i32) {
    return expr({.kind = ExprKind::Binary, .type = t, .op = op, .a = a, .b = b});
  }
  int load(int buffer, int index) {
    return expr({.kind = ExprKind::Load, .index = buffer, .a = index});
  }

  int stmt(Stmt s) {
    k.stmts.push_back(s);
    k.body = static_cast<int>(k.stmts.size()) - 1;
    return k.body;
  }
  int store(int buffer, int index, int value) {
    return stmt({.kind = StmtKind::Store, .dst = buffer, .a = index, .b = value});
  }
  int barrier() { return stmt({.kind = StmtKind::Barrier, .level = 1}); }
  int seq(const std::vector<int>& body) {
    Stmt s{.kind = StmtKind::Seq};
    s.first = static_cast<int>(k.children.size());
    s.count = static_cast<int>(body.size());
    k.children.insert(k.children.end(), body.begin(), body.end());
    return stmt(s);
  }
  int loop(int var, int min, int extent, int body) {
    return stmt({.kind = StmtKind::For, .var = var, .a = min, .b = extent, .body = body});
  }
  int when(int condition, int body) {
    return stmt({.kind = StmtKind::If, .a = condition, .body = body});
  }
};

// Bytes by scope instance, all of which exist.
class Bytes final : public UnitMemory {
 public:
  bool load(const Place& from, void* to, uint64_t n) override {
    std::memcpy(to, at(from), n);
    return true;
  }
  bool store(const Place& to, const void* from, uint64_t n) override {
    if (to.offset == 60) return refuse("byte 60 is broken");
    std::memcpy(at(to), from, n);
    return true;
  }
  bool copy(int, const Place& to, const Place& from, uint64_t n) override {
    std::memcpy(at(to), at(from), n);
    return true;
  }
  int64_t element(int i) {
    return load_element(Type::i32, at({0, 0, static_cast<uint64_t>(4 * i)})).integer;
  }
  void set(int i, int64_t x) {
    Value v;
    v.integer = x;
    store_element(Type::i32, v, at({0, 0, static_cast<uint64_t>(4 * i)}));
  }

 private:
  unsigned char* at(const Place& place) {
    auto& bytes = scopes_[{place.scope, place.instance}];
    bytes.resize(256);
    return bytes.data() + place.offset;
  }
  std::map<std::pair<int, int64_t>, std::vector<unsigned char>> scopes_;
};

struct Ran {
  Outcome outcome;
  Counters counters;
  Bytes memory;
};

Ran run(const Builder& b, int64_t n = 2, uint64_t budget = UINT64_MAX,
        std::function<bool()> cancelled = {}) {
  Ran ran;
  for (int i = 0; i < 16; ++i) ran.memory.set(i, 10 * i);
  const Evaluator program(b.k, 0);
  ran.outcome = program.run(ran.memory, {{1}, {0, n}, budget, std::move(cancelled)}, ran.counters);
  return ran;
}

TEST(Evaluator, EveryInstanceRunsTheBody) {
  Builder b;
  b.store(0, b.thread(),
          b.binary(BinaryOp::add, b.thread(), b.binary(BinaryOp::mul, b.unit(), b.constant(100))));
  Ran ran = run(b);
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome.message;
  for (int t = 0; t < 4; ++t) EXPECT_EQ(ran.memory.element(t), 100 + t);
  EXPECT_EQ(ran.memory.element(4), 40);
  EXPECT_EQ(ran.counters.stores, 4u);
  EXPECT_EQ(ran.counters.integer_operations[static_cast<size_t>(BinaryOp::add)], 4u);
}

// Thread t writes slot t, then reads its neighbour's: right only if all have written before any
// reads.
TEST(Evaluator, BarriersSeparateWritesFromReads) {
  Builder b;
  const int write = b.store(0, b.thread(), b.binary(BinaryOp::add, b.thread(), b.constant(50)));
  const int barrier = b.barrier();
  const int next =
      b.binary(BinaryOp::mod, b.binary(BinaryOp::add, b.thread(), b.constant(1)), b.constant(4));
  const int read = b.store(0, b.binary(BinaryOp::add, b.thread(), b.constant(8)), b.load(0, next));
  b.seq({write, barrier, read});
  Ran ran = run(b);
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome.message;
  for (int t = 0; t < 4; ++t) EXPECT_EQ(ran.memory.element(8 + t), 50 + (t + 1) % 4);
  EXPECT_EQ(ran.counters.barriers, 1u);
}

TEST(Evaluator, BarriersInUniformLoops) {
  Builder b;
  const int sum = b.binary(BinaryOp::add, b.load(0, b.constant(0)), b.constant(1));
  const int one = b.when(b.binary(BinaryOp::eq, b.thread(), b.var(0), Type::b1),
                         b.store(0, b.constant(0), sum));
  const int body = b.seq({one, b.barrier()});
  b.loop(0, b.constant(0), b.constant(4), body);
  Ran ran = run(b);
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome.message;
  EXPECT_EQ(ran.memory.element(0), 4);
  EXPECT_EQ(ran.counters.barriers, 4u);
}

TEST(Evaluator, BarriersThatNotAllReachAreFaults) {
  Builder condition;
  condition.when(
      condition.binary(BinaryOp::lt, condition.thread(), condition.constant(2), Type::b1),
      condition.barrier());
  Ran ran = run(condition);
  EXPECT_EQ(ran.outcome.code, PJ_DEVICE_FAULT);
  EXPECT_EQ(ran.outcome.message,
            "kernel 'k', unit 1, thread 2: a barrier under a condition that another instance "
            "decides differently");
  Builder loop;
  loop.loop(0, loop.constant(0), loop.thread(), loop.barrier());
  EXPECT_EQ(run(loop).outcome.message,
            "kernel 'k', unit 1, thread 1: a barrier in a loop of 1 iterations here and 0 in "
            "another instance");
}

TEST(Evaluator, CombineReducesGroups) {
  Builder b;
  const int combine = b.stmt({.kind = StmtKind::Combine,
                              .level = 1,
                              .dst = 0,
                              .a = b.thread(),
                              .op = CombineOp::sum,
                              .elements = 1,
                              .stride = 2,
                              .group = 2});
  (void)combine;
  Ran ran = run(b);
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome.message;
  EXPECT_EQ(ran.memory.element(0), 0 + 20);
  EXPECT_EQ(ran.memory.element(1), 10 + 30);
}

TEST(Evaluator, CopiesReachTheOwnInstanceOfAScope) {
  Builder b;
  const int in = b.stmt({.kind = StmtKind::Copy,
                         .link = 0,
                         .dst = 1,
                         .src = 0,
                         .a = b.constant(0),
                         .b = b.binary(BinaryOp::mul, b.thread(), b.constant(2)),
                         .c = b.constant(2)});
  const int out =
      b.store(0, b.binary(BinaryOp::add, b.thread(), b.constant(8)), b.load(1, b.constant(1)));
  b.seq({in, out});
  Ran ran = run(b);
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome.message;
  for (int t = 0; t < 4; ++t) EXPECT_EQ(ran.memory.element(8 + t), 10 * (2 * t + 1));
  EXPECT_EQ(ran.counters.links[0].copies, 4u);
  EXPECT_EQ(ran.counters.links[0].bytes, 32u);
}

TEST(Evaluator, LoadsOnlyWhatIsNeeded) {
  Builder b;
  const int guard = b.binary(BinaryOp::lt, b.n(), b.constant(0), Type::b1);
  const int beyond = b.binary(BinaryOp::lt, b.load(0, b.constant(99)), b.constant(0), Type::b1);
  const int both = b.binary(BinaryOp::logical_and, guard, beyond, Type::b1);
  const int select = b.expr(
      {.kind = ExprKind::Select, .a = both, .b = b.load(0, b.constant(77)), .c = b.constant(5)});
  b.store(0, b.thread(), select);
  Ran ran = run(b);
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome.message;
  EXPECT_EQ(ran.memory.element(0), 5);
}

TEST(Evaluator, OutOfBoundsIsAFault) {
  Builder b;
  b.store(0, b.constant(16), b.constant(1));
  EXPECT_EQ(
      run(b).outcome.message,
      "kernel 'k', unit 1, thread 0: store of elements 16 .. 16 + 1 of buffer 'A', which has 16");
}

TEST(Evaluator, TheMemorysReasonIsReported) {
  Builder b;
  b.store(0, b.constant(15), b.constant(1));
  const Ran ran = run(b);
  EXPECT_EQ(ran.outcome.code, PJ_DEVICE_FAULT);
  EXPECT_EQ(ran.outcome.message, "kernel 'k', unit 1, thread 0: byte 60 is broken");
}

TEST(Evaluator, BudgetAndCancel) {
  const auto endless = [](Builder& b) {
    b.loop(0, b.constant(0), b.constant(1 << 30), b.store(0, b.constant(0), b.var(0)));
  };
  Builder b;
  endless(b);
  const Outcome late = run(b, 0, 1000).outcome;
  EXPECT_EQ(late.code, PJ_TIMEOUT);
  EXPECT_EQ(late.message, "kernel 'k', unit 1, thread 0: more than the budget of 1000 steps");
  EXPECT_EQ(run(b, 0, UINT64_MAX, [] { return true; }).outcome.code, PJ_CANCELLED);
}

TEST(Evaluator, RunTimeBoundsAndArguments) {
  Builder b;
  b.loop(0, b.constant(0), b.n(), b.store(0, b.var(0), b.constant(-1)));
  Ran ran = run(b, 3);
  EXPECT_EQ(ran.memory.element(2), -1);
  EXPECT_EQ(ran.memory.element(3), 30);
  EXPECT_TRUE(run(b, -5).outcome.ok());
  EXPECT_EQ(run(b, int64_t{1} << 40).outcome.message,
            "launch argument 'n' is 1099511627776, beyond its 32 bits");
  const Evaluator program(b.k, 0);
  EXPECT_EQ(program.check_arguments({8}), "1 launch arguments for a kernel with 2");
  EXPECT_EQ(program.check_arguments({4, 1}), "buffer 'A' at byte 4, which is no multiple of 8");
}

TEST(Evaluator, ProblemsAreFoundBeforeRunning) {
  Builder across;
  across.stmt({.kind = StmtKind::Barrier, .level = 0});
  EXPECT_EQ(Evaluator(across.k, 0).problem(), "units meet at level 'unit', but run one by one");
  Builder readonly;
  readonly.k.buffers[0].written = false;
  readonly.store(0, readonly.constant(0), readonly.constant(0));
  EXPECT_EQ(Evaluator(readonly.k, 0).problem(), "it writes the read-only buffer 'A'");
  Builder backwards;
  backwards.stmt({.kind = StmtKind::Copy,
                  .link = 0,
                  .dst = 0,
                  .src = 1,
                  .a = backwards.constant(0),
                  .b = backwards.constant(0),
                  .c = backwards.constant(2)});
  EXPECT_EQ(Evaluator(backwards.k, 0).problem(),
            "it copies from 't' to 'A' over link 'in', which joins other scopes");
  Builder mixed;
  mixed.k.buffers[1].type = Type::i8;
  mixed.stmt({.kind = StmtKind::Copy,
              .link = 0,
              .dst = 1,
              .src = 0,
              .a = mixed.constant(0),
              .b = mixed.constant(0),
              .c = mixed.constant(2)});
  EXPECT_EQ(Evaluator(mixed.k, 0).problem(), "it copies between 'A' and 't', which differ in type");
  Builder uneven;
  uneven.stmt({.kind = StmtKind::Combine,
               .level = 1,
               .dst = 0,
               .a = uneven.constant(0),
               .elements = 1,
               .stride = 1,
               .group = 3});
  EXPECT_EQ(Evaluator(uneven.k, 0).problem(),
            "combine groups of 3 with stride 1 do not divide the 4 instances of 'thread'");
}

}  // namespace
}  // namespace pimjit::kit
