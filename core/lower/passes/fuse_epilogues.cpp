#include <algorithm>

#include "pimjit/core/lower/host_stage.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Whether the access reads, for each element of an output of the same shape, the element at the
// same place. Accesses are inside their tensors, so that nothing is added to an axis that is read
// whole.
bool same_place(const Access& access) {
  for (size_t d = 0; d < access.index.size(); ++d) {
    const std::vector<int64_t>& coefficients = access.index[d].coefficients;
    for (size_t axis = 0; axis < coefficients.size(); ++axis) {
      if (coefficients[axis] != (axis == d ? 1 : 0)) return false;
    }
  }
  return true;
}

bool adds_up(const HostOp& op) {
  return op.kind == OpKind::reduce && op.reducer != Reducer::none &&
         std::any_of(op.map.digits.begin(), op.map.digits.end(),
                     [](const MapDigit& d) { return d.reduce && d.extent > 1; });
}

// A stage that reads of a tensor what it writes itself in its output can be computed piece by
// piece, as the pieces of the tensor are added up: they are still in the caches then.
class Fuser {
 public:
  explicit Fuser(LoweringState& state) : state_(state), m_(state.module) {}

  void run() {
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (m_.ops[i].kind != OpKind::stage) continue;
      const int reduce = reduction_before(i);
      if (reduce >= 0) fuse(static_cast<size_t>(reduce), i);
    }
  }

 private:
  int tensor_of(const HostOp& op) const {
    return m_.host_buffers[static_cast<size_t>(op.tensor_buffer)].tensor;
  }
  const Stage& stage_of(const HostOp& op) const {
    return *std::find_if(m_.workload->stages.begin(), m_.workload->stages.end(),
                         [&](const Stage& s) { return s.output == tensor_of(op); });
  }

  int reduction_before(size_t number) const {
    const HostOp& op = m_.ops[number];
    const Stage& stage = stage_of(op);
    if (stage.reducer != Reducer::none || stage.rank == 0 || !as_written(stage)) return -1;
    for (const int before : op.after) {
      const HostOp& reduce = m_.ops[static_cast<size_t>(before)];
      if (adds_up(reduce) && reduce.fused < 0 && only_writer(before) &&
          reads_in_place(stage, tensor_of(reduce)) && others_precede(op, before))
        return before;
    }
    return -1;
  }

  // A nest that the schedule has cut or put in another order is the user's wish.
  bool as_written(const Stage& stage) const {
    const auto number = static_cast<size_t>(&stage - m_.workload->stages.data());
    const StageSchedule& schedule = m_.schedule.stages[number];
    if (schedule.loops.size() != stage.axes.size()) return false;
    return std::is_sorted(schedule.nest.begin(), schedule.nest.end());
  }

  bool reads_in_place(const Stage& stage, int tensor) const {
    const auto& shape = m_.workload->tensors[static_cast<size_t>(tensor)].shape;
    if (shape != m_.workload->tensors[static_cast<size_t>(stage.output)].shape) return false;
    bool reads = false;
    for (const Access& access : stage.accesses) {
      if (access.tensor != tensor) continue;
      if (!same_place(access)) return false;
      reads = true;
    }
    return reads;
  }

  bool only_writer(int reduce) const {
    const int tensor = m_.ops[static_cast<size_t>(reduce)].tensor_buffer;
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      const HostOp& op = m_.ops[i];
      const bool writes =
          op.kind == OpKind::reduce || op.kind == OpKind::stage || op.kind == OpKind::fill;
      if (writes && op.tensor_buffer == tensor && static_cast<int>(i) != reduce) return false;
    }
    return true;
  }

  // Other stages on the host, launches and packing read tensors through their stages' accesses.
  bool only_reader(int tensor, size_t stage) const {
    const Tensor& t = m_.workload->tensors[static_cast<size_t>(tensor)];
    if (t.role != TensorRole::intermediate) return false;
    return std::all_of(m_.workload->stages.begin(), m_.workload->stages.end(), [&](const Stage& s) {
      return &s == &stage_of(m_.ops[stage]) ||
             std::none_of(s.accesses.begin(), s.accesses.end(),
                          [&](const Access& access) { return access.tensor == tensor; });
    });
  }

  // What else the stage reads is there before the reduction begins.
  static bool others_precede(const HostOp& stage, int reduce) {
    return std::all_of(stage.after.begin(), stage.after.end(),
                       [&](int before) { return before <= reduce; });
  }

  void fuse(size_t reduce, size_t number) {
    HostOp& first = m_.ops[reduce];
    HostOp& second = m_.ops[number];
    const Stage& stage = stage_of(second);
    for (const int before : second.after) {
      if (before != static_cast<int>(reduce)) first.after.push_back(before);
    }
    std::sort(first.after.begin(), first.after.end());
    first.after.erase(std::unique(first.after.begin(), first.after.end()), first.after.end());
    second.row_kernel = static_cast<int>(m_.host_kernels.size());
    m_.host_kernels.push_back(
        host_stage_row(*m_.workload, static_cast<int>(&stage - m_.workload->stages.data())));
    first.fused = static_cast<int>(number);
    first.passed_on = only_reader(tensor_of(first), number);
    second.fused = static_cast<int>(reduce);
    state_.firings.note(cat(second.name, " takes what ", first.name, " adds up"));
  }

  LoweringState& state_;
  LoweredModule& m_;
};

}  // namespace

Status fuse_epilogues(LoweringState& state) {
  Fuser(state).run();
  return {};
}

}  // namespace pimjit
