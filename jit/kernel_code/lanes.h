#ifndef PIMJIT_JIT_KERNEL_CODE_LANES_H_
#define PIMJIT_JIT_KERNEL_CODE_LANES_H_

#include <optional>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit {

// A store that adds to one element in every iteration: X[c] = X[c] op value.
struct LaneSum {
  kit::BinaryOp op;
  int value;  // an expression
};

// Whether the iterations of a loop can be computed side by side, each statement for all of them
// before the next: the body is a list of stores to consecutive elements and of sums, what it loads
// is consecutive or the same for all iterations, and no iteration reads what another one writes:
// of a buffer that the loop stores to, its own element or one that lies beyond the whole loop's.
// Only sums of integers are reassociated, for which it makes no difference.
class LaneLoop {
 public:
  LaneLoop(const kit::Kernel& kernel, const kit::Stmt& loop);

  bool possible() const { return possible_; }
  // Whether the value of an expression of the body differs between iterations.
  bool varies(int expr) const { return varies_[static_cast<size_t>(expr)]; }
  // The size of the widest type that the body computes with.
  int widest_bytes() const { return widest_; }
  const std::vector<int>& stores() const { return stores_; }  // statements, in order
  // Of a statement of stores().
  std::optional<LaneSum> sum(int stmt) const;

 private:
  bool collect(int stmt);
  bool check_value(int expr);
  bool check_store(int stmt);
  bool check_dependences() const;
  bool reads(int expr, int buffer) const;
  bool reads_no_others(int expr) const;
  bool beyond(int load, int store) const;
  std::optional<int64_t> stride(int expr) const;
  bool same(int a, int b) const;
  bool loads(int expr) const;

  const kit::Kernel& kernel_;
  int var_;
  std::optional<int64_t> extent_;
  std::vector<bool> varies_;
  std::vector<int> stores_;
  int widest_ = 1;
  bool possible_ = false;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_KERNEL_CODE_LANES_H_
