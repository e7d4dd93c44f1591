#ifndef PIMJIT_CORE_SCHEDULE_FEATURES_H_
#define PIMJIT_CORE_SCHEDULE_FEATURES_H_

#include <array>
#include <vector>

#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// What a schedule costs before any code exists, from the loop tree alone. Per stage on the device;
// cheap (microseconds).
struct StageFeatures {
  int64_t units = 0;
  int64_t instances_per_unit = 1;
  double iterations = 0;         // of the innermost body, per innermost instance, guards ignored
  double useful_iterations = 0;  // of the whole stage, edges excluded, all instances
  double guard_tests = 0;        // per innermost instance
  std::vector<double>
      link_bytes;  // per link of the target: device links per unit, host links over all units
  std::vector<double> link_copies;  // per link: operations per unit / pushes by the host
  // Per link of the host: pushes where those to units that take slices alike are one, and the bytes
  // that the host copies to make them one.
  std::vector<double> link_joined, link_join_bytes;
  std::vector<int64_t> scope_bytes;  // per scope, in one instance: homes and local buffers
  double host_pack_bytes = 0, host_reduce_bytes = 0;
  int64_t host_reduce_threads = 0;  // at most; 0: all there are
  double barriers = 0;              // per unit
  double slots = 0;                 // numerics cost x operations, per innermost instance
};
// Issue slots of one iteration of a stage's body on one instance, its loads and store included.
double body_slots(const Workload& w, const TargetDesc& target, const Stage& stage,
                  const StageLayout* layout = nullptr);

StageFeatures features_of(const Workload& w, const TargetDesc& target, const Schedule& s, int stage,
                          const StageLayout& layout);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_FEATURES_H_
