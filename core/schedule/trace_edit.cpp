#include "pimjit/core/schedule/trace_edit.h"

#include <algorithm>

#include "pimjit/core/schedule/instructions.h"

namespace pimjit {

TraceEdit::TraceEdit(const Trace& trace) : trace_(trace) {
  for (size_t i = 0; i < trace.instructions.size(); ++i) original_.push_back(static_cast<int>(i));
  edge_set_.assign(trace.instructions.size(), false);
}

std::vector<Repair> TraceEdit::repairs() const {
  std::vector<Repair> kept;
  for (const Repair& r : repairs_) {
    if (r.from != r.to || r.decision < 0) kept.push_back(r);
  }
  return kept;
}

bool TraceEdit::set(int instruction, int decision, int64_t resolved, int64_t value,
                    RejectionCode reason) {
  if (resolved == value) return false;
  Instruction& in = trace_.instructions[static_cast<size_t>(instruction)];
  in.decisions[static_cast<size_t>(decision)] = absolute(value);
  note(instruction, decision, resolved, value, reason);
  return true;
}

bool TraceEdit::set_edge(int instruction, Edge edge, RejectionCode reason) {
  Instruction& in = trace_.instructions[static_cast<size_t>(instruction)];
  if (in.edge == edge || edge_set_[static_cast<size_t>(instruction)]) return false;
  edge_set_[static_cast<size_t>(instruction)] = true;
  note(instruction, -2, static_cast<int64_t>(in.edge), static_cast<int64_t>(edge), reason);
  in.edge = edge;
  return true;
}

void TraceEdit::drop(int instruction, RejectionCode reason) {
  note(instruction, -1, 0, 0, reason);
  trace_.instructions.erase(trace_.instructions.begin() + instruction);
  original_.erase(original_.begin() + instruction);
  edge_set_.erase(edge_set_.begin() + instruction);
}

void TraceEdit::note(int instruction, int decision, int64_t from, int64_t to,
                     RejectionCode reason) {
  const int original = original_[static_cast<size_t>(instruction)];
  for (Repair& r : repairs_) {
    if (r.instruction != original || r.decision != decision) continue;
    r.to = to;
    return;
  }
  repairs_.push_back({original, decision, from, to, reason});
}

Maker maker_of(const Trace& trace, const Workload& workload, int stage, LoopId loop) {
  int next = static_cast<int>(workload.stages[static_cast<size_t>(stage)].axes.size());
  for (size_t i = 0; i < trace.instructions.size(); ++i) {
    const Instruction& in = trace.instructions[i];
    if (in.stage != stage) continue;
    int made = 0;
    if (in.kind == PrimitiveKind::split) made = in.decision_count + 1;
    if (in.kind == PrimitiveKind::fuse) made = 1;
    if (loop >= next && loop < next + made) return {static_cast<int>(i), loop - next};
    next += made;
  }
  return {};
}

int instruction_on(const Trace& trace, PrimitiveKind kind, int stage, LoopId loop) {
  for (size_t i = 0; i < trace.instructions.size(); ++i) {
    const Instruction& in = trace.instructions[i];
    if (in.kind == kind && in.stage == stage && in.loop_count > 0 && in.loops[0] == loop)
      return static_cast<int>(i);
  }
  return -1;
}

int64_t nearest_divisor(int64_t n, int64_t wanted) {
  constexpr int64_t kMaxSteps = 1 << 20;
  wanted = std::clamp<int64_t>(wanted, 1, std::max<int64_t>(n, 1));
  for (int64_t step = 0; step < kMaxSteps; ++step) {
    const int64_t below = wanted - step, above = wanted + step;
    if (below >= 1 && n % below == 0) return below;
    if (above <= n && n % above == 0) return above;
  }
  return 1;
}

}  // namespace pimjit
