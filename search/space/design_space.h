#ifndef PIMJIT_SEARCH_SPACE_DESIGN_SPACE_H_
#define PIMJIT_SEARCH_SPACE_DESIGN_SPACE_H_

#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/support/random.h"
#include "pimjit/search/space/machine_view.h"
#include "pimjit/search/space/point.h"

namespace pimjit {

struct SpaceOptions {
  std::vector<int> resident = {};  // tensors that stay on the device between calls
  bool split_reductions = true;    // false: no partial results for the host
};

// Which reductions of the first device stage run in parallel: the structural choice that sampling
// balances over.
struct DesignFamily {
  bool by_host = false;    // partial results that the host combines
  bool by_device = false;  // partial results of the instances of a unit, combined on the device
  bool operator==(const DesignFamily&) const = default;
  std::string text() const;  // "combined by host and device", ...
};

// The schedules the search looks at, from the target description alone. Immutable; any thread.
// Everything random is drawn from the caller's stream.
class DesignSpace {
 public:
  DesignSpace(std::shared_ptr<const Workload> workload, std::shared_ptr<const TargetDesc> target,
              SpaceOptions options = {});

  const Workload& workload() const { return *workload_; }
  const TargetDesc& target() const { return *target_; }
  const MachineView& machine() const { return machine_; }
  const std::vector<DesignFamily>& families() const { return families_; }
  DesignFamily family_of(const Point& point) const;

  Point sample(const DesignFamily& family, RandomStream& random) const;
  // Changes one decision, at times two.
  Point mutate(const Point& point, RandomStream& random) const;
  // Each decision from one of both.
  Point cross(const Point& a, const Point& b, RandomStream& random) const;

  // The trace of a point. Points that differ only in decisions without effect give equal traces.
  Trace emit(const Point& point) const;

  // Versioned hash over workload, target structure and options: equal spaces give equal searches.
  std::string id() const;

 private:
  std::shared_ptr<const Workload> workload_;
  std::shared_ptr<const TargetDesc> target_;
  SpaceOptions options_;
  MachineView machine_;
  std::vector<DesignFamily> families_;
  std::vector<bool> on_device_;  // per stage
  std::vector<int> narrowable_;  // what the device can hold in a narrower type than declared
};

// A number over the instructions of a trace; equal traces, equal numbers.
uint64_t trace_hash(const Trace& trace);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_SPACE_DESIGN_SPACE_H_
