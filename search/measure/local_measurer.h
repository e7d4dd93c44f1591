#ifndef PIMJIT_SEARCH_MEASURE_LOCAL_MEASURER_H_
#define PIMJIT_SEARCH_MEASURE_LOCAL_MEASURER_H_

#include <memory>

#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/problem.h"

namespace pimjit {

// Lowers and lets the plugin build. `problem` outlives it.
std::unique_ptr<Builder> make_builder(std::shared_ptr<const Problem> problem);

// Runs on a device opened for it. On a modelled machine only the units that stand for all are
// timed and a few are checked; elsewhere whole calls, repeated until their times can be trusted.
// Errors, target: opening the device.
Result<std::unique_ptr<Runner>> make_runner_of(std::shared_ptr<const Problem> problem);

// Builds and runs one schedule; every error becomes a verdict.
Outcome measure_one(const Builder& builder, Runner& runner, const Trace& trace);

// `jobs` threads of this process, each with a device of its own. For modelled machines, whose times
// do not depend on what else runs. Errors, target: opening the devices.
Result<std::unique_ptr<Measurer>> make_local_measurer(std::shared_ptr<const Problem> problem,
                                                      int jobs);

// A whole call on the gate data, every element of the output compared, or a sample where that would
// take more than 2^30 evaluations. Errors: "wrong_result" (internal), and those of running.
Result<Verification> verify_whole(const Problem& problem, const Trace& trace);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_LOCAL_MEASURER_H_
