#ifndef PIMJIT_CORE_SCHEDULE_TRACE_EDIT_H_
#define PIMJIT_CORE_SCHEDULE_TRACE_EDIT_H_

#include <vector>

#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// A trace under repair: decisions are changed one at a time, and every change is on record. Private
// to this folder.
class TraceEdit {
 public:
  explicit TraceEdit(const Trace& trace);

  const Trace& trace() const { return trace_; }
  // Changes so far: one per decision, from the first value to the last; none that ended where they
  // began.
  std::vector<Repair> repairs() const;

  // `resolved` is the value the decision has at present. False when nothing would change.
  bool set(int instruction, int decision, int64_t resolved, int64_t value, RejectionCode reason);
  // False when the edge is already that one, or was set by a repair before: repairs never go back
  // and forth.
  bool set_edge(int instruction, Edge edge, RejectionCode reason);
  void drop(int instruction, RejectionCode reason);

 private:
  void note(int instruction, int decision, int64_t from, int64_t to, RejectionCode reason);

  Trace trace_;
  std::vector<int> original_;  // position in the trace that was given
  std::vector<bool> edge_set_;
  std::vector<Repair> repairs_;
};

// The instruction that made a loop of the arena, and which of its loops it is; -1 for an axis.
struct Maker {
  int instruction = -1;
  int part = 0;
};
Maker maker_of(const Trace& trace, const Workload& workload, int stage, LoopId loop);
// The first instruction of that kind on the loop, or -1.
int instruction_on(const Trace& trace, PrimitiveKind kind, int stage, LoopId loop);

// The divisor of n nearest to `wanted`, the smaller one of two; 1 when the search would be long.
int64_t nearest_divisor(int64_t n, int64_t wanted);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_TRACE_EDIT_H_
