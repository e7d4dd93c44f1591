#include "pimjit/core/ir/rewrite.h"

namespace pimjit {
namespace {

// Division truncates toward zero, so most rules need operands of one sign; all need that the
// dividend does not wrap.
bool exact_dividend(const Match& m) {
  return m.exact(m.left());
}
bool both_non_negative(const Match& m) {
  return m.low(m.x()) >= 0 && m.low(m.y()) >= 0;
}
bool divides(int64_t divisor, int64_t value) {
  return divisor > 0 && value % divisor == 0;
}
// c * d as a value of the type.
bool product_fits(const Match& m) {
  int64_t product = 0;
  return !__builtin_mul_overflow(m.c(), m.d(), &product) && m.fits(product);
}

constexpr Rule kRules[] = {
    {"x / 0", "0"},
    {"x % 0", "x"},
    {"x / 1", "x"},
    {"x % 1", "0"},
    {"0 / x", "0"},
    {"0 % x", "0"},
    {"x % x", "0"},
    {"x / x", "1", [](const Match& m) { return !m.facts().range(m.x()).contains(0); }},
    {"x / y", "0",
     [](const Match& m) {
       const int64_t smallest = m.low(m.y());
       return smallest > 0 && m.within(m.x(), 1 - smallest, smallest - 1);
     }},
    {"x % y", "x",
     [](const Match& m) {
       const int64_t smallest = m.low(m.y());
       return smallest > 0 && m.within(m.x(), 1 - smallest, smallest - 1);
     }},
    {"x * c / c", "x", [](const Match& m) { return m.c() != 0 && exact_dividend(m); }},
    {"x * y / x", "y", [](const Match& m) { return m.low(m.x()) > 0 && exact_dividend(m); }},
    {"x * y / y", "x", [](const Match& m) { return m.low(m.y()) > 0 && exact_dividend(m); }},
    {"x * y % x", "0", exact_dividend},
    {"x * y % y", "0", exact_dividend},
    {"x * c / d", "x * (c / d)",
     [](const Match& m) { return divides(m.d(), m.c()) && exact_dividend(m); }},
    {"x * c / d", "x / (d / c)",
     [](const Match& m) { return divides(m.c(), m.d()) && m.d() != 0 && exact_dividend(m); }},
    {"x * c % d", "x % (d / c) * c",
     [](const Match& m) { return divides(m.c(), m.d()) && m.d() > m.c() && exact_dividend(m); }},
    {"(x * c + y) / d", "x * (c / d) + y / d",
     [](const Match& m) {
       return divides(m.d(), m.c()) && m.c() > 0 && both_non_negative(m) && exact_dividend(m);
     }},
    {"(y + x * c) / d", "x * (c / d) + y / d",
     [](const Match& m) {
       return divides(m.d(), m.c()) && m.c() > 0 && both_non_negative(m) && exact_dividend(m);
     }},
    {"(x * c + y) % d", "y % d",
     [](const Match& m) {
       return divides(m.d(), m.c()) && m.c() > 0 && both_non_negative(m) && exact_dividend(m);
     }},
    {"(y + x * c) % d", "y % d",
     [](const Match& m) {
       return divides(m.d(), m.c()) && m.c() > 0 && both_non_negative(m) && exact_dividend(m);
     }},
    {"(x * c + y) / d", "x / (d / c)",
     [](const Match& m) {
       return divides(m.c(), m.d()) && m.d() > 0 && both_non_negative(m) && m.high(m.y()) < m.c() &&
              exact_dividend(m);
     }},
    {"(y + x * c) / d", "x / (d / c)",
     [](const Match& m) {
       return divides(m.c(), m.d()) && m.d() > 0 && both_non_negative(m) && m.high(m.y()) < m.c() &&
              exact_dividend(m);
     }},
    {"(x * c + y) % d", "x % (d / c) * c + y",
     [](const Match& m) {
       return divides(m.c(), m.d()) && m.d() > m.c() && both_non_negative(m) &&
              m.high(m.y()) < m.c() && exact_dividend(m);
     }},
    {"(y + x * c) % d", "x % (d / c) * c + y",
     [](const Match& m) {
       return divides(m.c(), m.d()) && m.d() > m.c() && both_non_negative(m) &&
              m.high(m.y()) < m.c() && exact_dividend(m);
     }},
    {"(x + c) / d", "x / d + c / d",
     [](const Match& m) {
       return divides(m.d(), m.c()) && m.low(m.x()) >= 0 && m.low(m.left()) >= 0 &&
              exact_dividend(m);
     }},
    {"(x + c) % d", "x % d",
     [](const Match& m) {
       return divides(m.d(), m.c()) && m.low(m.x()) >= 0 && m.low(m.left()) >= 0 &&
              exact_dividend(m);
     }},
    {"x / c / d", "x / (c * d)",
     [](const Match& m) { return m.c() > 0 && m.d() > 0 && product_fits(m); }},
    {"x % c % d", "x % d", [](const Match& m) { return divides(m.d(), m.c()); }},
    {"x % c / d", "x / d % (c / d)",
     [](const Match& m) { return divides(m.d(), m.c()) && m.c() > m.d() && m.low(m.x()) >= 0; }},
};

}  // namespace

std::span<const Rule> division_rules() {
  return kRules;
}

}  // namespace pimjit
