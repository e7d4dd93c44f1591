#ifndef PIMJIT_CORE_SCHEDULE_LAYOUT_H_
#define PIMJIT_CORE_SCHEDULE_LAYOUT_H_

#include <vector>

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {

// Where every operand and result of a scheduled stage lives, derived from the nest alone: which
// loops pick the unit, which digits make the address inside a unit, how large each tile is.
// Checking, cost features, lowering and host packing all read this one analysis. The layout is
// "digits are loops": an element's address is a mixed-radix number over the loops that occur in its
// index, so addresses in kernels are affine in the loops whatever was split or fused.
// docs/schedule.md, "Layout".

using LoopMask = uint64_t;  // bit l: loop l of the stage's arena

// The loops of the nest that the value of `loop` depends on.
LoopMask leaves_of(const StageSchedule& s, LoopId loop);
// The loops of the nest that the index of an access (kOutputAccess: the output) depends on.
LoopMask leaves_of_access(const Stage& stage, const StageSchedule& s, int access);

struct Digit {
  LoopId loop;
  int64_t extent;
  int64_t stride;  // elements
};

struct Storage {
  int scope = -1;
  int depth = 0;             // loops of the nest outside it
  bool native = false;       // home in host memory: the tensor's own row-major addresses; no digits
  std::vector<Digit> outer;  // homes: digits of loops outside the tile, in the tensor's order;
                             // of partial results in nest order
  std::vector<Digit> tile;   // digits inside the tile, descending stride, the last one contiguous
  std::vector<Digit>
      slices;  // caches: one slice for each concurrently running instance that shares the scope
  int64_t tile_elements = 1;    // padded to what links and granules demand
  int64_t useful_elements = 1;  // product of the tile digits' extents
  int64_t elements = 1;         // in one instance of the scope
  bool as_tensor = false;       // homes of operands: steps are the tensor's, so that what an
                                // instance holds is one piece of it, whatever padding holds
  bool shared = false;          // caches: instances of inner levels work on one tile together
  // Homes: copies of pieces of a tile are multiples of step_elements, at least min_elements and at
  // most chunk_elements.
  int64_t step_elements = 1, min_elements = 1, chunk_elements = 1;
};

struct OperandLayout {
  int access = kOutputAccess;
  int tensor = -1;
  DType type = DType::i32;  // of the elements, wherever they are on the device
  LoopMask leaves = 0;
  Storage home;
  std::vector<Storage> caches;  // outer to inner
  bool staged = false;     // the kernel reaches home elements through copies of single granules
  int staging_scope = -1;  // of `staged`
  int64_t staging_elements = 0;  // of one granule
  int link_in = -1,
      link_out = -1;  // target links between home and caches[0] (or the staging scope)
};

struct StageLayout {
  int unit_level = -1;
  int unit_loops = 0;  // leading loops of the nest bound to levels up to the unit level
  std::vector<int64_t> level_counts;  // instances launched per level
  std::vector<OperandLayout> reads;   // one per access
  OperandLayout result;
  std::vector<int64_t>
      scope_elements_bytes;            // per scope: bytes of kernel-local buffers in one instance
  std::vector<int64_t> home_bytes;     // per scope: bytes of homes in one instance
  LoopMask bound = 0;                  // loops bound to independent or lockstep levels
  LoopMask guarded_axes = 0;           // bit a: axis a can run past its extent in the nest
  int64_t units() const;               // product of level_counts up to the unit level
  int64_t instances_per_unit() const;  // product of the others
};

// The layout of a stage that runs on the device, or the condition that has none (missing links,
// order of caches, capacity, alignment, sharing without barrier ...).
Legal<StageLayout> layout_stage(const Workload& w, const TargetDesc& target, const Schedule& s,
                                int stage);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_LAYOUT_H_
