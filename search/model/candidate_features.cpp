#include "pimjit/search/model/candidate_features.h"

#include <algorithm>
#include <cmath>

#include "pimjit/core/schedule/features.h"
#include "pimjit/core/schedule/stored_type.h"
#include "pimjit/core/target/link_time.h"

namespace pimjit {
namespace {

// Innermost loops of the nest, and how often bodies are copied.
struct InnerLoops {
  double extent[3] = {1, 1, 1};
  double copies = 1, branches = 0;  // branches: loop ends passed by one innermost instance
  bool innermost_reduces = false, vectorized = false;
};

InnerLoops inner_loops_of(const StageSchedule& s) {
  InnerLoops inner;
  size_t seen = 0;
  for (size_t p = s.nest.size(); p-- > 0 && seen < 3;) {
    const Loop& loop = s.loops[static_cast<size_t>(s.nest[p])];
    if (loop.level >= 0 || loop.extent <= 1) continue;
    if (seen == 0) inner.innermost_reduces = loop.axis_kind == AxisKind::reduction;
    inner.extent[seen++] = static_cast<double>(loop.extent);
  }
  double visits = 1;
  for (const LoopId id : s.nest) {
    const Loop& loop = s.loops[static_cast<size_t>(id)];
    if (loop.level >= 0) continue;
    const auto extent = static_cast<double>(std::max<int64_t>(loop.extent, 1));
    visits *= extent;
    double copies = 1;
    if (loop.kind == LoopKind::unrolled) copies = loop.unroll == 0 ? extent : loop.unroll;
    if (loop.kind == LoopKind::vectorized) inner.vectorized = true;
    inner.copies *= copies;
    inner.branches += visits / copies;
  }
  return inner;
}

class FeatureMaker {
 public:
  FeatureMaker(const Workload& w, const TargetDesc& target, const Schedule& schedule)
      : w_(w), target_(target), schedule_(schedule) {}

  CandidateFeatures run() {
    for (size_t s = 0; s < schedule_.stages.size(); ++s) add_stage(s);
    PredictedTime& t = out_.predicted;
    const double kernel_parts[] = {t.h2d, t.launch, t.compute, t.transfer, t.kernel, t.d2h, t.host};
    for (const double part : kernel_parts) add_log(part);
    return std::move(out_);
  }

 private:
  void add(double value) { out_.values.push_back(static_cast<float>(value)); }
  void add_log(double value) { add(std::log2(1 + std::max(value, 0.0))); }

  void add_stage(size_t s) {
    const StageSchedule& stage = schedule_.stages[s];
    if (!stage.on_device()) {
      double operations = static_cast<double>(w_.stages[s].body.size());
      for (const Axis& axis : w_.stages[s].axes) operations *= static_cast<double>(axis.extent);
      bool threads = false;
      for (const Loop& loop : stage.loops) threads = threads || loop.kind == LoopKind::parallel;
      out_.predicted.host += ns_at_rate(
          operations, target_.host.scalar_ops_per_ns * (threads ? target_.host.threads : 1));
      return;
    }
    const auto layout = layout_stage(w_, target_, schedule_, static_cast<int>(s));
    if (!layout) return;
    const StageFeatures f = features_of(w_, target_, schedule_, static_cast<int>(s), *layout);
    const InnerLoops inner = inner_loops_of(stage);
    add_nest(f, inner);
    add_memory(stage, f, *layout);
    predict(w_.stages[s], f, inner);
  }

  void add_nest(const StageFeatures& f, const InnerLoops& inner) {
    add_log(static_cast<double>(f.units));
    add_log(static_cast<double>(f.instances_per_unit));
    add_log(f.iterations);
    const double done = f.iterations * static_cast<double>(f.units * f.instances_per_unit);
    add(f.useful_iterations / std::max(done, 1.0));
    add_log(f.guard_tests);
    add_log(f.slots);
    add_log(f.barriers);
    for (int l = 0; l < 3; ++l) add_log(inner.extent[l]);
    add_log(inner.copies);
    add_log(inner.branches);
    add(inner.innermost_reduces ? 1 : 0);
    add(inner.vectorized ? 1 : 0);
    add_log(f.host_pack_bytes);
    add_log(f.host_reduce_bytes);
  }

  void add_memory(const StageSchedule& stage, const StageFeatures& f, const StageLayout& layout) {
    for (size_t l = 0; l < f.link_bytes.size(); ++l) {
      add_log(f.link_bytes[l]);
      add_log(f.link_copies[l]);
      add_log(f.link_bytes[l] / std::max(f.link_copies[l], 1.0));
    }
    for (size_t i = 0; i < f.scope_bytes.size(); ++i) {
      add_log(static_cast<double>(f.scope_bytes[i]));
    }
    const auto depth = static_cast<double>(stage.nest.size());
    for (const OperandLayout& o : layout.reads) add_cache(o, depth);
    add_cache(layout.result, depth);
  }

  void add_cache(const OperandLayout& o, double depth) {
    const bool cached = !o.caches.empty();
    add(cached ? o.caches.front().depth / std::max(depth, 1.0) : -1);
    add_log(cached ? static_cast<double>(o.caches.front().tile_elements) : 0);
    add(cached && o.caches.front().shared ? 1 : 0);
    const int64_t last =
        cached && !o.caches.front().tile.empty() ? o.caches.front().tile.back().extent : 1;
    add_log(static_cast<double>(last));
  }

  // An innermost instance issues its slots one after another; those of one unit share its issue
  // port. Copies inside a unit run beside it.
  void predict(const Stage& stage, const StageFeatures& f, const InnerLoops& inner) {
    PredictedTime& t = out_.predicted;
    const double loop_cost = target_.numeric(stage.compute, NumericOp::add).cost +
                             target_.numeric(stage.compute, NumericOp::compare).cost;
    const double guard_cost = target_.numeric(stage.compute, NumericOp::compare).cost;
    const double each = f.slots + inner.branches * loop_cost + f.guard_tests * guard_cost;
    const auto instances = static_cast<double>(f.instances_per_unit);
    const double port = std::max(instances, target_.issue_interval());
    const double compute = ns_at_rate(each * port * 1e3, target_.clock_mhz);
    double transfer = 0;
    for (size_t l = 0; l < target_.links.size(); ++l) {
      const Link& link = target_.links[l];
      if (link.from == kHost || link.to == kHost) continue;
      transfer += f.link_copies[l] * link.cost.fixed_ns + f.link_bytes[l] * link.cost.ns_per_byte;
    }
    t.compute += compute;
    t.transfer += transfer;
    t.kernel += std::max(compute, transfer) + 0.2 * std::min(compute, transfer);
    add_host_side(target_, f, t);
  }

  const Workload& w_;
  const TargetDesc& target_;
  const Schedule& schedule_;
  CandidateFeatures out_;
};

}  // namespace

CandidateFeatures candidate_features(const Workload& w, const TargetDesc& target,
                                     const Schedule& schedule) {
  return FeatureMaker(w, target, schedule).run();
}

double bound_ns(const Workload& w, const TargetDesc& target, const std::vector<int>& resident) {
  const int home = target.home_scope();
  const auto best_rate = [](const Link& link) {
    if (link.cost.table.empty()) return link.cost.ns_per_byte;
    double rate = 0;
    for (const auto& pair : link.cost.table) rate = std::max(rate, pair[1]);
    return rate > 0 ? 1 / rate : 0;
  };
  double ns = 0;
  for (size_t t = 0; t < w.tensors.size(); ++t) {
    const bool stays =
        std::find(resident.begin(), resident.end(), static_cast<int>(t)) != resident.end();
    const Tensor& tensor = w.tensors[t];
    if (stays || tensor.role == TensorRole::intermediate) continue;
    const int link = tensor.role == TensorRole::input ? target.find_link(kHost, home)
                                                      : target.find_link(home, kHost);
    if (link < 0) continue;
    const Link& l = target.links[static_cast<size_t>(link)];
    const DType type = narrow_type(w, static_cast<int>(t)).value_or(tensor.dtype);
    const double bytes = static_cast<double>(tensor.elements()) * bytes_of(type);
    ns += l.cost.fixed_ns + bytes * best_rate(l);
  }
  // At least one slot per iteration; lanes share one.
  double iterations = 0, lanes = 1;
  for (const Stage& stage : w.stages) {
    double of_stage = 1;
    for (const Axis& axis : stage.axes) of_stage *= static_cast<double>(axis.extent);
    iterations += of_stage;
  }
  for (const Level& level : target.levels) {
    if (level.kind == LevelKind::lane) lanes *= static_cast<double>(level.count);
  }
  const auto units = static_cast<double>(target.instances(target.unit_level()));
  ns += ns_at_rate(iterations * 1e3, target.clock_mhz * units * lanes) + target.host.launch_ns;
  return ns;
}

}  // namespace pimjit
