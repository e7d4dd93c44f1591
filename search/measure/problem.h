#ifndef PIMJIT_SEARCH_MEASURE_PROBLEM_H_
#define PIMJIT_SEARCH_MEASURE_PROBLEM_H_

#include <memory>
#include <vector>

#include "pimjit/core/run/open_target.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"
#include "pimjit/search/database/record.h"

namespace pimjit {

// What is measured, with its data: shared by all jobs, which only read it.
struct Problem {
  std::shared_ptr<const Workload> workload;
  OpenTarget target;
  std::vector<HostTensor> timing_data;  // inputs; times are taken on these
  std::vector<HostTensor> gate_data;    // inputs; results are checked on these
  uint64_t seed = 1;
  Record stem;  // what all records of it have in common: keys, names, timing data
};

// Draws the data. Errors (user): "out_of_memory".
Result<std::shared_ptr<const Problem>> make_problem(std::shared_ptr<const Workload> workload,
                                                    OpenTarget target, uint64_t seed);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_PROBLEM_H_
