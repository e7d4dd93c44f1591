#ifndef PIMJIT_SEARCH_SPACE_MACHINE_VIEW_H_
#define PIMJIT_SEARCH_SPACE_MACHINE_VIEW_H_

#include <vector>

#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// What a target description offers to schedules, as lists to choose from. Pure; a value.

struct ParallelLevel {
  int level;        // of the target
  int64_t count;    // instances a kernel may use
  bool up_to_unit;  // picks the unit; else it is inside one
  bool combines;    // partial results over it are combined on the device
};

struct MachineView {
  std::vector<ParallelLevel> levels;  // independent and lockstep ones, outer to inner
  std::vector<int>
      cache_scopes;              // kernels can read and write their elements, links lead to and fro
  int shared_scope = -1;         // the host writes the same bytes for all units; -1: none
  bool host_reduces = false;     // the host adds up partial results of units
  bool tunes_reduction = false;  // ... and how it does so shows in measured times
  bool only_padding = false;     // edges are padded, never guarded
  bool has_lanes = false;
  bool direct_home = false;  // tensors are where the host has them
  int64_t unit_count = 1;    // instances of the unit level
};
MachineView view_of(const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_SPACE_MACHINE_VIEW_H_
