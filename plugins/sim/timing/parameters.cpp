#include "pimjit/plugins/sim/timing/parameters.h"

#include <algorithm>
#include <cmath>

namespace pimjit::sim {
namespace {

std::uint64_t whole(double cycles) {
  return static_cast<std::uint64_t>(std::llround(cycles));
}

}  // namespace

bool set_parameter(TimingParameters& parameters, std::string_view name, double value) {
  struct Named {
    std::string_view name;
    double* field;
    double least, most;
    bool whole;
  };
  constexpr double kMost = 1e6;
  const Named all[] = {{"reissue", &parameters.reissue, 1, kMost, true},
                       {"read_latency", &parameters.read_latency, 0, kMost, false},
                       {"write_latency", &parameters.write_latency, 0, kMost, false},
                       {"per_byte", &parameters.per_byte, 0, kMost, false},
                       {"engine_start", &parameters.engine_start, 0, kMost, false},
                       {"register_banks", &parameters.register_banks, 0, 1, true}};
  for (const Named& one : all) {
    if (one.name != name) continue;
    if (!(value >= one.least && value <= one.most)) return false;
    if (one.whole && value != std::floor(value)) return false;
    *one.field = value;
    return true;
  }
  return false;
}

WholeCycles::WholeCycles(const TimingParameters& parameters)
    : p_(parameters), reissue_(std::max<std::uint64_t>(1, whole(parameters.reissue))) {}

TransferCycles WholeCycles::transfer(bool read, std::uint32_t bytes) const {
  const double moving = p_.per_byte * bytes;
  // The latency counts from the issue of the instruction; the engine sees it when it has left the
  // pipeline, `reissue` cycles later.
  const double latency = read ? p_.read_latency : p_.write_latency;
  const double rest = std::max(0.0, latency - static_cast<double>(reissue_));
  return {whole(p_.engine_start + moving), whole(rest + moving)};
}

}  // namespace pimjit::sim
