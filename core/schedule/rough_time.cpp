#include "pimjit/core/schedule/rough_time.h"

#include <algorithm>

#include "pimjit/core/schedule/features.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/target/link_time.h"

namespace pimjit {
namespace {

class Estimate {
 public:
  Estimate(const Workload& w, const TargetDesc& target, const Schedule& s)
      : w_(w), target_(target), s_(s) {}

  Legal<RoughTime> run() {
    for (size_t i = 0; i < s_.stages.size(); ++i) {
      out_.kernels.push_back(0);
      if (!s_.stages[i].on_device()) continue;
      const auto layout = layout_stage(w_, target_, s_, static_cast<int>(i));
      if (!layout) return tl::unexpected(layout.error());
      add_stage(static_cast<int>(i), *layout);
    }
    return out_;
  }

 private:
  void add_stage(int number, const StageLayout& layout) {
    const StageFeatures f = features_of(w_, target_, s_, number, layout);
    const Stage& stage = w_.stages[static_cast<size_t>(number)];
    const auto instances = static_cast<double>(f.instances_per_unit);
    const double slots = f.slots + branches(s_.stages[static_cast<size_t>(number)]) *
                                       (target_.numeric(stage.compute, NumericOp::add).cost +
                                        target_.numeric(stage.compute, NumericOp::compare).cost);
    const double slot_ns = ns_at_rate(1e3, target_.clock_mhz);
    double busy = 0, waited = 0;
    for (size_t l = 0; l < target_.links.size(); ++l) {
      const Link& link = target_.links[l];
      if (link.from == kHost || link.to == kHost) continue;
      busy += f.link_bytes[l] * link.cost.ns_per_byte;
      waited += (f.link_copies[l] * link.cost.fixed_ns + f.link_bytes[l] * link.cost.ns_per_byte) /
                instances;
    }
    // The issue port, the link, or one instance from beginning to end, whichever takes longest.
    const double own = slots * target_.issue_interval() * slot_ns + waited;
    out_.kernels.back() = std::max({slots * instances * slot_ns, busy, own});
    add_host_side(target_, f, out_);
  }

  // Loop ends that one instance passes, unrolled copies left out.
  double branches(const StageSchedule& s) const {
    double n = 1, sum = 0;
    for (LoopId id : s.nest) {
      const Loop& loop = s.loops[static_cast<size_t>(id)];
      if (runs_in_parallel(target_, loop)) continue;
      n *= static_cast<double>(std::max<int64_t>(loop.extent, 1));
      const bool unrolled = loop.kind == LoopKind::unrolled;
      const auto copies = static_cast<double>(unrolled ? loop.unroll : 1);
      if (!unrolled || loop.unroll > 0) sum += n / std::max(copies, 1.0);
    }
    return sum;
  }

  const Workload& w_;
  const TargetDesc& target_;
  const Schedule& s_;
  RoughTime out_;
};

}  // namespace

double RoughTime::total() const {
  double sum = h2d + launch + d2h + host;
  for (double kernel : kernels) sum += kernel;
  return sum;
}

Legal<RoughTime> rough_time(const Workload& w, const TargetDesc& target, const Schedule& s) {
  return Estimate(w, target, s).run();
}

}  // namespace pimjit
