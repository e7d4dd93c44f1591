#ifndef PIMJIT_CORE_LOWER_BOUNDARY_H_
#define PIMJIT_CORE_LOWER_BOUNDARY_H_

#include <string>
#include <vector>

#include "pimjit/core/ir/facts.h"
#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/ir/verify_kernel.h"

namespace pimjit {

// The passes that make tests of the edges cheap, as functions from kernel to kernel. Each changes
// only what it can prove equal for every input and says what it proved. docs/lowering.md, "Edges".

// What a pass did, one line per place, with the facts it rests on. Silent unless somebody listens.
class FiringLog {
 public:
  explicit FiringLog(bool on = false) : on_(on) {}
  bool on() const { return on_; }
  void note(std::string line) {
    if (on_) lines_.push_back(std::move(line));
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  bool on_;
  std::vector<std::string> lines_;
};

// What is known about a buffer of a kernel by the way it was laid out.
struct BufferTraits {
  bool padded = false;  // every writer owns whole tiles; what lies past an edge matters to nobody
  bool owned = false;   // each innermost instance reads and writes elements of its own only
};

// Loops that copy piece by piece, and element by element where a link joins the scopes, become
// block copies in as few pieces as the link can move. Only between two padded buffers may a copy
// run over what a guard leaves out.
Kernel convert_copies(const Kernel& kernel, const KernelRules& rules,
                      const std::vector<BufferTraits>& traits, FiringLog& log);

// Conditions that are linear in the variable of the loop around them become bounds of the loop, the
// upper one and the lower one.
Kernel tighten_bounds(const Kernel& kernel, FiringLog& log);

// Conditions that do not change in a loop are tested outside of it; what only matters where such a
// condition holds moves under it; neighbours under conditions of which one implies the other share
// the test.
Kernel hoist_branches(const Kernel& kernel, const std::vector<BufferTraits>& traits,
                      FiringLog& log);

// A loop around loops that end early in its last iterations only becomes two: one in which they run
// to their constant ends, and the rest.
Kernel peel_edges(const Kernel& kernel, FiringLog& log);

// A condition as a list of what must hold, and back; null: nothing.
std::vector<Expr> conjuncts(const Expr& condition);
Expr all_of(const std::vector<Expr>& conditions);
// The terms of min(a, min(b, ...)); the expression itself when it is no minimum.
std::vector<Expr> minimum_terms(const Expr& e);
// Gives the same value wherever it is evaluated and cannot be an error: no loads, no division that
// might be by zero.
bool is_stable(const Expr& e);
// Whether `then` holds wherever `given` does.
bool implies(const Expr& given, const Expr& then, Facts& facts);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_BOUNDARY_H_
