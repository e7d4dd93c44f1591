#ifndef PIMJIT_SEARCH_MEASURE_WORKER_MEASURER_H_
#define PIMJIT_SEARCH_MEASURE_WORKER_MEASURER_H_

#include <memory>
#include <string>

#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/problem.h"
#include "pimjit/search/measure/worker_process.h"

namespace pimjit {

// `jobs` processes of `program` (pimjit-worker), each with its own plugin and device: a schedule
// that hangs or crashes ends one of them, which is replaced. `problem` must come from an
// OpenTarget that was opened by name. Errors: those of WorkerProcess::start for the first one.
Result<std::unique_ptr<Measurer>> make_worker_measurer(std::shared_ptr<const Problem> problem,
                                                       int jobs, const std::string& program,
                                                       const WorkerLimits& limits);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_WORKER_MEASURER_H_
