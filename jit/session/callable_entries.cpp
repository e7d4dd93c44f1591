// The ways into a Callable from C: one packed signature for all, and a function of its own types.
#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/session/bind_tensors.h"
#include "pimjit/jit/session/callable_state.h"

namespace pimjit {
namespace {

int status_of(Origin origin) {
  switch (origin) {
    case Origin::user:
      return 1;
    case Origin::target:
      return 2;
    case Origin::internal:
      return 3;
  }
  return 3;
}

void write_message(const pj_message* to, const std::string& text) {
  if (to == nullptr || to->text == nullptr || to->size == 0) return;
  const size_t n = std::min<size_t>(text.size(), to->size - 1);
  std::memcpy(to->text, text.data(), n);
  to->text[n] = '\0';
}

// Nothing may leave a C function but its status.
template <typename Body>
int guarded(const pj_message* message, Body body) noexcept {
  try {
    const Status status = body();
    if (status) return 0;
    write_message(message, status.error().message());
    return status_of(status.error().origin);
  } catch (const std::exception& e) {
    if (message != nullptr && message->text != nullptr && message->size > 0) {
      std::strncpy(message->text, e.what(), message->size - 1);
      message->text[message->size - 1] = '\0';
    }
    return status_of(Origin::internal);
  }
}

// The message behind the tensors, if there is one.
const pj_message* message_in(const pj_value* arguments, int count) {
  if (arguments == nullptr || count < 1) return nullptr;
  const pj_value& last = arguments[count - 1];
  return last.kind == PJ_VALUE_MESSAGE ? &last.as.message : nullptr;
}

Result<std::vector<const DLTensor*>> tensors_in(const pj_value* arguments, int count) {
  std::vector<const DLTensor*> tensors;
  for (int i = 0; i < count; ++i) {
    if (arguments[i].kind != PJ_VALUE_TENSOR) {
      return fail(user_error("bad_argument",
                             cat("argument ", i, " has kind ", arguments[i].kind, ", not ",
                                 static_cast<int>(PJ_VALUE_TENSOR), " (a tensor)"),
                             {}, "tensors first; a message may follow them"));
    }
    tensors.push_back(arguments[i].as.tensor);
  }
  return tensors;
}

}  // namespace

Callable::Packed Callable::packed() const {
  const pj_packed_entry entry = [](void* context, const pj_value* arguments, int count) -> int {
    const pj_message* const message = message_in(arguments, count);
    return guarded(message, [&]() -> Status {
      if (context == nullptr || count < 0 || (arguments == nullptr && count > 0)) {
        return fail(
            user_error("bad_argument", cat("a context and ", count, " arguments are needed")));
      }
      const State& state = *static_cast<const State*>(context);
      const auto tensors = tensors_in(arguments, message == nullptr ? count : count - 1);
      if (!tensors) return fail(tensors.error());
      const auto bound = bind_tensors(*state.workload, *tensors);
      if (!bound) return fail(bound.error());
      const auto report = state.run(*bound, {});
      return report ? Status{} : fail(report.error());
    });
  };
  return {entry, std::const_pointer_cast<State>(state_)};
}

Result<CFunction> Callable::typed() const {
  // Row-major views of every tensor; the addresses come with the call.
  std::vector<TensorView> views(state_->workload->tensors.size());
  std::vector<int> order = state_->workload->inputs();
  order.push_back(state_->workload->output());
  for (const int t : order) {
    const Tensor& declared = state_->workload->tensors[static_cast<size_t>(t)];
    TensorView& view = views[static_cast<size_t>(t)];
    view = {nullptr, declared.dtype, declared.shape, std::vector<int64_t>(declared.shape.size())};
    int64_t stride = 1;
    for (size_t d = view.shape.size(); d-- > 0; stride *= view.shape[d]) view.strides[d] = stride;
  }
  const CSignature signature = c_signature(*state_->workload, false);
  const auto body = [state = state_, views, order, signature](void* const* arguments) -> int {
    return guarded(nullptr, [&]() -> Status {
      std::vector<TensorView> bound = views;
      for (size_t i = 0; i < order.size(); ++i) {
        // A scalar lies where the argument does.
        void* const data = signature.parameters[i].pointer
                               ? *static_cast<void* const*>(arguments[i])
                               : arguments[i];
        TensorView& view = bound[static_cast<size_t>(order[i])];
        view.data = data;
        if (data == nullptr && view.elements() > 0) {
          return fail(user_error("tensor_mismatch", cat("tensor ", signature.parameters[i].name,
                                                        " is a null pointer")));
        }
      }
      const auto report = state->run(bound, {});
      return report ? Status{} : fail(report.error());
    });
  };
  return CFunction::make(signature, body);
}

}  // namespace pimjit
