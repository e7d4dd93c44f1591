#include "pimjit/core/workload/notation_expr.h"

#include <algorithm>
#include <cmath>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {
namespace {

// Beyond this the notation refuses a coefficient anyway.
constexpr int64_t kCoefficientLimit = 2 * kMaxElements;

int64_t clamped(__int128 value) {
  return static_cast<int64_t>(std::clamp<__int128>(value, -kCoefficientLimit, kCoefficientLimit));
}

}  // namespace

IndexExpr operator+(IndexExpr a, const IndexExpr& b) {
  a.terms_.insert(a.terms_.end(), b.terms_.begin(), b.terms_.end());
  return a;
}

IndexExpr operator*(int64_t factor, IndexExpr a) {
  for (auto& term : a.terms_) term.first = clamped(static_cast<__int128>(factor) * term.first);
  return a;
}

std::string IndexExpr::text() const {
  std::string text;
  for (const auto& [coefficient, axis] : terms_) {
    const int64_t value = clamped(coefficient);
    if (value < 0) text += '-';
    if (value >= 0 && !text.empty()) text += '+';
    const std::string magnitude = std::to_string(value < 0 ? -value : value);
    text += axis.empty() ? magnitude : magnitude == "1" ? axis : cat(magnitude, "*", axis);
  }
  return text;
}

ScalarExpr::ScalarExpr(double value)
    : text_(shortest(value)), strength_(std::signbit(value) ? kUnary : kAtom) {
  if (!std::isfinite(value)) {
    // No spelling exists for them; the brackets make build() point here.
    text_ = cat("<", text_, ">");
  } else if (text_.find_first_of(".e") == std::string::npos) {
    text_ += ".0";
  }
}

ScalarExpr ScalarExpr::binary(const ScalarExpr& a, const char* op, const ScalarExpr& b,
                              int strength) {
  return {cat(a.within(strength), op, b.within(strength + 1)), strength};
}

ScalarExpr operator-(const ScalarExpr& a) {
  // "-5" is a constant, "-(5)" its negation.
  const bool number = a.text_[0] >= '0' && a.text_[0] <= '9';
  return {number ? cat("-(", a.text_, ")") : cat("-", a.within(ScalarExpr::kUnary)),
          ScalarExpr::kUnary};
}

ScalarExpr min(const ScalarExpr& a, const ScalarExpr& b) {
  return {cat("min(", a.text_, ", ", b.text_, ")"), ScalarExpr::kAtom};
}
ScalarExpr max(const ScalarExpr& a, const ScalarExpr& b) {
  return {cat("max(", a.text_, ", ", b.text_, ")"), ScalarExpr::kAtom};
}

}  // namespace pimjit
