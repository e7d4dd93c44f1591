#ifndef PIMJIT_CORE_SCHEDULE_TRACE_NAMES_H_
#define PIMJIT_CORE_SCHEDULE_TRACE_NAMES_H_

#include <string>
#include <vector>

#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// Names of loops in trace text: what split and fuse make is named after what they are made of,
// whether or not the instructions are legal. Private to this folder.
class TraceNames {
 public:
  explicit TraceNames(const Workload& workload);

  // Adds the loops that `in` makes; returns their numbers.
  std::vector<LoopId> add(const Instruction& in);
  // "#7" for a loop without a name of its own.
  std::string name(int stage, LoopId loop) const;
  const std::vector<std::string>& stage(int number) const {
    return names_[static_cast<size_t>(number)];
  }
  int stages() const { return static_cast<int>(names_.size()); }

 private:
  std::vector<std::vector<std::string>> names_;
};

// The operand as text names it: the tensor, and "#n" when the stage reads it more than once.
std::string access_name(const Workload& workload, int stage, int access);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_TRACE_NAMES_H_
