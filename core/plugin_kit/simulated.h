#ifndef PIMJIT_CORE_PLUGIN_KIT_SIMULATED_H_
#define PIMJIT_CORE_PLUGIN_KIT_SIMULATED_H_

#include <functional>
#include <memory>
#include <vector>

#include "pimjit/core/plugin_kit/arena.h"
#include "pimjit/core/plugin_kit/evaluator.h"
#include "pimjit/core/plugin_kit/plugin_helpers.h"

namespace pimjit::kit {

// What a plugin shares with every other that pretends to be its machine: images are serialised
// kernels, memory is host memory, and an operation has finished when its function returns.
// Functions of the ABI's shape follow its rules (docs/plugins.md); callers lock.

// A table with versions, name, build and the functions of finished events filled in.
pj_plugin_api simulated_table(const char* name, const char* build);

// Reads a kernel and makes it ready to run; PJ_BAD_KERNEL when it cannot be read.
pj_error* read_program(const void* bytes, uint64_t size, int unit_level,
                       std::unique_ptr<Evaluator>* out);

using ReasonsAgainst = std::vector<Reason> (*)(const Evaluator&);
// Slots check and build_kernel. A kernel with a problem() is rejected before `against` is asked.
pj_error* check_program(const pj_kernel* kernel, int unit_level, ReasonsAgainst against,
                        pj_reasons** out);
pj_error* build_program(const pj_kernel* kernel, int unit_level, ReasonsAgainst against,
                        pj_image** out);

// Slots alloc and free_memory of a scope whose reserved parts `arena` keeps.
pj_error* alloc_in(Arena& arena, uint32_t scope, uint64_t bytes, uint64_t alignment,
                   pj_memory* out);
pj_error* free_in(Arena& arena, const pj_memory& memory);

// Slot copy: checks it against the rules and moves the bytes, unless an event it waits for failed.
// `memory_of` gives byte 0 of a unit's memory. `moved` is the number of bytes, over all units.
pj_error* copy_in(Arena& arena, const pj_copy& copy, CopyRules rules,
                  const std::function<unsigned char*(uint64_t unit)>& memory_of,
                  FinishedEvent* event, uint64_t* moved);

// Slot launch: runs the program on each unit named, one after another; a failed unit ends it.
// `unit_memory` gives the memory of a unit, `cost_ns` the time of one unit: the event takes as long
// as the slowest. `units` is how many there are. The event's counters are the operations by kind
// and the bytes by link, over all units.
struct UnitLaunch {
  const Evaluator* program = nullptr;
  const pj_host* host = nullptr;
  uint64_t units = 1;
  uint64_t budget = UINT64_MAX;  // nodes per unit
  std::function<std::unique_ptr<UnitMemory>(uint64_t unit)> unit_memory;
  std::function<double(const Counters&)> cost_ns;
};
pj_error* launch_units(const pj_launch& launch, const UnitLaunch& how, FinishedEvent* event);

// Counters as figures: "add.i", "mul.f", "loads", "bytes.<link>", ...; zeros are left out.
std::vector<Figure> figures_of(const Counters& counters, const Kernel& kernel);

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_SIMULATED_H_
