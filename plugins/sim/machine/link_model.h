#ifndef PIMJIT_PLUGINS_SIM_MACHINE_LINK_MODEL_H_
#define PIMJIT_PLUGINS_SIM_MACHINE_LINK_MODEL_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pimjit::sim {

// What a transfer between the host and the memories of DPUs takes. The formula and the form of the
// text are those of link costs in docs/targets.md.
struct LinkModel {
  double fixed_ns = 0, per_unit_ns = 0, ns_per_byte = 0;
  std::vector<std::array<double, 2>> table;  // bytes per unit, bytes per ns over all units
  std::vector<std::array<double, 2>> units;  // units, share of that bandwidth

  // Of `units` units with `bytes` each; a broadcast costs as much, since every bank is written.
  double transfer_ns(std::uint64_t bytes, std::uint64_t taking_part) const;
};

// Nothing when the text is none of a link's cost.
std::optional<LinkModel> parse_link_model(std::string_view text);

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_MACHINE_LINK_MODEL_H_
