#include "pimjit/core/schedule/features.h"

#include <algorithm>
#include <map>

#include "pimjit/core/schedule/final_reduction.h"
#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/numeric_ops.h"

namespace pimjit {
namespace {

class Counter {
 public:
  Counter(const Workload& w, const TargetDesc& target, const Schedule& s, int stage,
          const StageLayout& layout)
      : w_(w),
        target_(target),
        schedule_(s),
        number_(stage),
        stage_(w.stages[static_cast<size_t>(stage)]),
        s_(s.stages[static_cast<size_t>(stage)]),
        layout_(layout) {}

  StageFeatures run() {
    out_.units = layout_.units();
    out_.instances_per_unit = layout_.instances_per_unit();
    out_.link_bytes.assign(target_.links.size(), 0);
    out_.link_copies.assign(target_.links.size(), 0);
    out_.scope_bytes.resize(target_.scopes.size());
    for (size_t i = 0; i < out_.scope_bytes.size(); ++i)
      out_.scope_bytes[i] = layout_.home_bytes[i] + layout_.scope_elements_bytes[i];
    count_iterations();
    for (const OperandLayout& o : layout_.reads) {
      count_device(o);
      count_upload(o);
    }
    count_device(layout_.result);
    join_uploads();
    count_download(layout_.result);
    count_combines();
    out_.host_reduce_threads = final_reduction(schedule_, number_).reduce_threads;
    return std::move(out_);
  }

 private:
  const Loop& at(int p) const {
    return s_.loops[static_cast<size_t>(s_.nest[static_cast<size_t>(p)])];
  }
  const Tensor& tensor(const OperandLayout& o) const {
    return w_.tensors[static_cast<size_t>(o.tensor)];
  }
  double element(const OperandLayout& o) const { return bytes_of(o.type); }

  void count_iterations() {
    out_.iterations = 1;
    for (LoopId id : s_.nest) {
      const Loop& l = s_.loops[static_cast<size_t>(id)];
      if (!runs_in_parallel(target_, l)) out_.iterations *= static_cast<double>(l.extent);
    }
    out_.useful_iterations = 1;
    for (const Axis& axis : stage_.axes) out_.useful_iterations *= static_cast<double>(axis.extent);
    const int guards = __builtin_popcountll(guarded_loops(s_, pads_are_guards(layout_)));
    out_.guard_tests = out_.iterations * guards;
    out_.slots = out_.iterations * body_slots(w_, target_, stage_, &layout_);
  }

  // How often the position at `depth` is reached in one unit: the serial loops outside it, once per
  // instance that has a position of its own.
  double visits(int depth) const {
    double n = 1;
    for (int p = 0; p < depth; ++p) {
      const Loop& l = at(p);
      if (runs_in_parallel(target_, l) && l.level <= layout_.unit_level) continue;
      n *= static_cast<double>(l.extent);
    }
    return n;
  }

  // Visits that reload results: all but the first, where reduction loops outside are not factored.
  double reloads(int depth) const {
    double again = 1;
    for (int p = 0; p < depth; ++p) {
      const Loop& l = at(p);
      if (l.axis_kind == AxisKind::reduction && !l.rfactored)
        again *= static_cast<double>(std::max<int64_t>(l.extent, 1));
    }
    return visits(depth) * (1 - 1 / again);
  }

  // Instances whose partial results are combined before one of them flushes; only that one reloads.
  double combined(int depth) const {
    double n = 1;
    for (int p = 0; p < depth; ++p) {
      const Loop& l = at(p);
      if (l.rfactored && runs_in_parallel(target_, l) && combines_over(target_, l.level))
        n *= static_cast<double>(std::max<int64_t>(l.extent, 1));
    }
    return n;
  }

  void add_copies(int link, double copies, double bytes) {
    if (link < 0) return;
    const size_t i = static_cast<size_t>(link);
    const Link& l = target_.links[i];
    const double pieces =
        l.max_bytes == INT64_MAX
            ? 1
            : std::max<double>(
                  1, static_cast<double>(ceil_div(static_cast<int64_t>(bytes), l.max_bytes)));
    out_.link_copies[i] += copies * pieces;
    out_.link_bytes[i] += copies * bytes;
  }

  void count_device(const OperandLayout& o) {
    const bool is_result = o.access == kOutputAccess;
    if (o.staged) {
      const double each = out_.iterations * static_cast<double>(out_.instances_per_unit);
      const double bytes = static_cast<double>(o.staging_elements) * element(o);
      add_copies(o.link_in, each, bytes);
      if (is_result) add_copies(o.link_out, each, bytes);
      return;
    }
    for (const Storage& cache : o.caches) {
      if (cache.shared) out_.barriers += 2 * visits(cache.depth);
    }
    if (o.caches.empty()) return;
    const Storage& outermost = o.caches.front();
    const double bytes = element(o) * static_cast<double>(o.home.native ? outermost.useful_elements
                                                                        : o.home.tile_elements);
    if (!is_result) return add_copies(o.link_in, visits(outermost.depth), bytes);
    add_copies(o.link_out, visits(outermost.depth) / combined(outermost.depth), bytes);
    add_copies(o.link_in, reloads(outermost.depth) / combined(outermost.depth), bytes);
  }

  // Instances of the scope that hold an operand's home, and how many of them hold different bytes.
  struct Homes {
    double instances = 1, distinct = 1;
  };
  Homes homes_of(const OperandLayout& o) const {
    Homes homes;
    const int level = target_.scopes[static_cast<size_t>(o.home.scope)].level;
    const bool is_result = o.access == kOutputAccess;
    for (size_t p = 0; p < s_.nest.size(); ++p) {
      const Loop& l = at(static_cast<int>(p));
      if (!runs_in_parallel(target_, l) || l.level > level) continue;
      const double n = static_cast<double>(std::max<int64_t>(l.extent, 1));
      homes.instances *= n;
      if ((o.leaves >> s_.nest[p] & 1) != 0 || (is_result && l.rfactored)) homes.distinct *= n;
    }
    return homes;
  }

  bool is_resident(int number) const {
    for (const Placement& p : schedule_.placements) {
      if (p.tensor == number) return p.residency == Residency::resident;
    }
    return false;
  }

  void count_upload(const OperandLayout& o) {
    if (o.home.native || is_resident(o.tensor)) return;
    const Homes homes = homes_of(o);
    const double bytes = static_cast<double>(o.home.elements) * element(o);
    // What is narrow on the device is read as it was declared.
    if (!o.home.as_tensor || o.type != tensor(o).dtype) {
      out_.host_pack_bytes +=
          static_cast<double>(o.home.elements * bytes_of(tensor(o).dtype)) * homes.distinct;
    }
    const int link = target_.find_link(kHost, o.home.scope);
    if (link < 0) return;
    const Link& l = target_.links[static_cast<size_t>(link)];
    const bool once = l.broadcast && homes.distinct == 1 && !l.broadcast_costs_per_unit;
    out_.link_bytes[static_cast<size_t>(link)] += bytes * (once ? 1 : homes.instances);
    out_.link_copies[static_cast<size_t>(link)] += 1;
    uploads_[static_cast<size_t>(link)].push_back({slicing_of(o), homes.distinct, bytes});
  }

  // A push of one operand: the loops over units that its slices depend on, slices, bytes of one.
  struct Upload {
    LoopMask slicing;
    double slices, bytes;
  };
  LoopMask slicing_of(const OperandLayout& o) const {
    LoopMask mask = 0;
    for (int p = 0; p < layout_.unit_loops; ++p) {
      if (at(p).extent > 1) mask |= o.leaves & LoopMask{1} << s_.nest[static_cast<size_t>(p)];
    }
    return mask;
  }

  // Slices go with slices of the same units, and what all units have alike with any of them.
  void join_uploads() {
    out_.link_joined = out_.link_copies;
    out_.link_join_bytes.assign(target_.links.size(), 0);
    for (auto& [link, uploads] : uploads_) {
      std::stable_sort(uploads.begin(), uploads.end(),
                       [](const Upload& a, const Upload& b) { return a.slicing < b.slicing; });
      double pushes = 0, copied = 0;
      for (size_t i = 0; i < uploads.size(); ++pushes) {
        Upload all = uploads[i];
        size_t members = 1;
        for (++i; i < uploads.size(); ++i, ++members) {
          if (all.slicing != 0 && uploads[i].slicing != all.slicing) break;
          all = {uploads[i].slicing, std::max(all.slices, uploads[i].slices),
                 all.bytes + uploads[i].bytes};
        }
        if (members > 1) copied += all.slices * all.bytes;
      }
      out_.link_joined[link] = pushes;
      out_.link_join_bytes[link] = copied;
    }
  }

  void count_download(const OperandLayout& o) {
    if (o.home.native) return;
    const double bytes = static_cast<double>(o.home.elements) * element(o) * homes_of(o).instances;
    // What was narrow on the device is written as it was declared.
    out_.host_reduce_bytes +=
        static_cast<double>(o.home.elements * bytes_of(tensor(o).dtype)) * homes_of(o).instances;
    const int link = target_.find_link(o.home.scope, kHost);
    if (link < 0) return;
    out_.link_bytes[static_cast<size_t>(link)] += bytes;
    out_.link_copies[static_cast<size_t>(link)] += 1;
  }

  // A combine is a tree of barriers over its level.
  void count_combines() {
    if (layout_.result.caches.empty()) return;
    const int depth = layout_.result.caches.front().depth;
    const double members = combined(depth);
    if (members <= 1) return;
    double steps = 1;
    for (double n = 1; n < members; n *= 2) ++steps;
    out_.barriers += visits(depth) / static_cast<double>(out_.instances_per_unit) * steps;
  }

  const Workload& w_;
  const TargetDesc& target_;
  const Schedule& schedule_;
  const int number_;
  const Stage& stage_;
  const StageSchedule& s_;
  const StageLayout& layout_;
  std::map<size_t, std::vector<Upload>> uploads_;  // per link
  StageFeatures out_;
};

}  // namespace

double body_slots(const Workload& w, const TargetDesc& target, const Stage& stage,
                  const StageLayout* layout) {
  const DType compute = stage.compute;
  double cost = 0;
  for (const ScalarNode& node : stage.body) {
    if (node.op == ScalarOp::constant) continue;
    if (node.op != ScalarOp::load) {
      cost += target.numeric(compute, operation_of(node.op)).cost;
      continue;
    }
    const auto access = static_cast<size_t>(node.a);
    const DType stored = layout != nullptr
                             ? layout->reads[access].type
                             : w.tensors[static_cast<size_t>(stage.accesses[access].tensor)].dtype;
    cost += target.numeric(stored, NumericOp::load).cost;
    if (stored != compute) cost += target.numeric(compute, NumericOp::convert).cost;
  }
  if (stage.reducer == Reducer::none) {
    const DType stored = layout != nullptr ? layout->result.type : compute;
    if (stored != compute) cost += target.numeric(stored, NumericOp::convert).cost;
    return cost + target.numeric(stored, NumericOp::store).cost;
  }
  return cost + target.numeric(compute, operation_of(stage.reducer)).cost;
}

StageFeatures features_of(const Workload& w, const TargetDesc& target, const Schedule& s, int stage,
                          const StageLayout& layout) {
  return Counter(w, target, s, stage, layout).run();
}

}  // namespace pimjit
