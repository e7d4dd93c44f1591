#include <algorithm>

#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Whether an operation of a host program reads a tensor that another one writes, by the number of
// its host buffer.
bool reads_tensor(const LoweredModule& m, const HostOp& op, int tensor_buffer) {
  if (op.kind == OpKind::pack) return op.tensor_buffer == tensor_buffer;
  if (op.kind != OpKind::stage) return false;
  const std::vector<int>& buffers = m.host_kernels[static_cast<size_t>(op.kernel)].buffers;
  return std::find(buffers.begin(), buffers.end(), tensor_buffer) != buffers.end();
}

bool same_digits(const TransferMap& a, const TransferMap& b) {
  const auto same = [](const MapDigit& x, const MapDigit& y) {
    return x.extent == y.extent && x.slice_stride == y.slice_stride &&
           x.element_stride == y.element_stride && !x.reduce && !y.reduce;
  };
  return std::equal(a.digits.begin(), a.digits.end(), b.digits.begin(), b.digits.end(), same);
}

// Whether a unit finds each element that it needs where the stage before has left it. The map that
// brings results back may leave positions out only because they lie outside the tensor: of parts
// that overlap, one instance has the result and another would look for it.
bool agree(const HostOp& reduce, const HostOp& pack, bool parts_overlap) {
  const TransferMap& out = reduce.map;
  const TransferMap& in = pack.map;
  if (reduce.reducer != Reducer::none || parts_overlap || in.guard || in.fill_padding) return false;
  if (!same_digits(out, in) || out.slices != in.slices || out.slice_elements != in.slice_elements)
    return false;
  return std::equal(out.index.begin(), out.index.end(), in.index.begin(), in.index.end(),
                    [](const Expr& a, const Expr& b) { return equal(a, b); });
}

bool same_units(const HostOp& back, const HostOp& copy) {
  const auto same = [](const UnitDigit& a, const UnitDigit& b) {
    return a.unit_stride == b.unit_stride && a.extent == b.extent &&
           a.slice_stride == b.slice_stride;
  };
  return back.units == copy.units && back.bytes == copy.bytes &&
         std::equal(back.unit_digits.begin(), back.unit_digits.end(), copy.unit_digits.begin(),
                    copy.unit_digits.end(), same);
}

class Keeper {
 public:
  explicit Keeper(LoweredModule& m) : m_(m), gone_(m.ops.size(), false) {}

  void run() {
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (m_.ops[i].kind == OpKind::copy) try_to_keep(i);
    }
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (m_.ops[i].kind == OpKind::reduce) drop_unread(i);
    }
    renumber();
  }

 private:
  // The copy at `number` brings an intermediate to where an earlier launch has it already.
  void try_to_keep(size_t number) {
    const HostOp copy = m_.ops[number];
    const int pack = only(copy.after, OpKind::pack);
    if (pack < 0) return;
    const HostOp& packing = m_.ops[static_cast<size_t>(pack)];
    const int reduce = only(packing.after, OpKind::reduce);
    if (reduce < 0) return;
    const HostOp& reducing = m_.ops[static_cast<size_t>(reduce)];
    const int back = only(reducing.after, OpKind::copy_back);
    if (back < 0) return;
    const HostOp& returning = m_.ops[static_cast<size_t>(back)];
    const DeviceBuffer& from = m_.device_buffers[static_cast<size_t>(returning.device_buffer)];
    const DeviceBuffer& to = m_.device_buffers[static_cast<size_t>(copy.device_buffer)];
    const int stage = stage_of(packing.tensor_buffer);
    if (from.scope != to.scope || from.elements != to.elements ||
        !agree(reducing, packing, parts_overlap(stage)) || !same_units(returning, copy))
      return;
    // The later launch, the only one to wait for the copy, waits for the earlier one instead.
    const std::vector<int> launched = returning.after;
    for (HostOp& op : m_.ops) {
      const auto waits = std::find(op.after.begin(), op.after.end(), static_cast<int>(number));
      if (waits == op.after.end()) continue;
      op.after.erase(waits);
      std::erase(op.after, reduce);
      op.after.insert(op.after.end(), launched.begin(), launched.end());
      std::sort(op.after.begin(), op.after.end());
      op.after.erase(std::unique(op.after.begin(), op.after.end()), op.after.end());
      std::replace(op.arguments.begin(), op.arguments.end(), copy.device_buffer,
                   returning.device_buffer);
    }
    gone_[number] = gone_[static_cast<size_t>(pack)] = true;
  }

  // Results that stay on the device and that no operation of the host reads need not come back.
  void drop_unread(size_t reduce) {
    const HostOp& op = m_.ops[reduce];
    if (!is_intermediate(op.tensor_buffer)) return;
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (!gone_[i] && reads_tensor(m_, m_.ops[i], op.tensor_buffer)) return;
    }
    const int back = only(op.after, OpKind::copy_back);
    if (back < 0) return;
    gone_[reduce] = gone_[static_cast<size_t>(back)] = true;
  }

  int only(const std::vector<int>& ops, OpKind kind) const {
    int found = -1;
    for (int op : ops) {
      if (m_.ops[static_cast<size_t>(op)].kind != kind) continue;
      if (found >= 0) return -1;
      found = op;
    }
    return found;
  }

  bool is_intermediate(int tensor_buffer) const {
    const int tensor = m_.host_buffers[static_cast<size_t>(tensor_buffer)].tensor;
    return m_.workload->tensors[static_cast<size_t>(tensor)].role == TensorRole::intermediate;
  }
  int stage_of(int tensor_buffer) const {
    const int tensor = m_.host_buffers[static_cast<size_t>(tensor_buffer)].tensor;
    for (size_t s = 0; s < m_.workload->stages.size(); ++s) {
      if (m_.workload->stages[s].output == tensor) return static_cast<int>(s);
    }
    return -1;
  }
  bool parts_overlap(int stage) const {
    if (stage < 0) return true;
    const size_t axes = m_.workload->stages[static_cast<size_t>(stage)].axes.size();
    const std::vector<Loop>& loops = m_.schedule.stages[static_cast<size_t>(stage)].loops;
    for (size_t l = axes; l < loops.size(); ++l) {
      if (loops[l].needs_guard || loops[l].padded) return true;
    }
    return false;
  }

  void renumber() {
    std::vector<int> number(m_.ops.size(), -1);
    std::vector<HostOp> kept;
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (gone_[i]) continue;
      number[i] = static_cast<int>(kept.size());
      kept.push_back(std::move(m_.ops[i]));
    }
    for (HostOp& op : kept) {
      std::vector<int> after;
      for (int before : op.after) {
        if (number[static_cast<size_t>(before)] >= 0)
          after.push_back(number[static_cast<size_t>(before)]);
      }
      op.after = std::move(after);
    }
    m_.ops = std::move(kept);
  }

  LoweredModule& m_;
  std::vector<bool> gone_;
};

}  // namespace

Status keep_intermediates(LoweringState& state) {
  if (state.module.kernels.size() > 1) Keeper(state.module).run();
  return {};
}

}  // namespace pimjit
