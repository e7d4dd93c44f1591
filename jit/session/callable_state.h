#ifndef PIMJIT_JIT_SESSION_CALLABLE_STATE_H_
#define PIMJIT_JIT_SESSION_CALLABLE_STATE_H_

#include <memory>

#include "pimjit/jit/session/callable.h"
#include "pimjit/jit/session/code.h"
#include "pimjit/jit/session/module_code.h"

namespace pimjit {

// What Callables of one key share: the slot, and what new code for it is made from.
struct SharedCode {
  SharedCode(CodeRequest from, std::shared_ptr<const Code> code)
      : request(std::move(from)), slot(std::move(code)) {}
  const CodeRequest request;
  CodeSlot slot;
};

struct Callable::State {
  // Its own: keys do not depend on the names of tensors, messages do.
  std::shared_ptr<const Workload> workload;
  std::shared_ptr<SharedCode> shared;

  // `tensors` by number of the workload's, checked.
  Result<CallReport> run(std::span<const TensorView> tensors, const CallOptions& options) const;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_CALLABLE_STATE_H_
