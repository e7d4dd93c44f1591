#ifndef PIMJIT_CORE_RUN_RUN_REPORT_H_
#define PIMJIT_CORE_RUN_RUN_REPORT_H_

#include <array>
#include <string>
#include <vector>

#include "pimjit/core/plugin/device.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// How one call went, phase by phase. Phases are busy times: what their operations took, added up,
// overlap or not. The total is the critical path of the host program.
enum class RunPhase : uint8_t { upload, h2d, launch, kernel, d2h, host };
inline constexpr int kRunPhases = 6;
const char* to_string(RunPhase phase);

struct PhaseTime {
  double ns = 0;
  TimeOrigin origin = TimeOrigin::modelled;
};

struct OperationTime {
  int op;  // of the module
  std::string name;
  RunPhase phase;
  double start_ns, duration_ns;
  TimeOrigin origin;
  double local_ns = 0;  // what this machine's host code took, where it did something
};

// A figure of a launch that belongs to one statement of its kernel (docs/plugins.md, "Events").
struct StatementCounter {
  int kernel = 0;     // of the module
  int statement = 0;  // statement_lines.h
  PluginCounter counter;
};

struct RunReport {
  std::array<PhaseTime, kRunPhases> phases;
  double total_ns = 0;
  TimeOrigin origin = TimeOrigin::modelled;  // of the total: modelled when any part of it is
  double local_host_ns = 0;  // what this machine's host code took for the operations of the host
  double local_wall_ns = 0;  // the whole call on this machine's clock
  std::vector<OperationTime> operations;             // those that ran, in program order
  std::vector<PluginCounter> counters;               // of the launches, where they were asked for
  std::vector<StatementCounter> statement_counters;  // the same

  PhaseTime& phase(RunPhase p) { return phases[static_cast<size_t>(p)]; }
  const PhaseTime& phase(RunPhase p) const { return phases[static_cast<size_t>(p)]; }
};

// The "timing" object of --json, as key and number or text, in the order of docs: origin,
// upload_ns, h2d_ns, launch_ns, kernel_ns, d2h_ns, host_ns, total_ns, local_host_ns.
struct ReportField {
  std::string key;
  bool is_number;
  double number;
  std::string text;
};
std::vector<ReportField> timing_fields(const RunReport& report);

// A table of phases, one line each, with times in readable units, origin, and the total.
std::string to_text(const RunReport& report);

// "1.25 ms", "830 ns"; three digits.
std::string readable_ns(double ns);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_RUN_REPORT_H_
