#ifndef PIMJIT_CORE_IR_SUBSTITUTE_H_
#define PIMJIT_CORE_IR_SUBSTITUTE_H_

#include <vector>

#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// What to put in place of variables, by id; variables without an entry stay. A value has the type
// of its variable.
class Substitution {
 public:
  Substitution() = default;
  Substitution(int var, Expr value) { set(var, std::move(value)); }
  void set(int var, Expr value);
  const Expr* find(int var) const;

 private:
  std::vector<std::pair<int, Expr>> values_;  // few at a time
};

// The tree with variables replaced; unchanged parts are shared. Values are put in as they are: the
// caller sees to it that no loop or let in the tree binds a variable that a value mentions. A
// variable that the tree itself binds is not replaced there.
Expr substitute(const Expr& e, const Substitution& values);
Stmt substitute(const Stmt& s, const Substitution& values);

// Whether the variable occurs in the expression.
bool mentions(const Expr& e, int var);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_SUBSTITUTE_H_
