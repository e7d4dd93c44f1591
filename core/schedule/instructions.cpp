#include "pimjit/core/schedule/instructions.h"

#include <algorithm>

namespace pimjit {
namespace {

Instruction make(PrimitiveKind kind, int stage) {
  Instruction in{};
  in.kind = kind;
  in.stage = static_cast<int8_t>(stage);
  return in;
}
Instruction make(PrimitiveKind kind, int stage, LoopId loop) {
  Instruction in = make(kind, stage);
  if (loop == kRoot) return in;
  in.loop_count = 1;
  in.loops[0] = static_cast<int16_t>(loop);
  return in;
}
Instruction make(PrimitiveKind kind, int stage, const std::vector<LoopId>& loops) {
  Instruction in = make(kind, stage);
  const size_t n = std::min(loops.size(), in.loops.size());
  for (size_t i = 0; i < n; ++i) in.loops[i] = static_cast<int16_t>(loops[i]);
  in.loop_count = static_cast<int8_t>(n);
  return in;
}

}  // namespace

Instruction make_split(int stage, LoopId loop, const std::vector<Decision>& factors, Edge edge) {
  Instruction in = make(PrimitiveKind::split, stage, loop);
  const size_t n = std::min(factors.size(), in.decisions.size());
  std::copy_n(factors.begin(), n, in.decisions.begin());
  in.decision_count = static_cast<int8_t>(n);
  in.edge = edge;
  return in;
}
Instruction make_split(int stage, LoopId loop, const std::vector<int64_t>& factors, Edge edge) {
  std::vector<Decision> decisions;
  for (int64_t f : factors) decisions.push_back(absolute(f));
  return make_split(stage, loop, decisions, edge);
}
Instruction make_fuse(int stage, const std::vector<LoopId>& loops) {
  return make(PrimitiveKind::fuse, stage, loops);
}
Instruction make_reorder(int stage, const std::vector<LoopId>& loops) {
  return make(PrimitiveKind::reorder, stage, loops);
}
Instruction make_bind(int stage, LoopId loop, int level) {
  Instruction in = make(PrimitiveKind::bind, stage, loop);
  in.level = static_cast<int16_t>(level);
  return in;
}
Instruction make_rfactor(int stage, LoopId loop) {
  return make(PrimitiveKind::rfactor, stage, loop);
}
Instruction make_cache_read(int stage, int access, int scope, LoopId at) {
  Instruction in = make(PrimitiveKind::cache_read, stage, at);
  in.access = static_cast<int16_t>(access);
  in.scope = static_cast<int16_t>(scope);
  return in;
}
Instruction make_cache_write(int stage, int scope, LoopId at) {
  Instruction in = make(PrimitiveKind::cache_write, stage, at);
  in.scope = static_cast<int16_t>(scope);
  return in;
}
Instruction make_decompose_reduction(int stage, LoopId at) {
  return make(PrimitiveKind::decompose_reduction, stage, at);
}
Instruction make_unroll(int stage, LoopId loop, Decision copies) {
  Instruction in = make(PrimitiveKind::unroll, stage, loop);
  in.decisions[0] = copies;
  in.decision_count = 1;
  return in;
}
Instruction make_vectorize(int stage, LoopId loop) {
  return make(PrimitiveKind::vectorize, stage, loop);
}
Instruction make_parallel(int stage, LoopId loop) {
  return make(PrimitiveKind::parallel, stage, loop);
}
Instruction make_place(int tensor, int scope, Residency residency, bool narrow) {
  Instruction in = make(PrimitiveKind::place, 0);
  in.access = static_cast<int16_t>(tensor);
  in.scope = static_cast<int16_t>(scope);
  in.residency = residency;
  in.narrow = narrow;
  return in;
}
Instruction make_annotate(int stage, int name, int64_t value) {
  Instruction in = make(PrimitiveKind::annotate, stage);
  in.name = static_cast<int16_t>(name);
  in.decisions[0] = absolute(value);
  in.decision_count = 1;
  return in;
}

}  // namespace pimjit
