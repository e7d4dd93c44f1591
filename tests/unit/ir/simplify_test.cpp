#include "pimjit/core/ir/simplify.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/support/random.h"
#include "pimjit/tests/unit/ir/expr_eval.h"

namespace pimjit {
namespace {

const std::string kTables = R"(kernel k {
  level unit independent 4
  level thread independent 16
  scope s at unit
  param n i32
  param m i64
  buffer A i32 local s elements 64 align 8
  buffer small i8 local s elements 64 align 8 range 0..9
  buffer F f32 local s elements 64 align 8
  var i i32
  var j i32
  var b i8
  var w i64
  var x f32
)";

Kernel parsed(const std::string& body) {
  const auto k = parse_kernel(kTables + "body {\n" + body + "\n}}");
  EXPECT_TRUE(k) << k.error().message();
  return k.value_or(Kernel{});
}

// i in 0..5, j in 0..15, b any, w in -8..8.
std::string simple(const std::string& condition) {
  const Kernel k = parsed("if " + condition + " { }");
  Facts facts(k);
  facts.bind(0, in_range(0, 5));
  facts.bind(1, in_range(0, 15));
  facts.bind(3, in_range(-8, 8));
  return to_text(simplify(as<If>(k.body).condition, facts), k);
}

// The value of `e`, as the left side of a comparison that nothing proves.
std::string value(const std::string& e) {
  const Kernel k = parsed("A[" + e + "] = 0");
  Facts facts(k);
  facts.bind(0, in_range(0, 5));
  facts.bind(1, in_range(0, 15));
  facts.bind(3, in_range(-8, 8));
  return to_text(simplify(as<Store>(k.body).index, facts), k);
}

std::string body(const std::string& text) {
  const Kernel k = simplify(parsed(text));
  return to_text(k.body, k);
}

TEST(Simplify, Guards) {
  EXPECT_EQ(simple("i * 16 + j < 100"), "true");
  EXPECT_EQ(simple("i * 16 + j < 95"), "i * 16 + j < 95");
  EXPECT_EQ(simple("i * 16 + j < 64"), "i < 4");
  EXPECT_EQ(simple("i * 16 + j < $n"), "i * 16 + j < $n");
  EXPECT_EQ(simple("i * 16 + j < 64 && i < 4"), "i < 4");
  EXPECT_EQ(simple("i < 4 && (j < 100 || $n < 3)"), "i < 4");
  EXPECT_EQ(simple("$n < 10 && $n < 20"), "$n < 10");
  EXPECT_EQ(simple("!(i < 3)"), "2 < i");
  EXPECT_EQ(simple("i * 4 <= 9"), "i < 3");
  EXPECT_EQ(simple("@thread * 2 + 1 == 4"), "false");
}

TEST(Simplify, IndexArithmetic) {
  EXPECT_EQ(value("(i * 16 + j) / 16"), "i");
  EXPECT_EQ(value("(i * 16 + j) % 16"), "j");
  EXPECT_EQ(value("(i * 16 + j) / 4 % 4"), "j / 4");
  EXPECT_EQ(value("(i * 32 + j) / 16"), "i * 2");
  EXPECT_EQ(value("(i * 8 + j / 2) % 16"), "i % 2 * 8 + j / 2");
  EXPECT_EQ(value("(i * 8 + j) / 16"), "(i * 8 + j) / 16");  // j reaches beyond 8
  EXPECT_EQ(value("(i + 1) * 64 - 64"), "i * 64");
  EXPECT_EQ(value("i / 8"), "0");
  EXPECT_EQ(value("j % 16 + j / 16"), "j");
  EXPECT_EQ(value("i * 4 + i * 12"), "i * 16");
  EXPECT_EQ(value("2 + i + 3 - i"), "5");
  EXPECT_EQ(value("min(i, 9) + max(j, -1)"), "i + j");
  EXPECT_EQ(value("min(i + 10, j)"), "min(i + 10, j)");
  EXPECT_EQ(value("min(i + j, j + 5)"), "i + j");
  EXPECT_EQ(value("min((j * 3 + 15) / 16, j * 3 / 16)"), "j * 3 / 16");
  EXPECT_EQ(value("min(min((j * 3 + 15) / 16, i), j * 3 / 16)"), "min(i, j * 3 / 16)");
  EXPECT_EQ(value("max(max(j / 3, i), j / 3 + 1)"), "max(i, j / 3 + 1)");
}

TEST(Simplify, NothingWithoutProof) {
  EXPECT_EQ(value("$n * 4 / 4"), "$n * 4 / 4");
  EXPECT_EQ(value("($n * 16 + j) / 16"), "($n * 16 + j) / 16");
  EXPECT_EQ(value("$n * 4 % 4"), "0");  // holds modulo 2^32 too
  EXPECT_EQ(value("$n * 3 % 3"), "$n * 3 % 3");
  EXPECT_EQ(simple("$n < $n + 1"), "$n < $n + 1");
  EXPECT_EQ(simple("$n + 5 < 10"), "$n + 5 < 10");
  EXPECT_EQ(simple("$n + 5 == 10"), "$n == 5");
  EXPECT_EQ(value("$n / $n"), "$n / $n");
  EXPECT_EQ(value("$n % $n"), "0");
  EXPECT_EQ(simple("F[0] == F[0]"), "F[0] == F[0]");
  EXPECT_EQ(simple("F[0] + 0f < 1f"), "F[0] + 0f < 1f");
}

TEST(Simplify, Casts) {
  EXPECT_EQ(value("i64(i32(w))"), "w");
  EXPECT_EQ(value("i64(i32($m))"), "i64(i32($m))");
  EXPECT_EQ(value("i32(i8(i64($n)))"), "i32(i8($n))");
  EXPECT_EQ(value("i32(i64(i) * 2:i64)"), "i32(i64(i) * 2:i64)");
  EXPECT_EQ(value("i32(f32(3:i8))"), "3");
  EXPECT_EQ(value("i32(1.9f)"), "1");
  EXPECT_EQ(value("i32(i8(300))"), "44");
}

TEST(Simplify, SelectsAndGuardedOperands) {
  EXPECT_EQ(value("select(i < 9, i, j)"), "i");
  EXPECT_EQ(value("select($n < 4, select($n < 9, i, j), j)"), "select($n < 4, i, j)");
  EXPECT_EQ(value("select(!($n == 4), i, j)"), "select($n != 4, i, j)");
  EXPECT_EQ(value("select($n == 4, i, i)"), "i");
}

TEST(Simplify, FloatsFoldExactly) {
  EXPECT_EQ(body("F[0] = 0.1f + 0.2f"), "F[0] = 0.3f\n");
  EXPECT_EQ(body("F[0] = f32(16777217)"), "F[0] = 16777216f\n");
  EXPECT_EQ(body("F[0] = F[1] + 1f + 2f"), "F[0] = F[1] + 1f + 2f\n");
}

TEST(Simplify, DeadStatements) {
  EXPECT_EQ(body("for i = 0 count 0 { A[i] = 1 }"), "");
  EXPECT_EQ(body("for i = 0 count min($n, 0) { A[i] = 1 }"), "");
  EXPECT_EQ(body("for i = 0 count $n { }"), "");
  EXPECT_EQ(body("if @thread < 16 { A[0] = 1 } else { A[0] = 2 }"), "A[0] = 1\n");
  EXPECT_EQ(body("if 16 <= @thread { A[0] = 1 }"), "");
  EXPECT_EQ(body("if $n < 3 { } else { A[0] = 2 }"), "if 2 < $n {\n  A[0] = 2\n}\n");
  EXPECT_EQ(body("if $n < 3 { A[0] = 2 } else { }"), "if $n < 3 {\n  A[0] = 2\n}\n");
  EXPECT_EQ(body("if $n < 3 { if $n < 4 { A[0] = 1 } else { A[0] = 2 } }"),
            "if $n < 3 {\n  A[0] = 1\n}\n");
  EXPECT_EQ(body("for i = 0 count 4 { for j = 0 count 16 { if i * 16 + j < 64 { A[j] = 1 } } }"),
            "for i = 0 count 4 {\n  for j = 0 count 16 {\n    A[j] = 1\n  }\n}\n");
  EXPECT_EQ(body("if A[0] < 3 { A[0] = 5 if A[0] < 3 { A[1] = 1 } }"),
            "if A[0] < 3 {\n  A[0] = 5\n  if A[0] < 3 {\n    A[1] = 1\n  }\n}\n");
}

TEST(Simplify, LoopsThatRunOnceAndLets) {
  EXPECT_EQ(body("for i = 3 count 1 { A[i] = i + 1 }"), "A[3] = 4\n");
  EXPECT_EQ(body("for i = $n * 2 count 1 { A[i] = i }"), "let i = $n * 2 {\n  A[i] = i\n}\n");
  EXPECT_EQ(body("let i = 2 { A[i] = i }"), "A[2] = 2\n");
  EXPECT_EQ(body("let i = A[0] { A[1] = 0 A[2] = i }"),
            "let i = A[0] {\n  A[1] = 0\n  A[2] = i\n}\n");
  EXPECT_EQ(body("let i = A[0] { A[1] = 0 }"), "A[1] = 0\n");
  EXPECT_EQ(body("let x = F[0] { F[1] = x }"), "let x = F[0] {\n  F[1] = x\n}\n");
  EXPECT_EQ(body("let b = small[0] { if b < 10:i8 { A[0] = 1 } }"), "A[0] = 1\n");
  EXPECT_EQ(body("barrier thread for i = 0 count 2 unrolled(2) { barrier thread }"),
            "barrier thread\nfor i = 0 count 2 unrolled(2) {\n  barrier thread\n}\n");
}

TEST(Simplify, UnchangedTreesAreShared) {
  const Kernel k = parsed("for i = 0 count $n { if A[i] < 3 { A[i] = A[i] + 1 } }");
  EXPECT_TRUE(simplify(k).body.same_as(k.body));
}

// Random trees over the tables above.
class Random {
 public:
  explicit Random(uint64_t seed) : random_(seed, "simplify_test") {}
  RandomStream& stream() { return random_; }

  Expr number(DType t, int depth) {
    if (depth <= 0 || random_.chance(0.15)) return leaf(t);
    switch (random_.between(0, 9)) {
      case 0:
        return make_select(truth(depth - 1), number(t, depth - 1), number(t, depth - 1));
      case 1: {
        const DType from = type();
        return from == t ? number(t, depth - 1) : make_cast(t, number(from, depth - 1));
      }
      case 2:
        return t == DType::i32 ? make_load(t, 0, number(DType::i32, depth - 1)) : leaf(t);
      default: {
        constexpr BinaryOp kOps[] = {BinaryOp::add, BinaryOp::sub, BinaryOp::mul,
                                     BinaryOp::div, BinaryOp::mod, BinaryOp::min,
                                     BinaryOp::max, BinaryOp::add, BinaryOp::mul};
        const BinaryOp op = kOps[random_.between(0, 8)];
        Expr b = random_.chance(0.5) ? make_int(t, constant(t)) : number(t, depth - 1);
        return make_binary(op, number(t, depth - 1), std::move(b));
      }
    }
  }

  Expr truth(int depth) {
    if (depth <= 0) return make_bool(random_.chance(0.5));
    switch (random_.between(0, 5)) {
      case 0:
        return make_not(truth(depth - 1));
      case 1:
        return make_binary(BinaryOp::logical_and, truth(depth - 1), truth(depth - 1));
      case 2:
        return make_binary(BinaryOp::logical_or, truth(depth - 1), truth(depth - 1));
      default: {
        constexpr BinaryOp kOps[] = {BinaryOp::lt, BinaryOp::le, BinaryOp::eq, BinaryOp::ne};
        const DType t = type();
        return make_binary(kOps[random_.between(0, 3)], number(t, depth - 1), number(t, depth - 1));
      }
    }
  }

  // Loops are short; loop variables are i and j, not rebound inside themselves.
  Stmt statement(int depth, unsigned bound = 0) {
    const int64_t kind = depth <= 0 ? 9 : random_.between(0, 9);
    if (kind < 3 && bound != 3) {
      const int var = (bound & 1) != 0   ? 1
                      : (bound & 2) != 0 ? 0
                                         : static_cast<int>(random_.between(0, 1));
      const Expr extent = make_binary(BinaryOp::min, number(DType::i32, 1),
                                      make_int(DType::i32, random_.between(0, 4)));
      return make_for(var, make_int(DType::i32, random_.between(-3, 3)), extent, LoopKind::serial,
                      0, statement(depth - 1, bound | 1u << var));
    }
    if (kind < 5)
      return make_if(truth(2), statement(depth - 1, bound),
                     random_.chance(0.5) ? statement(depth - 1, bound) : Stmt{});
    if (kind == 5 && (bound & 8) == 0)
      return make_let(3, number(DType::i64, 2), statement(depth - 1, bound | 8));
    if (kind < 8) return make_seq({statement(depth - 1, bound), statement(depth - 1, bound)});
    return make_store(0, make_binary(BinaryOp::mod, number(DType::i32, 2), make_int(DType::i32, 8)),
                      number(DType::i32, 3));
  }

 private:
  DType type() {
    constexpr DType kTypes[] = {DType::i8, DType::i32, DType::i32, DType::i64};
    return kTypes[random_.between(0, 3)];
  }
  int64_t constant(DType t) {
    if (random_.chance(0.1)) return random_.chance(0.5) ? min_value(t) : max_value(t);
    return random_.chance(0.3) ? int64_t{1} << random_.between(0, 6) : random_.between(-3, 20);
  }
  Expr leaf(DType t) {
    if (random_.chance(0.3)) return make_int(t, constant(t));
    if (t == DType::i8)
      return random_.chance(0.5) ? make_var(t, 2)
                                 : make_load(t, 1, make_int(DType::i32, random_.between(0, 3)));
    if (t == DType::i64) return random_.chance(0.5) ? make_var(t, 3) : make_param(t, 1);
    switch (random_.between(0, 4)) {
      case 0:
        return make_var(t, 0);
      case 1:
        return make_var(t, 1);
      case 2:
        return make_level_index(t, 1);
      case 3:
        return make_level_index(t, 0);
      default:
        return make_param(t, 0);
    }
  }

  RandomStream random_;
};

// Variables in their ranges (i 0..5, j 0..15, w -8..8), arguments often small.
sample::Environment random_environment(RandomStream& random) {
  sample::Environment env;
  const auto any = [&](DType t) {
    return random.chance(0.6)   ? random.between(-20, 20)
           : random.chance(0.3) ? min_value(t)
                                : random.between(min_value(t), max_value(t));
  };
  env.vars[0] = {random.between(0, 5)};
  env.vars[1] = {random.between(0, 15)};
  env.vars[2] = {wrap_to(DType::i8, any(DType::i8))};
  env.vars[3] = {random.between(-8, 8)};
  env.levels[0] = {random.between(0, 3)};
  env.levels[1] = {random.between(0, 15)};
  env.params[0] = {any(DType::i32)};
  env.params[1] = {any(DType::i64)};
  for (int64_t i = 0; i < 8; ++i) {
    env.memory[{0, i}] = {wrap_to(DType::i32, any(DType::i32))};
    env.memory[{1, i}] = {random.between(0, 9)};
  }
  return env;
}

int cases(int usual) {
  const char* factor = std::getenv("PIMJIT_PROPERTY_FACTOR");
  return usual * (factor != nullptr ? std::max(1, std::atoi(factor)) : 1);
}

void expect_same_value(const Kernel& k, const Expr& e, const Facts& facts, Random& random) {
  const Expr s = simplify(e, facts);
  for (int sample = 0; sample < 12; ++sample) {
    const sample::Environment env = random_environment(random.stream());
    if (sample::eval(e, env).i != sample::eval(s, env).i) {
      RC_FAIL(to_text(e, k) + "\nbecame\n" + to_text(s, k) +
              "\ni=" + std::to_string(env.vars.at(0).i) + " j=" + std::to_string(env.vars.at(1).i) +
              " n=" + std::to_string(env.params.at(0).i));
    }
  }
}

TEST(SimplifyProperty, ExpressionsKeepTheirValue) {
  const Kernel k = parsed("");
  EXPECT_TRUE(rc::check([&] {
    Random random(*rc::gen::arbitrary<uint64_t>());
    const int depth = *rc::gen::inRange(1, 6);
    Facts facts(k);
    facts.bind(0, in_range(0, 5));
    facts.bind(1, in_range(0, 15));
    facts.bind(3, in_range(-8, 8));
    for (int round = 0; round < cases(40); ++round) {
      expect_same_value(k, random.number(DType::i32, depth), facts, random);
      expect_same_value(k, random.truth(depth), facts, random);
    }
  }));
}

TEST(SimplifyProperty, StatementsKeepTheirEffect) {
  const Kernel tables = parsed("");
  EXPECT_TRUE(rc::check([&] {
    Random random(*rc::gen::arbitrary<uint64_t>());
    const int depth = *rc::gen::inRange(1, 6);
    for (int round = 0; round < cases(20); ++round) {
      Kernel k = tables;
      // All variables are bound; those of the random part hide these.
      k.body = random.statement(depth, 0);
      Facts facts(k);
      facts.bind(0, in_range(0, 5));
      facts.bind(1, in_range(0, 15));
      facts.bind(3, in_range(-8, 8));
      const Stmt s = simplify(k.body, facts);
      for (int sample = 0; sample < 4; ++sample) {
        sample::Environment before = random_environment(random.stream());
        sample::Environment after = before;
        sample::run(k.body, before);
        sample::run(s, after);
        for (int64_t i = -8; i < 8; ++i) {
          if (before.memory[{0, i}].i != after.memory[{0, i}].i) {
            RC_FAIL(to_text(k.body, k) + "became\n" + to_text(s, k));
          }
        }
      }
    }
  }));
}

}  // namespace
}  // namespace pimjit
