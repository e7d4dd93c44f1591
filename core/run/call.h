#ifndef PIMJIT_CORE_RUN_CALL_H_
#define PIMJIT_CORE_RUN_CALL_H_

#include <chrono>
#include <string>
#include <vector>

#include "pimjit/core/run/runner_state.h"

namespace pimjit {

// One call of a ModuleRunner. On destruction nothing of it is under way on the device.
class ModuleRunner::Call {
 public:
  Call(State& state, const RunOptions& options);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Result<RunReport> run(std::span<const TensorView> tensors);

 private:
  struct Timing {
    bool ran = false;
    double local_ns = 0;
    EventInfo event;  // of device operations
  };
  // Host memory as a kernel sees it in place.
  struct Native {
    DeviceMemory memory;
    bool copied = false;  // not that memory itself: copied before and after launches
  };

  Status bind(std::span<const TensorView> tensors);
  Status bind_residents();
  bool is_uploaded(size_t number) const;
  Status run_op(size_t number);
  Status run_host(size_t number);
  void join(const HostOp& op);
  Status start_copy(size_t number);
  Status start_launch(size_t number);
  Status bind_native(int device_buffer);
  TensorView native_view(const DeviceBuffer& b) const;
  void copy_natives(const HostOp& op, bool to_device);
  Status wait_for(const std::vector<int>& ops);
  std::vector<Event> events_of(const std::vector<int>& ops) const;
  Status finish(RunReport& report);
  Status collect_counters(RunReport& report);
  void account(RunReport& report) const;
  OperationTime time_of(size_t number) const;
  double modelled_host_ns(const HostOp& op) const;
  static double submission_ns(const OperationTime& launch);

  const TensorView& tensor_of(int host_buffer) const;
  std::byte* staging(int host_buffer) const;
  std::byte* staged_slices(int host_buffer) const;  // of a transfer in place
  bool in_place(int staging_buffer) const;
  std::byte* slice_address(int staging_buffer, bool direct, int64_t slice, int64_t bytes) const;
  bool modelled() const { return m_.target->origin == TimeOrigin::modelled; }

  State& state_;
  const LoweredModule& m_;
  const RunOptions& options_;
  std::vector<TensorView> tensors_;
  std::vector<Event> events_;                         // per operation; empty for those of the host
  std::vector<Timing> timings_;                       // per operation
  std::vector<Native> natives_;                       // per device buffer
  std::vector<std::shared_ptr<Resident>> uploading_;  // locked until the call is over
  std::vector<std::unique_lock<std::mutex>> upload_locks_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_CALL_H_
