#ifndef PIMJIT_CORE_INTERP_LOCKSTEP_H_
#define PIMJIT_CORE_INTERP_LOCKSTEP_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "pimjit/core/interp/races.h"
#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// The commands of instances that share one stream: conditions, trip counts and addresses, in the
// order they come up. Instances that differ along lockstep levels only form a class; the first of
// a class to run records, the others must repeat it.
class LockstepLog {
 public:
  LockstepLog() = default;
  LockstepLog(const std::vector<KernelLevel>& levels, const InstanceTree* tree);
  bool active() const { return !levels_.empty(); }

  struct Difference {
    int64_t instance;  // that recorded
    int64_t value;     // what it had
  };
  std::optional<Difference> add(int64_t instance, int64_t value);
  // Everybody has come to the same place: what was recorded is no longer needed.
  void clear();

 private:
  struct Stream {
    int64_t recorder;
    std::vector<int64_t> values;
  };
  struct Reader {
    Stream* stream = nullptr;
    size_t next = 0;
  };
  int64_t class_of(int64_t instance) const;

  std::vector<int> levels_;
  const InstanceTree* tree_ = nullptr;
  std::map<int64_t, Stream> streams_;
  std::map<int64_t, Reader> readers_;
  int64_t last_instance_ = -1;
  Reader* last_ = nullptr;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_LOCKSTEP_H_
