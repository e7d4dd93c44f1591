#ifndef PIMJIT_PLUGINS_SIM_TIMING_PARAMETERS_H_
#define PIMJIT_PLUGINS_SIM_TIMING_PARAMETERS_H_

#include <cstdint>
#include <string_view>

namespace pimjit::sim {

// Of a v1A DPU, in cycles. Sources: plugins/sim/sim.toml, [plugin.clock], which these defaults
// equal; docs/simulator.md, "The clock".
struct TimingParameters {
  double reissue = 11;       // between two instructions of one thread
  double read_latency = 77;  // of a transfer of 0 bytes, its own instruction included
  double write_latency = 61;
  double per_byte = 0.5;     // both of latency and of the engine's occupancy
  double engine_start = 30;  // occupancy of a transfer of 0 bytes
  // 1: an instruction that reads two registers of one bank (both even, both odd) takes one more
  // cycle for every such pair; 0: it does not.
  double register_banks = 0;
};

// Sets the parameter called `name` as in sim.toml. False, and nothing changed, when there is none
// of that name or the value is out of range: reissue a whole number from 1, register_banks 0 or 1,
// the others at least 0, all at most 1e6.
bool set_parameter(TimingParameters& parameters, std::string_view name, double value);

// What a transfer takes, in whole cycles from the moment when the engine takes it.
struct TransferCycles {
  std::uint64_t occupies = 0;  // the engine
  std::uint64_t blocks = 0;    // its thread
};

// The clock runs in whole cycles; what the parameters make of one transfer is rounded to them.
class WholeCycles {
 public:
  explicit WholeCycles(const TimingParameters& parameters);

  std::uint64_t reissue() const { return reissue_; }
  TransferCycles transfer(bool read, std::uint32_t bytes) const;

 private:
  TimingParameters p_;
  std::uint64_t reissue_;
};

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_TIMING_PARAMETERS_H_
