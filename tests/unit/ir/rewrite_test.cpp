#include "pimjit/core/ir/rewrite.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/ir/arith.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tests/unit/ir/expr_eval.h"

namespace pimjit {
namespace {

std::vector<const Rule*> every_rule() {
  std::vector<const Rule*> rules;
  for (const auto& family : {arithmetic_rules(), division_rules(), order_rules(), logic_rules()}) {
    for (const Rule& rule : family) rules.push_back(&rule);
  }
  return rules;
}
std::string name(const Rule& rule) {
  return cat(rule.pattern, " -> ", rule.result);
}

TEST(Rewrite, EveryRuleParses) {
  EXPECT_THAT(Rules::all().mistakes(), testing::ElementsAre());
}

TEST(Rewrite, NoRuleIsListedTwice) {
  std::set<std::string> seen;
  for (const Rule* rule : every_rule()) {
    const bool same_condition_differs = rule->when != nullptr;
    EXPECT_TRUE(seen.insert(name(*rule)).second || same_condition_differs) << name(*rule);
  }
}

// Random instances of one rule: letters are variables of a small type with random ranges and random
// constants.
struct Instance {
  Kernel kernel;
  std::array<Expr, 5> letters;
  std::array<Interval, 3> ranges;
};

int64_t interesting(RandomStream& random, DType t) {
  switch (random.between(0, 5)) {
    case 0:
      return min_value(t) + random.between(0, 2);
    case 1:
      return max_value(t) - random.between(0, 2);
    case 2:
      return int64_t{1} << random.between(0, bits_of(t) - 2);
    case 3:
      return random.between(min_value(t), max_value(t));
    default:
      return random.between(-4, 16);
  }
}

Instance random_instance(RandomStream& random, DType t, RuleTypes types) {
  Instance instance;
  for (int i = 0; i < 3; ++i) {
    const int id = instance.kernel.add_var(std::string(1, "xyz"[i]), t);
    int64_t low = interesting(random, t);
    const int64_t near = low > max_value(t) - 20 ? max_value(t) : low + random.between(0, 20);
    int64_t high = random.chance(0.6) ? near : interesting(random, t);
    if (low > high) std::swap(low, high);
    instance.ranges[static_cast<size_t>(i)] = {low, high};
    Expr v = make_var(t, id);
    // Conditions have no variables; comparing an integer variable with one of its values stands for
    // them.
    if (types == RuleTypes::conditions)
      v = make_binary(BinaryOp::lt, v, make_int(t, random.between(low, high)));
    instance.letters[static_cast<size_t>(i)] = v;
  }
  instance.letters[3] = make_int(t, interesting(random, t));
  instance.letters[4] =
      random.chance(0.4)
          ? make_int(t, eval_int(BinaryOp::mul, t, as<IntImm>(instance.letters[3]).value,
                                 random.between(1, 5)))
          : make_int(t, interesting(random, t));
  if (random.chance(0.1)) std::swap(instance.letters[3], instance.letters[4]);
  return instance;
}

// The conditions rule "!(x < y)" compares integers; its letters are not conditions.
bool letters_are_conditions(const Rule& rule) {
  return rule.types == RuleTypes::conditions &&
         std::string_view(rule.pattern).substr(0, 2) != "!(" &&
         std::string_view(rule.pattern).substr(0, 6) != "select";
}

struct Count {
  int fired = 0;
  int needed = 0;  // instances where only the condition keeps the rule from giving a wrong value
};

// Compares both sides on random values of the variables; the first difference as text, or "".
std::string difference(const Expr& left, const Expr& right, const Instance& instance,
                       RandomStream& random) {
  for (int sample = 0; sample < 20; ++sample) {
    sample::Environment env;
    for (int i = 0; i < 3; ++i) {
      const Interval& r = instance.ranges[static_cast<size_t>(i)];
      env.vars[i] = {sample == 0 ? r.low : sample == 1 ? r.high : random.between(r.low, r.high)};
    }
    if (sample::eval(left, env).i == sample::eval(right, env).i) continue;
    return cat(to_text(left, instance.kernel), " became ", to_text(right, instance.kernel),
               " with x=", env.vars[0].i, " y=", env.vars[1].i, " z=", env.vars[2].i);
  }
  return {};
}

// Tries the rule on random instances.
Count check_rule(const Rule& rule, RandomStream& random, int rounds) {
  Count count;
  const bool conditions = letters_are_conditions(rule);
  const bool negation = rule.pattern[0] == '!' && !conditions;
  const std::string_view pattern = rule.pattern;
  // Rules about the condition of a select have a condition for x.
  const bool select = pattern.substr(0, 8) == "select(x" || pattern.substr(0, 9) == "select(!x";
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    const DType t = random.chance(0.8) ? DType::i8 : DType::i64;
    Instance instance =
        random_instance(random, t, conditions ? RuleTypes::conditions : RuleTypes::integers);
    if (select)
      instance.letters[0] = make_binary(BinaryOp::lt, instance.letters[0], instance.letters[1]);
    const DType root = conditions || negation ? DType::b1 : t;
    const auto [left, result] = Rules::all().instantiate(rule, instance.letters, root);
    Facts facts(instance.kernel);
    for (int i = 0; i < 3; ++i) {
      const Interval& r = instance.ranges[static_cast<size_t>(i)];
      facts.bind(i, in_range(r.low, r.high));
    }
    const Expr right = Rules::all().apply(rule, left, facts, [](Expr e) { return e; });
    if (!right) {
      count.needed += difference(left, result, instance, random).empty() ? 0 : 1;
      continue;
    }
    ++count.fired;
    EXPECT_EQ(difference(left, right, instance, random), "") << name(rule);
  }
  return count;
}

// The condition of a rule must hold where the rule fires, and must be what keeps it from firing
// wrongly elsewhere.
TEST(Rewrite, EveryRuleFiresWhereItShouldAndOnlyThere) {
  for (const Rule* rule : every_rule()) {
    RandomStream random(7, name(*rule));
    const Count count = check_rule(*rule, random, 3000);
    EXPECT_GT(count.fired, 0) << name(*rule) << " never fired";
    // !(x < y) is held back for floats only, which have a test of their own.
    if (rule->when != nullptr && rule->pattern[0] != '!') {
      EXPECT_GT(count.needed, 0) << name(*rule) << ": its condition was never needed";
    }
    if (HasFailure()) break;
  }
}

TEST(Rewrite, FloatsAreNotTreatedAsIntegers) {
  Kernel k;
  const Expr x = make_var(DType::f32, k.add_var("x", DType::f32));
  const Expr y = make_var(DType::f32, k.add_var("y", DType::f32));
  const Facts facts(k);
  const auto fires = [&](const Expr& e) {
    return static_cast<bool>(Rules::all().apply(e, facts, [](Expr r) { return r; }));
  };
  const auto bin = [](BinaryOp op, const Expr& a, const Expr& b) { return make_binary(op, a, b); };
  EXPECT_FALSE(fires(bin(BinaryOp::add, x, make_float(0))));  // -0 + 0 is 0
  EXPECT_FALSE(fires(bin(BinaryOp::sub, x, x)));              // inf - inf
  EXPECT_FALSE(fires(bin(BinaryOp::mul, x, make_float(0))));
  EXPECT_FALSE(fires(bin(BinaryOp::eq, x, x)));  // NaN
  EXPECT_FALSE(fires(bin(BinaryOp::div, x, x)));
  EXPECT_FALSE(fires(bin(BinaryOp::sub, bin(BinaryOp::add, x, y), y)));
  EXPECT_FALSE(
      fires(make_not(bin(BinaryOp::lt, x, y))));  // with NaN both x < y and y <= x are false
  EXPECT_TRUE(fires(make_not(bin(BinaryOp::eq, x, y))));
  EXPECT_TRUE(fires(bin(BinaryOp::min, x, x)));
}

}  // namespace
}  // namespace pimjit
