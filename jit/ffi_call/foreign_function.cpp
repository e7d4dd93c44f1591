#include "pimjit/jit/ffi_call/foreign_function.h"

#include <utility>

#include <ffi.h>

#include "pimjit/core/plugin/shared_library.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

ffi_type* type_of(const CParameter& parameter) {
  if (parameter.pointer) return &ffi_type_pointer;
  switch (parameter.dtype) {
    case DType::b1:
    case DType::i8:
      return &ffi_type_sint8;
    case DType::i16:
      return &ffi_type_sint16;
    case DType::i32:
      return &ffi_type_sint32;
    case DType::i64:
      return &ffi_type_sint64;
    case DType::f32:
      return &ffi_type_float;
  }
  return &ffi_type_void;
}

bool fits(const CValue& value, const CParameter& parameter) {
  if (parameter.pointer) return std::holds_alternative<void*>(value);
  switch (parameter.dtype) {
    case DType::i8:
      return std::holds_alternative<int8_t>(value);
    case DType::i16:
      return std::holds_alternative<int16_t>(value);
    case DType::i32:
      return std::holds_alternative<int32_t>(value);
    case DType::i64:
      return std::holds_alternative<int64_t>(value);
    case DType::f32:
      return std::holds_alternative<float>(value);
    case DType::b1:
      break;
  }
  return false;
}

// A signature as libffi wants it; refers to itself, so it stays where it is.
struct Interface {
  explicit Interface(const CSignature& signature) {
    for (const CParameter& p : signature.parameters) types.push_back(type_of(p));
    ok = ffi_prep_cif(&cif, FFI_DEFAULT_ABI, static_cast<unsigned>(types.size()), &ffi_type_sint,
                      types.data()) == FFI_OK;
  }
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;

  ffi_cif cif{};
  std::vector<ffi_type*> types;
  bool ok = false;
};

}  // namespace

Result<ForeignFunction> ForeignFunction::load(const std::string& library_and_symbol) {
  const size_t colon = library_and_symbol.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == library_and_symbol.size()) {
    return fail(user_error("option_syntax", cat("'", library_and_symbol, "' is not LIBRARY:SYMBOL"),
                           {}, "such as ./libref.so:mtv"));
  }
  const Result<void*> address =
      load_symbol(library_and_symbol.substr(0, colon), library_and_symbol.substr(colon + 1));
  if (!address) return fail(address.error());
  return ForeignFunction(*address, library_and_symbol);
}

ForeignFunction ForeignFunction::at(void* address, std::string name) {
  return {address, std::move(name)};
}

Result<int> ForeignFunction::call(const CSignature& signature,
                                  const std::vector<CValue>& arguments) const {
  Interface interface(signature);
  bool fitting = interface.ok && arguments.size() == signature.parameters.size();
  for (size_t i = 0; fitting && i < arguments.size(); ++i)
    fitting = fits(arguments[i], signature.parameters[i]);
  if (!fitting) {
    return fail(internal_error("foreign_call",
                               cat(arguments.size(), " arguments do not fit the signature"),
                               to_text(signature, name_)));
  }
  std::vector<void*> addresses;
  for (const CValue& value : arguments) {
    addresses.push_back(std::visit(
        [](const auto& v) { return const_cast<void*>(static_cast<const void*>(&v)); }, value));
  }
  ffi_arg answer = 0;  // results narrower than a register come back widened
  ffi_call(&interface.cif, reinterpret_cast<void (*)()>(address_), &answer, addresses.data());
  return static_cast<int>(answer);
}

struct CFunction::State {
  State(const CSignature& signature, Body function)
      : interface(signature), body(std::move(function)) {}
  ~State() {
    if (closure != nullptr) ffi_closure_free(closure);
  }
  static void enter(ffi_cif*, void* answer, void** arguments, void* self) {
    *static_cast<ffi_sarg*>(answer) = static_cast<State*>(self)->body(arguments);
  }

  Interface interface;
  Body body;
  ffi_closure* closure = nullptr;
  void* code = nullptr;
};

Result<CFunction> CFunction::make(const CSignature& signature, Body body) {
  CFunction function;
  function.state_ = std::make_shared<State>(signature, std::move(body));
  State& state = *function.state_;
  state.closure = static_cast<ffi_closure*>(ffi_closure_alloc(sizeof(ffi_closure), &state.code));
  if (!state.interface.ok || state.closure == nullptr ||
      ffi_prep_closure_loc(state.closure, &state.interface.cif, State::enter, &state, state.code) !=
          FFI_OK) {
    return fail(internal_error("foreign_call", "libffi cannot make a function",
                               to_text(signature, "f"), "the system may forbid memory for code"));
  }
  return function;
}

void* CFunction::address() const {
  return state_ == nullptr ? nullptr : state_->code;
}

}  // namespace pimjit
