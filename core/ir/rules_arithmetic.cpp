#include "pimjit/core/ir/rewrite.h"

namespace pimjit {
namespace {

// Every rule here is an identity modulo 2^n; none needs proof. Constants move to the right, sums of
// products are gathered.
constexpr Rule kRules[] = {
    {"x + 0", "x"},
    {"x - 0", "x"},
    {"x * 0", "0"},
    {"x * 1", "x"},
    {"x - x", "0"},
    {"c + x", "x + c"},
    {"c * x", "x * c"},
    {"x + c + d", "x + (c + d)"},
    {"x + c - d", "x + (c - d)"},
    {"x - c + d", "x + (d - c)"},
    {"x - c - d", "x - (c + d)"},
    {"c - (x + d)", "(c - d) - x"},
    {"c - (d - x)", "x + (c - d)"},
    {"(c - x) + d", "(c + d) - x"},
    {"(c - x) - d", "(c - d) - x"},
    {"x + c + y", "x + y + c"},
    {"x - c + y", "x + y - c"},
    {"x + (y + c)", "x + y + c"},
    {"x + (y - c)", "x + y - c"},
    {"x + c - y", "x - y + c"},
    {"x - (y + c)", "x - y - c"},
    {"x * c * d", "x * (c * d)"},
    {"x * c * y", "x * y * c"},
    {"x * (y * c)", "x * y * c"},
    {"(x + c) * d", "x * d + c * d"},
    {"(x - c) * d", "x * d - c * d"},
    {"x + y - x", "y"},
    {"x + y - y", "x"},
    {"x - y + y", "x"},
    {"y + (x - y)", "x"},
    {"x - (x - y)", "y"},
    {"x - (x + y)", "0 - y"},
    {"x + (0 - y)", "x - y"},
    {"(0 - x) + y", "y - x"},
    {"x - (0 - y)", "x + y"},
    {"x - y - x", "0 - y"},
    {"x * c + x * d", "x * (c + d)"},
    {"x * c - x * d", "x * (c - d)"},
    {"x * c + x", "x * (c + 1)"},
    {"x + x * c", "x * (c + 1)"},
    {"x * c - x", "x * (c - 1)"},
    {"x + x", "x * 2"},
    {"x * c + y - x * c", "y"},
    {"x / c * c + x % c", "x"},  // holds for c = 0 and MIN / -1 too
    {"x % c + x / c * c", "x"},
    {"x - x / c * c", "x % c"},
    {"min(x, y) + max(x, y)", "x + y"},
};

}  // namespace

std::span<const Rule> arithmetic_rules() {
  return kRules;
}

}  // namespace pimjit
