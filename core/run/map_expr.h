#ifndef PIMJIT_CORE_RUN_MAP_EXPR_H_
#define PIMJIT_CORE_RUN_MAP_EXPR_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "pimjit/core/ir/expr.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// An expression over the digits of a TransferMap, ready to be evaluated many times: coefficients
// when it is affine, else a small stack program. Immutable; any thread.
class MapExpr {
 public:
  // Errors, internal: map_expression for anything but digits, constants and integer operations.
  static Result<MapExpr> make(const Expr& e, size_t digits);

  int64_t value(const int64_t* digits) const;  // b1: 0 or 1
  bool affine() const { return affine_; }
  int64_t constant() const { return constant_; }
  const std::vector<int64_t>& coefficients() const { return coefficients_; }  // affine only
  // How the value grows with digit `d` whatever the others are; nothing when it is not linear in
  // it.
  std::optional<int64_t> slope(size_t d) const { return slopes_[d]; }
  bool uses(size_t d) const { return uses_[d]; }

 private:
  enum class Code : uint8_t { constant, digit, binary, negate, select, wrap };
  struct Step {
    Code code;
    BinaryOp op = BinaryOp::add;
    DType type = DType::i64;
    int64_t operand = 0;
  };
  bool compile(const ExprNode& e, size_t digits, int depth);
  // The slope of `e` in digit d, if it has one.
  static std::optional<int64_t> slope_of(const ExprNode& e, size_t d);
  static bool mentions(const ExprNode& e, size_t d);

  bool affine_ = false;
  int64_t constant_ = 0;
  std::vector<int64_t> coefficients_;
  std::vector<std::optional<int64_t>> slopes_;
  std::vector<bool> uses_;
  std::vector<Step> steps_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_MAP_EXPR_H_
