#ifndef PIMJIT_CORE_PLUGIN_KIT_UNIT_RUN_H_
#define PIMJIT_CORE_PLUGIN_KIT_UNIT_RUN_H_

#include <string>
#include <vector>

#include "pimjit/core/plugin_kit/arithmetic.h"
#include "pimjit/core/plugin_kit/evaluator.h"

namespace pimjit::kit {

// One run of one unit: the variables of every instance, and where the walk stands.
class UnitRun {
 public:
  UnitRun(const Evaluator& program, UnitMemory& memory, const RunOptions& options,
          Counters& counters);
  Outcome run();

 private:
  bool check_arguments();

  // A statement without a meeting point, for the instance that is current.
  void run_alone(const Stmt& s);
  void run_copy(const Stmt& s);
  // A statement for the instances [first, last): one after another when they do not meet in it,
  // else in step.
  void run_all(int stmt, int64_t first, int64_t last);
  // A statement in which the instances [first, last), all those below one parent, meet.
  void run_together(const Stmt& s, int64_t first, int64_t last);
  void loop_together(const Stmt& s, int64_t first, int64_t last);
  void branch_together(const Stmt& s, int64_t first, int64_t last);
  void combine(const Stmt& s, int64_t first, int64_t last);

  Value evaluate(int expr);
  Value binary(const Expr& e);
  Value load(const Expr& e);
  int64_t integer(int expr) { return evaluate(expr).integer; }

  // The place of `count` elements from `index` on, after a look at the buffer's bounds.
  Place place_of(int buffer, int64_t index, int64_t count, const char* what);
  int64_t level_index(int64_t instance, int level) const;
  void enter(int64_t instance);
  Value& variable(int var) {
    return variables_[static_cast<size_t>(current_) * variable_count_ + static_cast<size_t>(var)];
  }
  void step();
  bool going() const { return outcome_.ok(); }
  void fault(std::string what, int32_t code = PJ_DEVICE_FAULT);

  const Evaluator& program_;
  const Kernel& kernel_;
  UnitMemory& memory_;
  const RunOptions& options_;
  Counters& counters_;
  size_t variable_count_;
  std::vector<Value> variables_;         // by instance, then variable
  std::vector<int64_t> scope_instance_;  // by scope: the one that the current instance sees
  std::vector<uint64_t> base_;           // by buffer: offset of its start in its scope
  int64_t current_ = 0;
  uint64_t steps_ = 0;
  Outcome outcome_;
};

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_UNIT_RUN_H_
