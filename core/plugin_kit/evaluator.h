#ifndef PIMJIT_CORE_PLUGIN_KIT_EVALUATOR_H_
#define PIMJIT_CORE_PLUGIN_KIT_EVALUATOR_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit::kit {

// Runs kernels on memory that the plugin owns, following docs/ir.md. One run is one unit: all
// instances of the levels inside it, one after another between barriers.

// A byte of a scope: `instance` counts the scope's instances inside the unit, 0 for scopes of the
// unit and outside it.
struct Place {
  int scope = 0;
  int64_t instance = 0;
  uint64_t offset = 0;
};

// The memory as the running unit sees it. Every function answers whether it was done; refuse() says
// why not. Indices have been held against the kernel's buffers before; whether a place exists and a
// copy obeys its link is for the plugin to check.
class UnitMemory {
 public:
  virtual ~UnitMemory() = default;
  virtual bool load(const Place& from, void* to, uint64_t bytes) = 0;
  virtual bool store(const Place& to, const void* from, uint64_t bytes) = 0;
  virtual bool copy(int link, const Place& to, const Place& from, uint64_t bytes) = 0;

  const std::string& reason() const { return reason_; }

 protected:
  bool refuse(std::string why) {
    reason_ = std::move(why);
    return false;
  }

 private:
  std::string reason_;
};

// What a run did, summed over the instances; runs add to it.
struct Counters {
  std::array<uint64_t, 16> integer_operations{};  // by BinaryOp, b1 included; combine steps too
  std::array<uint64_t, 16> real_operations{};
  uint64_t conversions = 0, selects = 0, loads = 0, stores = 0;
  uint64_t iterations = 0, branches = 0;
  uint64_t barriers = 0, combines = 0;  // once for all instances that meet
  struct LinkUse {
    uint64_t copies = 0, bytes = 0;
  };
  std::vector<LinkUse> links;  // by link

  uint64_t operations()
      const;  // arithmetic, conversions, selects, loads, stores, iterations and branches
  void add(const Counters& other);
};

struct Outcome {
  int32_t code = PJ_OK;  // PJ_DEVICE_FAULT, PJ_INVALID_ARGUMENT, PJ_TIMEOUT or PJ_CANCELLED
  std::string message;
  bool ok() const { return code == PJ_OK; }
};

struct RunOptions {
  std::vector<int64_t> position;    // of the unit: its index at levels 0 .. unit level
  std::vector<int64_t> arguments;   // of the launch
  uint64_t budget = UINT64_MAX;     // evaluated nodes; more is PJ_TIMEOUT
  std::function<bool()> cancelled;  // asked now and then; may be empty
};

// One kernel made ready to run. Immutable; run() may be called from several threads.
class Evaluator {
 public:
  // `unit_level`: level of the unit, -1 when the whole device is one. Local buffers are laid out
  // one after another in each scope, from byte first_free[scope] (0 where the list is shorter) on.
  Evaluator(Kernel kernel, int unit_level, const std::vector<uint64_t>& first_free = {});

  // "" or why this kernel cannot be evaluated (e.g. a barrier across units); then run() gives
  // PJ_INVALID_ARGUMENT.
  const std::string& problem() const { return problem_; }
  const Kernel& kernel() const { return kernel_; }
  // Where the local buffers of a scope end, in bytes from the start of each instance.
  uint64_t local_end(int scope) const { return local_end_[static_cast<size_t>(scope)]; }
  uint64_t local_offset(int buffer) const { return local_offset_[static_cast<size_t>(buffer)]; }
  // Units that the kernel is for.
  uint64_t units() const;
  // Instances of the innermost level in one unit.
  int64_t instances() const { return instances_; }

  // "" or what is wrong with launch arguments: their number, range, or a buffer's alignment.
  std::string check_arguments(const std::vector<int64_t>& arguments) const;
  // The position of unit number `unit` in a machine whose outer levels have the kernel's counts.
  std::vector<int64_t> position_of(uint64_t unit) const;

  Outcome run(UnitMemory& memory, const RunOptions& options, Counters& counters) const;

 private:
  friend class UnitRun;
  void place_locals(const std::vector<uint64_t>& first_free);
  void find_barriers();
  void check_stmt(const Stmt& stmt);

  Kernel kernel_;
  int unit_level_;
  std::string problem_;
  std::vector<uint64_t> local_offset_, local_end_;
  std::vector<int64_t> below_;  // by level: instances inside one instance of it, in the unit
  std::vector<int>
      meets_;  // by statement: outermost level of a barrier or combine in it, or INT_MAX
  int64_t instances_ = 1;
};

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_EVALUATOR_H_
