#include "pimjit/core/ir/map_under_facts.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"

namespace pimjit {
namespace {

// `text` is a let of x or a branch on i, whose stores are to be looked at.
Kernel kernel_of(const std::string& text) {
  const auto parsed = parse_kernel(R"(kernel k {
    level unit independent 4  scope s at unit
    buffer a i32 local s elements 64 align 8  var i i32 var x i32
    body { )" + text + " } }");
  EXPECT_TRUE(parsed) << parsed.error().message();
  return *parsed;
}

Expr below(int var, int64_t limit) {
  return make_binary(BinaryOp::lt, make_var(DType::i32, var), make_int(DType::i32, limit));
}

TEST(MapUnderFacts, ABranchKnowsItsConditionAndItsOpposite) {
  const Kernel k = kernel_of("if i < 5 { a[0] = 1 } else { a[0] = 2 }");
  Facts facts(k);
  std::vector<std::optional<bool>> seen;
  const Stmt same = map_branch(k.body, facts, [&](const Stmt& s) {
    seen.push_back(facts.prove(below(0, 5)));
    return s;
  });
  EXPECT_TRUE(same.same_as(k.body));
  EXPECT_EQ(seen, (std::vector<std::optional<bool>>{true, false}));
  EXPECT_EQ(facts.prove(below(0, 5)), std::nullopt);
}

TEST(MapUnderFacts, ALetKnowsItsValueInside) {
  const Kernel k = kernel_of("let x = 3 { a[x] = 1 }");
  Facts facts(k);
  std::optional<bool> inside;
  const Stmt changed = map_let(k.body, facts, [&](const Stmt&) {
    inside = facts.prove(below(1, 4));
    return make_seq({});
  });
  EXPECT_EQ(inside, true);
  EXPECT_EQ(facts.prove(below(1, 4)), std::nullopt);
  ASSERT_EQ(changed->kind, StmtKind::Let);
  EXPECT_TRUE(as<Seq>(as<Let>(changed).body).body.empty());
}

}  // namespace
}  // namespace pimjit
