#ifndef PIMJIT_SEARCH_MODEL_CANDIDATE_FEATURES_H_
#define PIMJIT_SEARCH_MODEL_CANDIDATE_FEATURES_H_

#include <array>
#include <string>
#include <vector>

#include "pimjit/core/schedule/host_side_time.h"
#include "pimjit/core/schedule/schedule.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// What the cost models see of a schedule: numbers from the loop tree alone, microseconds to make.
// Logarithms (base 2, of 1 + x) where a number spans orders of magnitude.

// Busy times that the target's description predicts, in ns. A plain sum of parts that may overlap
// in truth; good for ranking, not for reporting.
struct PredictedTime : HostSideTime {
  double kernel = 0;
  double compute = 0, transfer = 0;  // parts of `kernel`: issue slots, copies inside a unit
  double total() const { return h2d + launch + kernel + d2h + host; }
};

struct CandidateFeatures {
  std::vector<float>
      values;  // as many for every schedule of a workload with the same stages on the device
  PredictedTime predicted;
};
// Pure; any thread. The schedule has passed check_schedule.
CandidateFeatures candidate_features(const Workload& w, const TargetDesc& target,
                                     const Schedule& schedule);

// What no schedule can beat: every resident input left out, each streamed input and the result
// crossing the host's links once, every iteration taking one issue slot of one unit. ns.
double bound_ns(const Workload& w, const TargetDesc& target, const std::vector<int>& resident);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MODEL_CANDIDATE_FEATURES_H_
