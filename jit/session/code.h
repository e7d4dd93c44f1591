#ifndef PIMJIT_JIT_SESSION_CODE_H_
#define PIMJIT_JIT_SESSION_CODE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pimjit/core/run/run_report.h"
#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// Where the time of one compilation went, in ns of this machine's clock. `open_ns` is that of
// finding, loading and opening the target; 0 when the session had it open.
struct CompileTimes {
  double open_ns = 0, schedule_ns = 0, lower_ns = 0, build_ns = 0, load_ns = 0;
  double total_ns() const { return open_ns + schedule_ns + lower_ns + build_ns + load_ns; }
};

// What one piece of code is: a value that does not change.
struct CodeInfo {
  std::string target;                // canonical target string
  std::string schedule;              // its trace on one line; empty for a foreign kernel
  std::string origin;                // "default schedule", "given schedule", "record ...", ...
  std::vector<std::string> repairs;  // that made the schedule fit, one line each
  CompileTimes times;
};

// Code that computes one workload on one device.
class Code {
 public:
  virtual ~Code() = default;
  // Tensors by number of the workload, checked; intermediates empty; inputs may overlap the output.
  // Any thread.
  virtual Result<RunReport> run(std::span<const TensorView> tensors, bool counters) const = 0;
  // The memory at `data` has changed: copies of it on the device are of no use.
  virtual void forget(const void* data) const = 0;
  const std::shared_ptr<const CodeInfo>& info() const { return info_; }

 protected:
  explicit Code(CodeInfo info) : info_(std::make_shared<const CodeInfo>(std::move(info))) {}

 private:
  std::shared_ptr<const CodeInfo> info_;
};

// The code behind Callables of one key. Loading and replacing are atomic: a call runs what it
// loaded to its end, and code is freed by whoever lets go of it last, never under the lock. Any
// thread.
class CodeSlot {
 public:
  explicit CodeSlot(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

  std::shared_ptr<const Code> load() const {
    const std::lock_guard lock(mutex_);
    return code_;
  }
  void replace(std::shared_ptr<const Code> code) {
    {
      const std::lock_guard lock(mutex_);
      code_.swap(code);
      ++replacements_;
    }
  }
  // How often the code has been replaced.
  uint64_t replacements() const {
    const std::lock_guard lock(mutex_);
    return replacements_;
  }

 private:
  // A mutex rather than std::atomic<std::shared_ptr>: GCC 12's releases its internal lock after a
  // load with relaxed order, which is a race.
  mutable std::mutex mutex_;
  std::shared_ptr<const Code> code_;
  uint64_t replacements_ = 0;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_CODE_H_
