#ifndef PIMJIT_SEARCH_MEASURE_TRIAL_JOBS_H_
#define PIMJIT_SEARCH_MEASURE_TRIAL_JOBS_H_

#include <functional>
#include <optional>
#include <vector>

#include "pimjit/search/measure/outcome.h"

namespace pimjit {

// Measures one schedule; nothing when it was stopped before it had a result. Called from one
// thread at a time.
using TrialJob = std::function<std::optional<Outcome>(const Trace&)>;

// Lets the jobs, each in a thread, take one trace after the other. Contract: Measurer::measure.
std::vector<Outcome> run_trials(const std::vector<TrialJob>& jobs, const std::vector<Trace>& traces,
                                const std::function<bool()>& stop,
                                const std::function<void(size_t, const Outcome&)>& done);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_TRIAL_JOBS_H_
