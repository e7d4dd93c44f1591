#ifndef PIMJIT_CORE_IR_REWRITE_H_
#define PIMJIT_CORE_IR_REWRITE_H_

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/ir/facts.h"

namespace pimjit {

// Rewrite rules as text. In patterns x y z stand for any expression, c d for integer constants (a
// letter used twice must match equal expressions), 0 1 true false for themselves; operators as in
// kernel text, and min, max, select. The result is built from the same letters; operations on
// constants in it are computed.

// What a pattern matched.
class Match {
 public:
  Match(const Facts& facts, const Expr& root) : facts_(facts), root_(root) {}

  const Facts& facts() const { return facts_; }
  const Expr& root() const { return root_; }
  const Expr& left() const { return as<Binary>(root_).a; }
  const Expr& x() const { return *letters_[0]; }
  const Expr& y() const { return *letters_[1]; }
  const Expr& z() const { return *letters_[2]; }
  int64_t c() const { return as<IntImm>(*letters_[3]).value; }
  int64_t d() const { return as<IntImm>(*letters_[4]).value; }

  int64_t low(const Expr& e) const { return facts_.range(e).low; }
  int64_t high(const Expr& e) const { return facts_.range(e).high; }
  bool within(const Expr& e, int64_t low_end, int64_t high_end) const {
    return low(e) >= low_end && high(e) <= high_end;
  }
  // Whether the sums, differences and products at the top of `e`, two levels deep, never wrap.
  bool exact(const Expr& e, int levels = 2) const;
  // Whether a value fits the type of the operands of the root.
  bool fits(int64_t value) const { return full_range(left()->dtype).contains(value); }

 private:
  friend class Rules;
  const Facts& facts_;
  const Expr& root_;
  std::array<const Expr*, 5> letters_{};  // x y z c d
};

// Types that a rule is for, by the operands of the root.
enum class RuleTypes : uint8_t { integers, conditions, all };

struct Rule {
  const char* pattern;
  const char* result;
  bool (*when)(const Match&) = nullptr;  // null: always
  RuleTypes types = RuleTypes::integers;
};

// The families (rules_*.cpp). Integer rules are exact modulo 2^n or ask for proof that nothing
// wraps.
std::span<const Rule> arithmetic_rules();
std::span<const Rule> division_rules();
std::span<const Rule> order_rules();  // min, max, comparisons
std::span<const Rule> logic_rules();  // b1 and select

// All families, compiled and sorted by root. Immutable; safe from any thread.
class Rules {
 public:
  // Gets each node that a result needs, operands first; it may give something simpler.
  using Make = std::function<Expr(Expr)>;

  static const Rules& all();

  // The result of the first rule that fires on `e`, or null.
  Expr apply(const Expr& e, const Facts& facts, const Make& make) const;
  // The same for one rule of the tables.
  Expr apply(const Rule& rule, const Expr& e, const Facts& facts, const Make& make) const;
  // The two sides of a rule with x y z c d in place of its letters, whatever its condition; `t` is
  // the type of the root.
  std::pair<Expr, Expr> instantiate(const Rule& rule, const std::array<Expr, 5>& letters,
                                    DType t) const;
  // Patterns and results that do not parse; empty unless a table has a mistake.
  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  struct Pattern {
    enum class Kind : uint8_t {
      letter,
      constant,
      integer,
      condition,
      binary,
      negation,
      select
    } kind;
    uint8_t slot = 0;  // letters
    BinaryOp op = BinaryOp::add;
    int64_t value = 0;
    std::array<int, 3> operands{-1, -1, -1};
  };
  struct Compiled {
    const Rule* rule;
    int pattern, result;
  };
  class Compiler;

  Rules();
  const Compiled* find(const Rule& rule) const;
  Expr apply(const Compiled& compiled, const Expr& e, const Facts& facts, const Make& make) const;
  bool match(int pattern, const Expr& e, Match& m) const;
  Expr build(int pattern, DType t, const Match& m, const Make& make) const;
  DType type_of(int pattern, const Match& m) const;

  std::vector<Pattern> nodes_;
  std::array<std::vector<Compiled>, 16> by_op_;  // binary operations by code; 0: not, 15: select
  std::vector<std::string> mistakes_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_REWRITE_H_
