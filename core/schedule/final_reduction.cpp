#include "pimjit/core/schedule/final_reduction.h"

#include "pimjit/core/schedule/schedule.h"

namespace pimjit {
namespace {

struct Choice {
  const char* name;
  int64_t FinalReduction::*value;
  int64_t limit;
};
// A block of sums lies on the stack, the code of a group is as long as the group.
constexpr Choice kChoices[] = {{"reduce_threads", &FinalReduction::reduce_threads, 1024},
                               {"reduce_lanes", &FinalReduction::reduce_lanes, 64},
                               {"reduce_group", &FinalReduction::reduce_group, 64},
                               {"reduce_block", &FinalReduction::reduce_block, 16384}};

}  // namespace

FinalReduction final_reduction(const Schedule& schedule, int stage) {
  FinalReduction how;
  for (const Annotation& a : schedule.stages[static_cast<size_t>(stage)].annotations) {
    for (const Choice& choice : kChoices) {
      if (schedule.names[static_cast<size_t>(a.key)] == choice.name) how.*choice.value = a.value;
    }
  }
  return how;
}

std::optional<int64_t> limit_of_annotation(const std::string& name) {
  for (const Choice& choice : kChoices) {
    if (name == choice.name) return choice.limit;
  }
  return std::nullopt;
}

}  // namespace pimjit
