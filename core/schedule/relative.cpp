#include <algorithm>
#include <numeric>

#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/trace_edit.h"

namespace pimjit {
namespace {

Decision reduced_ratio(int64_t n, int64_t d) {
  const int64_t common = std::gcd(n, d);
  return ratio(n / common, d / common);
}

// The factor that carries the work of an instance: the largest one whose loop does not run in
// parallel, when the outermost part does. -1 if there is none.
int scaling_factor(const TargetDesc& target, const std::vector<Loop>& loops, const Loop& parent,
                   const std::vector<int64_t>& factors) {
  const auto part = [&](int p) -> const Loop& {
    return loops[static_cast<size_t>(parent.children[static_cast<size_t>(p)])];
  };
  if (!runs_in_parallel(target, part(0))) return -1;
  int best = -1;
  for (int f = 0; f < static_cast<int>(factors.size()); ++f) {
    if (runs_in_parallel(target, part(f + 1))) continue;
    if (best < 0 || factors[static_cast<size_t>(f)] > factors[static_cast<size_t>(best)]) best = f;
  }
  return best;
}

void make_relative(Instruction& in, const Workload& workload, const TargetDesc& target,
                   const std::vector<Loop>& loops) {
  const Loop& parent = loops[static_cast<size_t>(in.loops[0])];
  if (parent.extent < 1 || parent.child_count != in.decision_count + 1) return;
  const std::vector<int64_t> factors = resolve_factors(in, parent.extent, workload, target);
  const int scaling = scaling_factor(target, loops, parent, factors);
  for (int f = 0; f < in.decision_count; ++f) {
    Decision& d = in.decisions[static_cast<size_t>(f)];
    if (d.kind != DecisionKind::absolute) continue;
    if (d.n >= parent.extent) {
      d = all();
    } else if (f == scaling) {
      d = reduced_ratio(d.n, parent.extent);
    }
  }
}

}  // namespace

Trace relative(const Trace& trace, const Workload& workload, const TargetDesc& target) {
  Trace result = trace;
  Schedule s;
  if (!replay_into(s, workload, target, trace)) return result;
  for (Instruction& in : result.instructions) {
    const std::vector<Loop>& loops = s.stages[static_cast<size_t>(in.stage)].loops;
    if (in.kind == PrimitiveKind::split) make_relative(in, workload, target, loops);
    if (in.kind != PrimitiveKind::unroll || in.decision_count == 0) continue;
    Decision& copies = in.decisions[0];
    const int64_t extent = loops[static_cast<size_t>(in.loops[0])].extent;
    if (copies.kind == DecisionKind::absolute && extent > 1 && copies.n == extent) copies = all();
  }
  return result;
}

}  // namespace pimjit
