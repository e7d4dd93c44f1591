#include "pimjit/core/schedule/trace_builder.h"

#include <algorithm>

namespace pimjit {

TraceBuilder::TraceBuilder(const Workload& workload) {
  constexpr size_t kUsual = 16;
  trace_.instructions.reserve(kUsual);
  for (const Stage& stage : workload.stages)
    next_loop_.push_back(static_cast<int>(stage.axes.size()));
}

Instruction& TraceBuilder::add(PrimitiveKind kind, int stage, const std::vector<LoopId>& loops) {
  Instruction instruction;
  instruction.kind = kind;
  instruction.stage = static_cast<int8_t>(stage);
  instruction.loop_count = static_cast<int8_t>(std::min(loops.size(), instruction.loops.size()));
  for (int l = 0; l < instruction.loop_count; ++l) {
    instruction.loops[static_cast<size_t>(l)] = static_cast<int16_t>(loops[static_cast<size_t>(l)]);
  }
  trace_.instructions.push_back(instruction);
  return trace_.instructions.back();
}

std::vector<LoopId> TraceBuilder::split(int stage, LoopId loop,
                                        const std::vector<Decision>& factors, Edge edge) {
  Instruction& instruction = add(PrimitiveKind::split, stage, {loop});
  instruction.edge = edge;
  instruction.decision_count = static_cast<int8_t>(factors.size());
  std::copy(factors.begin(), factors.end(), instruction.decisions.begin());
  std::vector<LoopId> loops;
  for (size_t i = 0; i <= factors.size(); ++i)
    loops.push_back(next_loop_[static_cast<size_t>(stage)]++);
  return loops;
}

std::vector<LoopId> TraceBuilder::split(int stage, LoopId loop, const std::vector<int64_t>& factors,
                                        Edge edge) {
  std::vector<Decision> decisions;
  for (int64_t factor : factors) decisions.push_back({DecisionKind::absolute, factor, 1, -1});
  return split(stage, loop, decisions, edge);
}

LoopId TraceBuilder::fuse(int stage, const std::vector<LoopId>& loops) {
  add(PrimitiveKind::fuse, stage, loops);
  return next_loop_[static_cast<size_t>(stage)]++;
}
void TraceBuilder::reorder(int stage, const std::vector<LoopId>& loops) {
  add(PrimitiveKind::reorder, stage, loops);
}
void TraceBuilder::bind(int stage, LoopId loop, int level) {
  add(PrimitiveKind::bind, stage, {loop}).level = static_cast<int16_t>(level);
}
void TraceBuilder::rfactor(int stage, LoopId loop) {
  add(PrimitiveKind::rfactor, stage, {loop});
}

void TraceBuilder::cache_read(int stage, int access, int scope, LoopId at) {
  Instruction& instruction = add(PrimitiveKind::cache_read, stage, {at});
  instruction.access = static_cast<int16_t>(access);
  instruction.scope = static_cast<int16_t>(scope);
}
void TraceBuilder::cache_write(int stage, int scope, LoopId at) {
  add(PrimitiveKind::cache_write, stage, {at}).scope = static_cast<int16_t>(scope);
}
void TraceBuilder::decompose_reduction(int stage, LoopId at) {
  add(PrimitiveKind::decompose_reduction, stage, {at});
}

void TraceBuilder::unroll(int stage, LoopId loop, int64_t copies) {
  Instruction& instruction = add(PrimitiveKind::unroll, stage, {loop});
  instruction.decision_count = 1;
  instruction.decisions[0].n = copies;
}
void TraceBuilder::vectorize(int stage, LoopId loop) {
  add(PrimitiveKind::vectorize, stage, {loop});
}
void TraceBuilder::parallel(int stage, LoopId loop) {
  add(PrimitiveKind::parallel, stage, {loop});
}

void TraceBuilder::place(int tensor, int scope, Residency residency, bool narrow) {
  Instruction& instruction = add(PrimitiveKind::place, 0, {});
  instruction.access = static_cast<int16_t>(tensor);
  instruction.scope = static_cast<int16_t>(scope);
  instruction.residency = residency;
  instruction.narrow = narrow;
}
void TraceBuilder::annotate(int stage, const std::string& key, int64_t value) {
  const auto found = std::find(trace_.names.begin(), trace_.names.end(), key);
  const auto number = static_cast<int16_t>(found - trace_.names.begin());
  if (found == trace_.names.end()) trace_.names.push_back(key);
  Instruction& instruction = add(PrimitiveKind::annotate, stage, {});
  instruction.name = number;
  instruction.decision_count = 1;
  instruction.decisions[0].n = value;
}

}  // namespace pimjit
