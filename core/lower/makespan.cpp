#include <algorithm>

#include "pimjit/core/lower/lowered_module.h"

namespace pimjit {

// Operations of one resource run in program order, each as soon as the resource is free and
// everything it waits for has finished.
Makespan makespan(const std::vector<HostOp>& ops, const std::vector<double>& duration) {
  Makespan result;
  double free_at[3] = {0, 0, 0};
  for (size_t i = 0; i < ops.size(); ++i) {
    double& resource = free_at[static_cast<size_t>(ops[i].resource)];
    double start = resource;
    for (const int before : ops[i].after) {
      start = std::max(start, result.end[static_cast<size_t>(before)]);
    }
    const double end = start + duration[i];
    result.start.push_back(start);
    result.end.push_back(end);
    resource = end;
    result.total = std::max(result.total, end);
  }
  return result;
}

}  // namespace pimjit
