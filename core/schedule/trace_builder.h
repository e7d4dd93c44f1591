#ifndef PIMJIT_CORE_SCHEDULE_TRACE_BUILDER_H_
#define PIMJIT_CORE_SCHEDULE_TRACE_BUILDER_H_

#include <string>
#include <vector>

#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// Writes a trace call by call and knows the numbers that replay will give the loops. Checks
// nothing: replay does.
class TraceBuilder {
 public:
  explicit TraceBuilder(const Workload& workload);

  // The loops returned by the split: the outermost, then one per factor.
  std::vector<LoopId> split(int stage, LoopId loop, const std::vector<Decision>& factors,
                            Edge edge);
  std::vector<LoopId> split(int stage, LoopId loop, const std::vector<int64_t>& factors, Edge edge);
  LoopId fuse(int stage, const std::vector<LoopId>& loops);
  void reorder(int stage, const std::vector<LoopId>& loops);
  void bind(int stage, LoopId loop, int level);
  void rfactor(int stage, LoopId loop);
  void cache_read(int stage, int access, int scope, LoopId at);
  void cache_write(int stage, int scope, LoopId at);
  void decompose_reduction(int stage, LoopId at);
  void unroll(int stage, LoopId loop, int64_t copies);
  void vectorize(int stage, LoopId loop);
  void parallel(int stage, LoopId loop);
  void place(int tensor, int scope, Residency residency, bool narrow = false);
  void annotate(int stage, const std::string& key, int64_t value);

  Trace take() { return std::move(trace_); }

 private:
  Instruction& add(PrimitiveKind kind, int stage, const std::vector<LoopId>& loops);

  Trace trace_;
  std::vector<int> next_loop_;  // per stage
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_TRACE_BUILDER_H_
