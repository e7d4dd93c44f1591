#include "pimjit/core/ir/rewrite.h"

namespace pimjit {
namespace {

// a - b and a + b as values of the operands' type.
bool difference_fits(const Match& m, int64_t a, int64_t b) {
  int64_t value = 0;
  return !__builtin_sub_overflow(a, b, &value) && m.fits(value);
}
bool sum_fits(const Match& m, int64_t a, int64_t b) {
  int64_t value = 0;
  return !__builtin_add_overflow(a, b, &value) && m.fits(value);
}
bool exact_left(const Match& m) {
  return m.exact(m.left());
}
const Expr& right(const Match& m) {
  return as<Binary>(m.root()).b;
}
bool exact_sides(const Match& m) {
  return m.exact(m.left()) && m.exact(right(m));
}
// x * c + y with 0 <= y < c, to be compared with a multiple of c.
bool tile_of(const Match& m) {
  return m.c() > 0 && m.d() % m.c() == 0 && m.low(m.y()) >= 0 && m.high(m.y()) < m.c() &&
         exact_left(m);
}
// Whether both are divided by one positive constant.
bool divided_alike(const Expr& a, const Expr& b) {
  if (a->kind != ExprKind::Binary || b->kind != ExprKind::Binary) return false;
  const auto &p = as<Binary>(a), &q = as<Binary>(b);
  if (p.op != BinaryOp::div || q.op != BinaryOp::div) return false;
  const int64_t *by = as_int_constant(p.b), *other = as_int_constant(q.b);
  return by != nullptr && other != nullptr && *by == *other && *by > 0;
}
bool always_le(const Match& m, const Expr& a, const Expr& b) {
  if (m.high(a) <= m.low(b)) return true;
  if (m.facts().always(make_binary(BinaryOp::le, a, b))) return true;
  return divided_alike(a, b) && always_le(m, as<Binary>(a).a, as<Binary>(b).a);
}

constexpr Rule kRules[] = {
    {"min(x, x)", "x", nullptr, RuleTypes::all},
    {"max(x, x)", "x", nullptr, RuleTypes::all},
    {"min(x, y)", "x", [](const Match& m) { return always_le(m, m.x(), m.y()); }},
    {"min(x, y)", "y", [](const Match& m) { return always_le(m, m.y(), m.x()); }},
    {"max(x, y)", "y", [](const Match& m) { return always_le(m, m.x(), m.y()); }},
    {"max(x, y)", "x", [](const Match& m) { return always_le(m, m.y(), m.x()); }},
    {"min(c, x)", "min(x, c)"},
    {"max(c, x)", "max(x, c)"},
    {"min(min(x, c), d)", "min(x, min(c, d))"},
    {"max(max(x, c), d)", "max(x, max(c, d))"},
    {"min(min(x, y), y)", "min(x, y)"},
    {"max(max(x, y), y)", "max(x, y)"},
    {"min(min(x, z), y)", "min(z, y)", [](const Match& m) { return always_le(m, m.y(), m.x()); }},
    {"min(min(x, z), y)", "min(x, y)", [](const Match& m) { return always_le(m, m.y(), m.z()); }},
    {"min(min(x, z), y)", "min(x, z)",
     [](const Match& m) { return always_le(m, m.x(), m.y()) || always_le(m, m.z(), m.y()); }},
    {"max(max(x, z), y)", "max(z, y)", [](const Match& m) { return always_le(m, m.x(), m.y()); }},
    {"max(max(x, z), y)", "max(x, y)", [](const Match& m) { return always_le(m, m.z(), m.y()); }},
    {"max(max(x, z), y)", "max(x, z)",
     [](const Match& m) { return always_le(m, m.y(), m.x()) || always_le(m, m.y(), m.z()); }},

    {"x < x", "false"},
    {"x <= x", "true"},
    {"x == x", "true"},
    {"x != x", "false"},
    {"c == x", "x == c"},
    {"c != x", "x != c"},
    {"x <= c", "x < c + 1", [](const Match& m) { return sum_fits(m, m.c(), 1); }},
    {"c <= x", "c - 1 < x", [](const Match& m) { return difference_fits(m, m.c(), 1); }},
    {"x + c < d", "x < d - c",
     [](const Match& m) { return exact_left(m) && difference_fits(m, m.d(), m.c()); }},
    {"x - c < d", "x < d + c",
     [](const Match& m) { return exact_left(m) && sum_fits(m, m.d(), m.c()); }},
    {"c < x + d", "c - d < x",
     [](const Match& m) { return m.exact(right(m)) && difference_fits(m, m.c(), m.d()); }},
    {"c < x - d", "c + d < x",
     [](const Match& m) { return m.exact(right(m)) && sum_fits(m, m.c(), m.d()); }},
    {"x + c == d", "x == d - c"},  // adding is a bijection modulo 2^n
    {"x + c != d", "x != d - c"},
    {"x - c == d", "x == d + c"},
    {"x - c != d", "x != d + c"},
    {"x + z < y + z", "x < y", exact_sides},
    {"z + x < z + y", "x < y", exact_sides},
    {"x * c < y * c", "x < y", [](const Match& m) { return m.c() > 0 && exact_sides(m); }},
    {"x * c < d", "x < d / c",
     [](const Match& m) { return m.c() > 0 && m.d() % m.c() == 0 && exact_left(m); }},
    {"x * c < d", "x < d / c + 1",
     [](const Match& m) { return m.c() > 1 && m.d() > 0 && m.d() % m.c() != 0 && exact_left(m); }},
    {"c < x * d", "c / d < x",
     [](const Match& m) { return m.d() > 0 && m.c() >= 0 && m.exact(right(m)); }},
    {"x * c + y < d", "x < d / c", tile_of},
    {"y + x * c < d", "x < d / c", tile_of},
    {"x / c < d", "x < c * d",
     [](const Match& m) {
       int64_t product = 0;
       return m.c() > 0 && m.d() > 0 && !__builtin_mul_overflow(m.c(), m.d(), &product) &&
              m.fits(product);
     }},
    {"!(x < y)", "y <= x", [](const Match& m) { return is_int(m.x()->dtype); },
     RuleTypes::conditions},
    {"!(x <= y)", "y < x", [](const Match& m) { return is_int(m.x()->dtype); },
     RuleTypes::conditions},
    {"!(x == y)", "x != y", nullptr, RuleTypes::conditions},
    {"!(x != y)", "x == y", nullptr, RuleTypes::conditions},
};

}  // namespace

std::span<const Rule> order_rules() {
  return kRules;
}

}  // namespace pimjit
