#ifndef PIMJIT_CORE_IR_FACTS_H_
#define PIMJIT_CORE_IR_FACTS_H_

#include <optional>
#include <vector>

#include "pimjit/core/ir/interval.h"
#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// What is known at one place of a kernel about variables, level indices, launch arguments and
// conditions; from it, bounds and congruences of expressions and truth of conditions. Everything is
// sound for all inputs the kernel allows. Scopes nest: mark() ... restore(mark). Not thread-safe;
// one owner. The kernel must outlive the facts.
class Facts {
 public:
  // Level indices by the launched counts, buffers by their declared ranges, everything else by its
  // type.
  explicit Facts(const Kernel& kernel) : kernel_(&kernel) {}

  size_t mark() const { return known_.size() | assumed_.size() << 32; }
  void restore(size_t mark);

  void bind(int var, const ValueFacts& value);
  // A loop variable; only the part of the body that runs is considered, so that extents of 0 are of
  // no interest.
  void bind_loop(const For& loop);
  // A condition (or its opposite) holds from here on.
  void assume(const Expr& condition, bool holds = true);

  // Of an expression of an integer type or b1.
  ValueFacts of(const Expr& e) const;
  Interval range(const Expr& e) const { return of(e).range; }
  // true or false when the condition always has that value, else nothing.
  std::optional<bool> prove(const Expr& condition) const;
  bool always(const Expr& condition) const { return prove(condition) == true; }

 private:
  struct Known {
    ExprKind kind;
    int id;
    ValueFacts value;
  };
  const Known* find(ExprKind kind, int id) const;
  ValueFacts of_leaf(const ExprNode& e) const;
  void narrow(const Expr& leaf, const Interval& range);
  void assume_order(const Expr& a, const Expr& b, int64_t gap);
  std::optional<bool> prove_comparison(const Binary& n) const;
  std::optional<bool> known_condition(const Expr& condition) const;

  const Kernel* kernel_;
  std::vector<Known> known_;   // later entries hide earlier ones
  std::vector<Expr> assumed_;  // conditions that hold
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_FACTS_H_
