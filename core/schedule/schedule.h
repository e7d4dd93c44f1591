#ifndef PIMJIT_CORE_SCHEDULE_SCHEDULE_H_
#define PIMJIT_CORE_SCHEDULE_SCHEDULE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/ir/stmt.h"
#include "pimjit/core/schedule/rejection.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The loop tree of a scheduled computation: for each stage one nest of loops (an arena, loops are
// numbers) with caches attached at loops. Plain data, cheap to copy and to edit; nothing is
// materialised as IR before lowering. Meaning of every primitive and of the layout that follows
// from the nest: docs/schedule.md. One owner; not thread-safe.

using LoopId = int;
inline constexpr LoopId kRoot = -1;   // "outside all loops"
inline constexpr int kMaxLoops = 64;  // per stage, dead ones included

enum class Edge : uint8_t { guard, pad };
enum class LoopOrigin : uint8_t { axis, split, fuse };

// A loop and, once it has been split or fused, the node of the value it used to have.
struct Loop {
  int64_t extent = 0;
  AxisKind axis_kind = AxisKind::spatial;
  LoopOrigin origin = LoopOrigin::axis;
  // What this loop's value is made of, when it is no longer in the nest:
  //   split: value = sum children[j].value * child_stride;   fused: (value of `fused_into` /
  //   fuse_stride) % extent
  std::array<LoopId, 8> children{};
  int child_count = 0;
  LoopId fused_into = kRoot;
  int64_t fuse_stride = 1;
  int fuse_position = 0;  // as a member of a fusion: outer to inner
  int64_t stride = 1;     // as the child of a split: its factor in the parent's value
  LoopId parent = kRoot;  // as the child of a split
  int axis = -1;          // origin axis: its number
  bool in_nest = true;
  bool needs_guard =
      false;  // split whose parts overshoot and are guarded: value < extent must be tested
  bool padded = false;  // split whose overshoot is padding
  int level = -1;       // bound to this level
  bool rfactored = false;
  LoopKind kind = LoopKind::serial;
  int unroll = 0;  // of `unrolled`: copies, 0 for all
};

struct Cache {
  int access;  // input: number of the access; kOutputAccess for the results
  int scope;
  LoopId at;  // the cache lives inside this loop (kRoot: inside the kernel)
};
inline constexpr int kOutputAccess = -1;

struct Annotation {
  int key;  // Schedule::names
  int64_t value;
};

enum class Residency : uint8_t { streamed, resident };
struct Placement {
  int tensor;
  int scope;  // where the host puts it
  Residency residency;
  bool narrow = false;  // elements there have the narrowest type that holds their values
};

struct StageSchedule {
  std::vector<Loop> loops;    // arena
  std::vector<LoopId> nest;   // the loops as they are nested, outer to inner
  std::vector<Cache> reads;   // outer to inner for one access
  std::vector<Cache> writes;  // outer to inner
  int access_count = 0;       // operands of the stage
  LoopId init_at = kRoot;     // decompose_reduction
  bool has_init_at = false;
  std::vector<Annotation> annotations;

  bool on_device() const;        // some loop is bound to a level
  int depth(LoopId loop) const;  // position in the nest, -1 for kRoot or a loop that is not in it
};

struct Schedule {
  std::vector<StageSchedule> stages;
  std::vector<Placement> placements;
  std::vector<std::string> names;  // of annotation keys

  // The nest of the computation as written: one loop per axis, nothing bound.
  static Schedule initial(const Workload& workload);
};

// --- Primitives. Each changes `s` or returns why it cannot; on rejection `s` is unchanged.
// Conditions that can only be judged when the schedule is complete are in check_schedule. `stage`
// is the stage's number.

// Replaces `loop` by factors.size() + 1 loops; factors are those of the inner ones, outer to inner,
// each >= 1; the outermost gets ceil(extent / product). When that overshoots, `edge` says whether
// the body is guarded or the data padded.
Legal<std::vector<LoopId>> split(Schedule& s, int stage, LoopId loop,
                                 const std::vector<int64_t>& factors, Edge edge);
// Replaces loops that lie directly inside one another by one of the product of extents.
Legal<LoopId> fuse(Schedule& s, int stage, const std::vector<LoopId>& loops);
// Puts the named loops, in this order, into the positions they occupy now.
Legal<void> reorder(Schedule& s, int stage, const std::vector<LoopId>& loops);
Legal<void> bind(Schedule& s, const TargetDesc& target, int stage, LoopId loop, int level);
// Keeps the partial results of a reduction loop apart, to be combined later: by the host when the
// loop is bound to a unit level, by combine() when it is bound to an inner level, in the kernel
// when it is serial.
Legal<void> rfactor(Schedule& s, int stage, LoopId loop);
Legal<void> cache_read(Schedule& s, const TargetDesc& target, int stage, int access, int scope,
                       LoopId at);
Legal<void> cache_write(Schedule& s, const TargetDesc& target, int stage, int scope, LoopId at);
Legal<void> decompose_reduction(Schedule& s, int stage, LoopId at);
Legal<void> unroll(Schedule& s, int stage, LoopId loop, int factor);
Legal<void> vectorize(Schedule& s, int stage, LoopId loop);
Legal<void> parallel(Schedule& s, int stage, LoopId loop);
Legal<void> place(Schedule& s, const Workload& w, const TargetDesc& target, int tensor, int scope,
                  Residency residency, bool narrow = false);
Legal<void> annotate(Schedule& s, int stage, const std::string& key, int64_t value);

// Everything that makes a complete schedule legal on the target; the first violated condition
// otherwise.
Legal<void> check_schedule(const Workload& w, const TargetDesc& target, const Schedule& s);

// "i.1" for the second part of a split of i, "i*k" for a fusion; unique inside a stage.
std::string loop_name(const Workload& w, const Schedule& s, int stage, LoopId loop);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_SCHEDULE_H_
