#ifndef PIMJIT_CORE_SCHEDULE_FINAL_REDUCTION_H_
#define PIMJIT_CORE_SCHEDULE_FINAL_REDUCTION_H_

#include <cstdint>
#include <optional>
#include <string>

namespace pimjit {

struct Schedule;

// How the host adds up the partial results of a stage, from the annotations of the stage with these
// names. 0: left to the library. Nothing here changes results: each element takes its partial
// results in ascending order.
struct FinalReduction {
  int64_t reduce_threads = 0;  // at most so many
  int64_t reduce_lanes = 0;    // elements at once; 1: no vectors
  int64_t reduce_group = 0;    // partial results added in one pass over a block of sums
  int64_t reduce_block = 0;    // elements of such a block; all partial results of one block come
                               // before the next block
  bool operator==(const FinalReduction&) const = default;
};

// Of a stage of a schedule. Pure.
FinalReduction final_reduction(const Schedule& schedule, int stage);

// The most that an annotation may be, from 0 on; nothing where its name is not one of these.
std::optional<int64_t> limit_of_annotation(const std::string& name);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_FINAL_REDUCTION_H_
