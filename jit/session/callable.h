#ifndef PIMJIT_JIT_SESSION_CALLABLE_H_
#define PIMJIT_JIT_SESSION_CALLABLE_H_

#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include <dlpack/dlpack.h>

#include "pimjit/core/run/run_report.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"
#include "pimjit/jit/ffi_call/foreign_function.h"
#include "pimjit/jit/session/code.h"
#include "pimjit/jit/session/packed_abi.h"

namespace pimjit {

// How a call went: its times by phase with their origins, and the code that ran, schedule included.
struct CallReport {
  RunReport times;
  std::shared_ptr<const CodeInfo> code;
};

struct CallOptions {
  bool check_ranges =
      false;              // refuse inputs with values outside their declared range; else trusted
  bool counters = false;  // ask the device for figures of each launch
};

// A compiled computation. A cheap handle; Callables of one key, copies included, share one slot
// with the code in it. The code is freed when the last of them is gone (the session keeps a few,
// see SessionOptions) or it has been replaced, and calls under way have ended; so is what it holds
// of the device. A Callable may outlive its Session.
//
// Every member may be called from any thread, several at once, on one Callable or on copies; calls
// of one piece of code take turns on its device. Tensors must not change while they are used.
class Callable {
 public:
  // The inputs in the order of Workload::inputs() and the output behind them. Host memory, any
  // address, any strides; where it is row-major without gaps the kernels, or the copies to the
  // device, use it directly, else a copy. Not a byte outside the elements is read or written.
  // Inputs may overlap each other; those that overlap the output are read from a copy. Errors: user
  // bad_dlpack, wrong_device, tensor_mismatch, out_of_range; target what the device says, and then
  // the output's contents are unspecified.
  Result<CallReport> call(std::span<const DLTensor* const> tensors,
                          const CallOptions& options = {}) const;
  Result<CallReport> call(std::initializer_list<const DLTensor*> tensors,
                          const CallOptions& options = {}) const {
    return call(std::span(tensors.begin(), tensors.size()), options);
  }
  Result<CallReport> call(std::span<const TensorView> tensors,
                          const CallOptions& options = {}) const;
  Result<CallReport> call(std::initializer_list<TensorView> tensors,
                          const CallOptions& options = {}) const {
    return call(std::span(tensors.begin(), tensors.size()), options);
  }

  const Workload& workload() const;
  // Of the code that the next call runs.
  std::shared_ptr<const CodeInfo> code() const;
  uint64_t replacements() const;

  // Puts other code into the slot; calls under way end with the code they began with. Compiles on
  // the calling thread; on an error the code stays. A trace is repaired where it does not fit.
  // Errors: those of Session::compile.
  Status replace(const std::string& trace) const;
  Status replace(const Trace& trace) const;
  // A kernel of the application's own, of c_signature(workload, sizes=true). Its result is not
  // checked. Its calls take turns.
  void replace(ForeignFunction kernel) const;

  // The memory at `data` has changed: where a schedule makes that tensor resident, the next call
  // uploads it again.
  void forget(const void* data) const;

  // The packed entry; `context` lives as long as this object or a copy of it.
  struct Packed {
    pj_packed_entry entry;
    std::shared_ptr<void> owner;
    void* context() const { return owner.get(); }
    int operator()(const pj_value* arguments, int count) const {
      return entry(owner.get(), arguments, count);
    }
  };
  Packed packed() const;

  // A C function of c_signature(workload, sizes=false) for tensors that are row-major without gaps:
  // int(const int32_t* A, const int32_t* B, int32_t* C). Returns as pj_packed_entry does. Errors,
  // internal: foreign_call.
  Result<CFunction> typed() const;

 private:
  friend class Session;
  struct State;
  explicit Callable(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_CALLABLE_H_
