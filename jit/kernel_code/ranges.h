#ifndef PIMJIT_JIT_KERNEL_CODE_RANGES_H_
#define PIMJIT_JIT_KERNEL_CODE_RANGES_H_

#include <optional>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit {

struct Range {
  int64_t low, high;  // both included
};

// Bounds of index arithmetic, from those of levels and loops. An expression that has bounds is
// computed without wrapping, so that addresses may be taken as affine in the variables.
class Ranges {
 public:
  explicit Ranges(const kit::Kernel& kernel);
  // Of a variable, from the statement that binds it on.
  void set(int var, std::optional<Range> range);
  std::optional<Range> of(int expr) const;
  std::optional<Range> of(const kit::Expr& expr) const;
  // Of a loop's variable inside its body.
  std::optional<Range> of_loop(const kit::Stmt& loop) const;

 private:
  const kit::Kernel& kernel_;
  std::vector<std::optional<Range>> variables_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_KERNEL_CODE_RANGES_H_
