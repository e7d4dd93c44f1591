#ifndef PIMJIT_CORE_RUN_UNIT_TIMER_H_
#define PIMJIT_CORE_RUN_UNIT_TIMER_H_

#include <memory>
#include <span>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/device_space.h"
#include "pimjit/core/run/run_report.h"
#include "pimjit/core/run/unit_classes.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

struct UnitTiming {
  RunReport report;                // as of a whole call that finds resident tensors in place
  std::vector<double> kernel_ns;   // per kernel: the slowest of the units that ran
  std::vector<int64_t> units_run;  // ascending
  int64_t bytes_touched = 0;       // of tensors, staging and device memory, to find out
};

// Times a module on a modelled machine without doing all of its work: packs, copies and runs the
// units that stand for all (unit_classes.h), takes the slowest for each launch, and everything
// else as the description models it. Produces no result. For candidates of a search, whose output
// is checked elsewhere. One owner; the device may be shared.
class UnitTimer {
 public:
  // `images` by number of kernel. Up to `classes` units of each kernel run. Errors, target: what
  // the device says; internal: as verify_host_program; user: "measured_target" for a machine whose
  // times are measured, and "whole_launches" for one that cannot launch a part of its units.
  static Result<UnitTimer> create(std::shared_ptr<const LoweredModule> module,
                                  std::shared_ptr<DeviceSpace> space,
                                  const std::vector<std::vector<std::byte>>& images,
                                  size_t classes = 3);

  // The same for units of choice, ascending, rather than those that stand for all.
  static Result<UnitTimer> create_for(std::shared_ptr<const LoweredModule> module,
                                      std::shared_ptr<DeviceSpace> space,
                                      const std::vector<std::vector<std::byte>>& images,
                                      std::vector<int64_t> units);

  // `tensors` by number of the workload's tensors; only inputs need data. Errors as of
  // ModuleRunner::run.
  Result<UnitTiming> run(std::span<const TensorView> tensors) const;

  // What `unit`, one of those that ran last, has computed of the output of a module with one
  // kernel: the elements at range.low and following, without what other units add to them. Errors,
  // user: "whole_launches" where the results are no copies of a unit's memory; target: what the
  // device says.
  Result<HostTensor> result_of(int64_t unit, const UnitRange& range) const;

 private:
  struct State;
  static Result<UnitTimer> make(std::shared_ptr<const LoweredModule> module,
                                std::shared_ptr<DeviceSpace> space,
                                const std::vector<std::vector<std::byte>>& images,
                                std::vector<int64_t> units);

  std::shared_ptr<const State> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_UNIT_TIMER_H_
