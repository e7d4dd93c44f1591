#include "pimjit/plugins/sim/machine/link_model.h"

#include <charconv>

namespace pimjit::sim {
namespace {

using Pairs = std::vector<std::array<double, 2>>;

// Linear between the pairs, constant outside.
double interpolate(const Pairs& pairs, double at) {
  if (at <= pairs.front()[0]) return pairs.front()[1];
  for (std::size_t i = 1; i < pairs.size(); ++i) {
    const auto& [x0, y0] = pairs[i - 1];
    const auto& [x1, y1] = pairs[i];
    if (at <= x1) return y0 + (y1 - y0) * (at - x0) / (x1 - x0);
  }
  return pairs.back()[1];
}

bool read_number(std::string_view text, double& number) {
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && stop == text.data() + text.size() && number >= 0;
}

// The part before the first `separator`; `rest` keeps what follows it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

bool read_pairs(std::string_view text, Pairs& pairs) {
  while (!text.empty()) {
    std::string_view second = cut(text, ',');
    const std::string_view first = cut(second, ':');
    std::array<double, 2> pair{};
    if (!read_number(first, pair[0]) || !read_number(second, pair[1])) return false;
    if (pair[1] <= 0 || (!pairs.empty() && pair[0] <= pairs.back()[0])) return false;
    pairs.push_back(pair);
  }
  return !pairs.empty();
}

bool read_field(std::string_view key, std::string_view value, LinkModel& model) {
  if (key == "fixed_ns") return read_number(value, model.fixed_ns);
  if (key == "per_unit_ns") return read_number(value, model.per_unit_ns);
  if (key == "ns_per_byte") return read_number(value, model.ns_per_byte);
  if (key == "table") return read_pairs(value, model.table);
  if (key == "units") return read_pairs(value, model.units);
  return false;
}

}  // namespace

double LinkModel::transfer_ns(std::uint64_t bytes, std::uint64_t taking_part) const {
  if (bytes == 0 || taking_part == 0) return 0;
  const auto each = static_cast<double>(bytes);
  const auto count = static_cast<double>(taking_part);
  double moving =
      table.empty() ? each * count * ns_per_byte : each * count / interpolate(table, each);
  if (!units.empty()) moving /= interpolate(units, count);
  return fixed_ns + per_unit_ns * count + moving;
}

std::optional<LinkModel> parse_link_model(std::string_view text) {
  LinkModel model;
  while (!text.empty()) {
    std::string_view value = cut(text, ' ');
    const std::string_view key = cut(value, '=');
    if (!read_field(key, value, model)) return std::nullopt;
  }
  return model;
}

}  // namespace pimjit::sim
