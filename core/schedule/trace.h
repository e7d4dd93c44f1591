#ifndef PIMJIT_CORE_SCHEDULE_TRACE_H_
#define PIMJIT_CORE_SCHEDULE_TRACE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// A schedule as a flat list of instructions: what records keep, search mutates, and people read.
// Values; cheap to copy. Instructions say what is done, decisions how much; changing one decision
// and replaying is a mutation.

enum class PrimitiveKind : uint8_t {
  split,
  fuse,
  reorder,
  bind,
  rfactor,
  cache_read,
  cache_write,
  decompose_reduction,
  unroll,
  vectorize,
  parallel,
  place,
  annotate
};

const char* to_string(PrimitiveKind kind);

enum class DecisionKind : uint8_t {
  absolute,  // n
  ratio,     // extent * n / d, rounded to nearest, at least 1
  fills,     // the elements of the stage's widest type that fit into 1/d of the usable bytes of one
             // instance of a scope
  all,       // the whole extent
};
struct Decision {
  DecisionKind kind = DecisionKind::absolute;
  int64_t n = 1;
  int64_t d = 1;
  int scope = -1;  // of `fills`
  bool operator==(const Decision&) const = default;
};

// One primitive call. Loops are numbered in order of creation inside a stage: the axes first, then
// what each split and fuse returns. Fields a primitive does not use stay at their defaults.
struct Instruction {
  PrimitiveKind kind;
  int8_t stage = 0;
  int8_t loop_count = 0;
  int8_t decision_count = 0;
  std::array<int16_t, 24> loops{};      // split, bind, ... use the first; fuse and reorder all
  std::array<Decision, 7> decisions{};  // factors of split; copies of unroll; value of annotate
  Edge edge = Edge::guard;
  int16_t access = kOutputAccess;             // cache_read; tensor of place
  int16_t scope = -1;                         // caches, place
  int16_t level = -1;                         // bind
  int16_t name = -1;                          // annotate: Trace::names
  Residency residency = Residency::streamed;  // place
  bool narrow = false;                        // place
  bool operator==(const Instruction&) const = default;
};

struct Trace {
  std::vector<Instruction> instructions;
  std::vector<std::string> names;
  bool operator==(const Trace&) const = default;
};

// One line per instruction, names from the workload and the target; parse_trace(to_text(t)) == t.
//   i.0, i.1 = split(i, 64) ; k.0, k.1 = split(k, ratio 1/8, edge=pad) ; bind(i.0, unit) ;
//   cache_read(A, scratch, at=k.0)
// Statements of a later stage carry its number: "stage 1: parallel(i)".
std::string to_text(const Trace& trace, const Workload& workload, const TargetDesc& target);
// The same on one line, separated by "; ".
std::string to_line(const Trace& trace, const Workload& workload, const TargetDesc& target);
// One instruction of it, by position.
std::string instruction_text(const Trace& trace, int position, const Workload& workload,
                             const TargetDesc& target);
// Errors (user): line, column, what was expected, unknown names with the nearest known one.
Result<Trace> parse_trace(const std::string& text, const Workload& workload,
                          const TargetDesc& target);

// Applies the instructions in order and checks the whole. Pure: the same arguments give the same
// schedule.
Legal<Schedule> replay(const Workload& workload, const TargetDesc& target, const Trace& trace);

// A change that made a trace legal at this shape or on this machine.
struct Repair {
  int instruction;
  int decision;      // -1: the instruction itself was dropped
  int64_t from, to;  // resolved values
  RejectionCode reason;
};
struct Repaired {
  Schedule schedule;
  Trace trace;  // with the changed decisions, absolute
  std::vector<Repair> repairs;
};
// replay, and when something is illegal the nearest legal decisions; the rejection that remains
// when there are none.
Legal<Repaired> replay_with_repair(const Workload& workload, const TargetDesc& target,
                                   const Trace& trace);

// The same decisions, written relative to the shape, so that the trace carries over to another one.
Trace relative(const Trace& trace, const Workload& workload, const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_TRACE_H_
