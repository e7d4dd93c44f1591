#include "pimjit/core/target/link_time.h"

namespace pimjit {
namespace {

// Linear between the pairs, constant outside.
double interpolate(const std::vector<std::array<double, 2>>& table, double at) {
  if (at <= table.front()[0]) return table.front()[1];
  for (size_t i = 1; i < table.size(); ++i) {
    const auto& [x0, y0] = table[i - 1];
    const auto& [x1, y1] = table[i];
    if (at <= x1) return x1 > x0 ? y0 + (y1 - y0) * (at - x0) / (x1 - x0) : y1;
  }
  return table.back()[1];
}

double over(double amount, double per_ns) {
  return per_ns > 0 ? amount / per_ns : 0;
}

}  // namespace

double link_ns(const Link& link, int64_t bytes_per_unit, int64_t units, bool broadcast) {
  if (bytes_per_unit <= 0 || units <= 0) return 0;
  const LinkCost& cost = link.cost;
  const bool once = broadcast && !link.broadcast_costs_per_unit;
  const auto each = static_cast<double>(bytes_per_unit);
  const auto taking_part = static_cast<double>(units);
  const double bytes = once ? each : each * taking_part;
  double moving =
      cost.table.empty() ? bytes * cost.ns_per_byte : over(bytes, interpolate(cost.table, each));
  if (!cost.units.empty()) moving = over(moving, interpolate(cost.units, taking_part));
  return cost.fixed_ns + cost.per_unit_ns * taking_part + moving;
}

}  // namespace pimjit
