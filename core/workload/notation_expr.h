#ifndef PIMJIT_CORE_WORKLOAD_NOTATION_EXPR_H_
#define PIMJIT_CORE_WORKLOAD_NOTATION_EXPR_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pimjit {

// Index notation as C++ expressions that write themselves as text; values, made by a Computation
// (builder.h).

// An axis, or a sum of axes times whole numbers: 2 * i + k - 1.
class IndexExpr {
 public:
  IndexExpr(int64_t constant) : terms_{{constant, ""}} {}  // NOLINT: numbers are indices
  std::string text() const;

  friend IndexExpr operator+(IndexExpr a, const IndexExpr& b);
  friend IndexExpr operator-(IndexExpr a, const IndexExpr& b) { return std::move(a) + -1 * b; }
  friend IndexExpr operator*(int64_t factor, IndexExpr a);
  friend IndexExpr operator*(IndexExpr a, int64_t factor) { return factor * std::move(a); }

 private:
  friend class Computation;
  explicit IndexExpr(std::string axis) : terms_{{1, std::move(axis)}} {}
  std::vector<std::pair<int64_t, std::string>> terms_;  // coefficient, axis or "" for a constant
};

// A value of the right-hand side. Whole numbers and reals are constants.
class ScalarExpr {
 public:
  template <std::integral T>
  ScalarExpr(T value)
      : ScalarExpr(std::to_string(value), value < T{0} ? kUnary : kAtom) {}  // NOLINT
  ScalarExpr(double value);                                                  // NOLINT
  const std::string& text() const { return text_; }

  using Expr = ScalarExpr;
  friend Expr operator+(const Expr& a, const Expr& b) { return binary(a, " + ", b, kSum); }
  friend Expr operator-(const Expr& a, const Expr& b) { return binary(a, " - ", b, kSum); }
  friend Expr operator*(const Expr& a, const Expr& b) { return binary(a, " * ", b, kProduct); }
  friend Expr operator/(const Expr& a, const Expr& b) { return binary(a, " / ", b, kProduct); }
  friend Expr operator%(const Expr& a, const Expr& b) { return binary(a, " % ", b, kProduct); }
  friend Expr operator-(const Expr& a);
  friend Expr min(const Expr& a, const Expr& b);
  friend Expr max(const Expr& a, const Expr& b);

 protected:
  enum Strength { kSum = 1, kProduct, kUnary, kAtom };  // how tightly the text binds
  ScalarExpr(std::string text, int strength) : text_(std::move(text)), strength_(strength) {}

 private:
  static Expr binary(const Expr& a, const char* op, const Expr& b, int strength);
  std::string within(int strength) const {
    return strength_ < strength ? "(" + text_ + ")" : text_;
  }
  std::string text_;
  int strength_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_WORKLOAD_NOTATION_EXPR_H_
