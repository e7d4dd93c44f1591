#include "pimjit/jit/session/callable.h"

#include <utility>
#include <vector>

#include "pimjit/core/run/host_ops.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/jit/session/bind_tensors.h"
#include "pimjit/jit/session/callable_state.h"
#include "pimjit/jit/session/foreign_code.h"

namespace pimjit {
namespace {

Status inside_ranges(const Workload& w, std::span<const TensorView> tensors) {
  std::vector<HostTensor> inputs;
  for (const int t : w.inputs()) {
    const TensorView& view = tensors[static_cast<size_t>(t)];
    HostTensor copy(view.dtype, view.shape);
    copy_tensor(view, copy.view());
    inputs.push_back(std::move(copy));
  }
  return check_ranges(w, inputs);
}

}  // namespace

Result<CallReport> Callable::State::run(std::span<const TensorView> tensors,
                                        const CallOptions& options) const {
  if (options.check_ranges) {
    if (Status s = inside_ranges(*workload, tensors); !s) return fail(s.error());
  }
  const std::shared_ptr<const Code> code = shared->slot.load();
  Result<RunReport> times = code->run(tensors, options.counters);
  if (!times) return fail(times.error());
  return CallReport{std::move(*times), code->info()};
}

Result<CallReport> Callable::call(std::span<const DLTensor* const> tensors,
                                  const CallOptions& options) const {
  const auto bound = bind_tensors(*state_->workload, tensors);
  if (!bound) return fail(bound.error());
  return state_->run(*bound, options);
}

Result<CallReport> Callable::call(std::span<const TensorView> tensors,
                                  const CallOptions& options) const {
  const auto bound = bind_tensors(*state_->workload, tensors);
  if (!bound) return fail(bound.error());
  return state_->run(*bound, options);
}

const Workload& Callable::workload() const {
  return *state_->workload;
}
std::shared_ptr<const CodeInfo> Callable::code() const {
  return state_->shared->slot.load()->info();
}
uint64_t Callable::replacements() const {
  return state_->shared->slot.replacements();
}

Status Callable::replace(const std::string& trace) const {
  const auto& shared = state_->shared;
  // Names in the text are those of this Callable's workload.
  CodeRequest request = shared->request;
  request.workload = state_->workload;
  auto code = compile_code(request, *given_schedule(trace));
  if (!code) return fail(code.error());
  shared->slot.replace(std::move(*code));
  return {};
}

Status Callable::replace(const Trace& trace) const {
  return replace(
      to_text(trace, *state_->workload, *state_->shared->request.target->target.description));
}

void Callable::replace(ForeignFunction kernel) const {
  const auto& shared = state_->shared;
  shared->slot.replace(
      make_foreign_code(std::move(kernel), state_->workload, shared->request.target->target.name));
}

void Callable::forget(const void* data) const {
  state_->shared->slot.load()->forget(data);
}

}  // namespace pimjit
