#include "pimjit/search/measure/unit_gate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pimjit/core/run/run_once.h"
#include "pimjit/core/run/unit_classes.h"
#include "pimjit/core/run/unit_timer.h"
#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/direct_eval.h"
#include "pimjit/core/verify/gate.h"

namespace pimjit {
namespace {

// The computation over a box of the iteration space only: what lies before the box becomes part of
// every index.
Workload inside(const Workload& workload, const UnitRange& range) {
  Workload part = workload;
  Stage& stage = part.stages.front();
  for (size_t a = 0; a < stage.axes.size(); ++a) {
    stage.axes[a].extent = range.count[a];
    for (Access& access : stage.accesses) {
      for (AffineIndex& index : access.index)
        index.constant += index.coefficients[a] * range.low[a];
    }
  }
  Tensor& output = part.tensors[static_cast<size_t>(part.output())];
  output.shape.assign(range.count.begin(),
                      range.count.begin() + static_cast<std::ptrdiff_t>(output.shape.size()));
  return part;
}

bool can_split(const LoweredModule& module) {
  return module.workload->stages.size() == 1 && module.kernels.size() == 1;
}

class UnitCheck {
 public:
  UnitCheck(const Problem& problem, int64_t sample) : problem_(problem), sample_(sample) {}

  Status check(const UnitTimer& timer, int64_t unit, const UnitRange& range) {
    const Result<HostTensor> found = timer.result_of(unit, range);
    if (!found) return fail(found.error());
    const Workload part = inside(*problem_.workload, range);
    Result<GateReport> report = compare(part, problem_.gate_data, *found,
                                        {sample_, problem_.seed + static_cast<uint64_t>(unit)});
    if (!report) return fail(report.error());
    verified_.method = report->method;
    verified_.elements += report->checked;
    verified_.units += 1;
    verified_.max_error = std::max(verified_.max_error, report->max_error);
    unbounded_ = unbounded_ && report->mismatches == 0 && report->unbounded == report->checked;
    if (report->mismatches == 0) return {};
    const std::string& name = part.tensors[static_cast<size_t>(part.output())].name;
    return fail(internal_error("wrong_result", report->text(name), cat("unit ", unit)));
  }

  // f32 elements that may all overflow prove nothing.
  Result<Verification> finish() {
    if (unbounded_ && verified_.elements > 0) {
      return fail(internal_error("wrong_result", "no checked element has a bound"));
    }
    verified_.method = cat(verified_.method.substr(0, verified_.method.find(',')), ", units");
    verified_.seed = problem_.seed + 1;
    return verified_;
  }

 private:
  const Problem& problem_;
  int64_t sample_;
  Verification verified_;
  bool unbounded_ = true;
};

bool is_idle(const UnitRange& range) {
  return std::find(range.count.begin(), range.count.end(), 0) != range.count.end();
}

// Elements of an output of this rank in the range.
int64_t elements_in(const UnitRange& range, int rank) {
  int64_t n = 1;
  for (int a = 0; a < rank; ++a) n *= range.count[static_cast<size_t>(a)];
  return n;
}

// Elements of the output that the unit works on.
int64_t elements_of(const LoweredModule& module, int64_t unit) {
  const UnitRange range = unit_range(module, 0, unit);
  return is_idle(range) ? 0 : elements_in(range, module.workload->stages.front().rank);
}

// So many of each unit, that they make kGateElements together where there are as many.
int64_t sample_per_unit(const std::vector<UnitRange>& ranges, int rank) {
  const auto total = [&](int64_t each) {
    int64_t sum = 0;
    for (const UnitRange& range : ranges) sum += std::min(elements_in(range, rank), each);
    return sum;
  };
  int64_t each = 1;
  while (each < kGateElements && total(each) < kGateElements) ++each;
  return each;
}

}  // namespace

std::vector<int64_t> gate_units(const LoweredModule& module, uint64_t seed) {
  const int64_t units = module.kernel_units.front();
  std::set<int64_t> chosen = {0, units - 1};
  for (const int64_t unit : representatives(unit_classes(module, 0), kGateUnits)) {
    chosen.insert(unit);
  }
  const Tensor& output = module.workload->tensors[static_cast<size_t>(module.workload->output())];
  const int64_t wanted = std::min(kGateElements, output.elements());
  int64_t elements = 0;
  for (const int64_t unit : chosen) elements += elements_of(module, unit);
  RandomStream random(seed, "gate units");
  const auto enough = [&] { return chosen.size() >= kGateUnits && elements >= wanted; };
  while (!enough() && static_cast<int64_t>(chosen.size()) < units) {
    int64_t unit = random.between(0, units - 1);
    while (!chosen.insert(unit).second) unit = (unit + 1) % units;
    elements += elements_of(module, unit);
  }
  return {chosen.begin(), chosen.end()};
}

Result<Verification> check_units(const Built& built, const std::shared_ptr<DeviceSpace>& space,
                                 const Problem& problem) {
  const LoweredModule& module = *built.module;
  const auto whole = [](const char* why) {
    return fail(user_error("whole_launches", why, "", "check the whole call"));
  };
  if (!can_split(module)) return whole("several kernels or stages depend on each other");
  const std::vector<int64_t> units = gate_units(module, problem.seed);
  std::vector<UnitRange> ranges;
  for (const int64_t unit : units) {
    ranges.push_back(unit_range(module, 0, unit));
    if (!ranges.back().dense) return whole("a unit works on values that are no neighbours");
  }
  const Result<UnitTimer> timer = UnitTimer::create_for(built.module, space, built.images, units);
  if (!timer) return fail(timer.error());
  const Result<UnitTiming> ran = timer->run(input_views(*problem.workload, problem.gate_data));
  if (!ran) return fail(ran.error());
  UnitCheck check(problem, sample_per_unit(ranges, module.workload->stages.front().rank));
  for (size_t u = 0; u < units.size(); ++u) {
    if (is_idle(ranges[u])) continue;
    if (Status right = check.check(*timer, units[u], ranges[u]); !right) return fail(right.error());
  }
  return check.finish();
}

}  // namespace pimjit
