#ifndef PIMJIT_CORE_INTERP_MACHINE_H_
#define PIMJIT_CORE_INTERP_MACHINE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/interp/kernel_code.h"
#include "pimjit/core/interp/kernel_interpreter.h"
#include "pimjit/core/interp/lockstep.h"
#include "pimjit/core/interp/races.h"

namespace pimjit {

enum class InstanceOrder : uint8_t { ascending, descending };

// One run of a compiled kernel in one order of its instances. The launch is cut into domains,
// groups of instances that no barrier, combine, lockstep level or scope below the device joins with
// others; they run one after another, each to its end.
class Machine {
 public:
  Machine(const Kernel& kernel, const KernelCode& code, const TargetDesc* target,
          const std::vector<int64_t>& arguments, const InterpreterOptions& options,
          InstanceOrder order);
  Status run(const std::vector<KernelMemory>& memory);
  // A digest of what local memory held at the end of each domain, by domain, and of the launch.
  const std::vector<uint64_t>& local_digests() const { return local_digests_; }

 private:
  // A buffer with the rules of its scope.
  struct Buffer {
    const KernelBuffer* decl;
    int element_bytes;
    int64_t base;  // byte address of element 0
    int64_t granule;
    bool loads, stores;
    bool shared;  // several instances can see one scope instance
    ShadowMemory* memory;
    int64_t first;  // scope instance that memory's instance 0 is
    std::vector<std::unique_ptr<AccessTracker>> trackers;  // per scope instance from `first`
  };
  // A range of innermost instances, all inside one instance of `level` - 1.
  struct Group {
    int64_t first, count;
    int level;
  };

  // machine.cpp: domains and synchronised statements.
  void lay_out();
  int domain_level() const;
  bool run_domain(const Group& domain, int64_t number);
  void bind_buffers(const Group& domain);
  void release_trackers();
  bool inside_domain(const Buffer& b) const;
  uint64_t digest_locals(bool inside) const;
  bool walk(int stmt, const Group& group);
  bool walk_split(int stmt, const Group& group, int level);
  bool walk_for(const StmtCode& s, const Group& group);
  bool walk_if(const StmtCode& s, const Group& group);
  bool walk_let(const StmtCode& s, const Group& group);
  bool uniform(const StmtCode& s, const ExprCode& e, const Group& group, const char* role,
               int64_t& value);
  bool combine(const StmtCode& s, const Group& group);
  bool combine_group(const StmtCode& s, int64_t leader, const std::vector<int64_t>& index,
                     const Group& group);
  bool barrier(const Group& group);

  // machine_run.cpp: one instance.
  bool run_instance(int stmt, int64_t instance);
  bool run(int stmt);
  bool run_for(const StmtCode& s);
  bool store(const StmtCode& s);
  bool copy(const StmtCode& s);
  bool check_copy(const StmtCode& s, const Link& link, int64_t dst, int64_t src, int64_t elements);
  bool check_overlap(const StmtCode& s, int64_t dst, int64_t src, int64_t elements);
  bool evaluate(const StmtCode& s, const ExprCode& e, Value& out);
  bool execute(const StmtCode& s, const Op& op, size_t& next);
  bool same_course(const StmtCode& s, const Value& condition);
  bool load(const StmtCode& s, const Op& op);
  // An integer that decides something: defined, and the same along lockstep levels.
  bool decide(const StmtCode& s, const ExprCode& e, const char* role, int64_t& value);
  bool decided(const StmtCode& s, const char* role, const Value& value);
  bool in_bounds(const StmtCode& s, const Buffer& b, int64_t index, int64_t count,
                 const char* access);
  bool note_read(const StmtCode& s, Buffer& b, int64_t index, int64_t count);
  bool note_write(const StmtCode& s, Buffer& b, int64_t index, int64_t count);
  AccessTracker* tracker(Buffer& b);
  std::byte* data(Buffer& b, int64_t index);
  uint8_t* shadow(Buffer& b, int64_t index);
  int64_t scope_instance(const Buffer& b) const {
    return scope_instances_[static_cast<size_t>(b.decl->scope)];
  }

  // `instance` runs from here on.
  void become(int64_t instance);
  Value* vars() { return vars_.data() + (current_ - domain_.first) * vars_each_; }
  bool fail_at(const StmtCode& s, const char* code, std::string what, std::string hint = {});
  bool conflict(const StmtCode& s, const Buffer& b, const AccessTracker::Conflict& c, bool write);
  std::string instance_name(int64_t instance) const;

  const Kernel& kernel_;
  const KernelCode& code_;
  const TargetDesc* target_;
  const std::vector<int64_t>& arguments_;
  const InterpreterOptions& options_;
  const InstanceOrder order_;

  InstanceTree tree_;
  BarrierClock clock_;
  LockstepLog lockstep_;
  std::vector<Buffer> buffers_;
  std::vector<ShadowMemory> locals_;  // per buffer
  std::vector<const Link*> links_;    // per kernel link, null without rules
  std::vector<uint64_t> local_digests_;
  Group domain_{0, 0, 0};
  int64_t current_ = -1;                  // instance that runs
  std::vector<int64_t> level_indices_;    // of it, per level
  std::vector<int64_t> scope_instances_;  // that it sees, per scope
  int64_t vars_each_ = 0;
  std::vector<Value> vars_;  // per instance of the domain
  std::vector<Value> registers_;
  int64_t statements_ = 0;
  std::optional<Error> error_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_MACHINE_H_
