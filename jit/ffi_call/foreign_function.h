#ifndef PIMJIT_JIT_FFI_CALL_FOREIGN_FUNCTION_H_
#define PIMJIT_JIT_FFI_CALL_FOREIGN_FUNCTION_H_

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/jit/ffi_call/c_signature.h"

namespace pimjit {

// An argument in the type of its parameter.
using CValue = std::variant<int8_t, int16_t, int32_t, int64_t, float, void*>;

// A C function whose signature is known only at run time. Copies are cheap. Any thread may call it
// if the function itself allows that; what it does wrong, it does to this process.
class ForeignFunction {
 public:
  // From "PATH:SYMBOL"; the library stays mapped for good. Errors (user): option_syntax,
  // library_missing, library_unloadable, symbol_missing.
  static Result<ForeignFunction> load(const std::string& library_and_symbol);
  // A function of this process; `name` is for messages.
  static ForeignFunction at(void* address, std::string name);

  // `arguments` have the types of the signature's parameters. What the function returns; errors,
  // internal: foreign_call where they have not.
  Result<int> call(const CSignature& signature, const std::vector<CValue>& arguments) const;

  const std::string& name() const { return name_; }  // "libref.so:mtv"

 private:
  ForeignFunction(void* address, std::string name) : address_(address), name_(std::move(name)) {}
  void* address_;
  std::string name_;
};

// A C function made at run time that calls `body`: code for an application that wants a plain
// function pointer. The function lives as long as a copy of this handle.
// `body` gets the address of each argument and must not throw. Any thread may call the function if
// `body` allows that.
class CFunction {
 public:
  using Body = std::function<int(void* const* arguments)>;
  // Errors, internal: foreign_call when the system has no memory for code.
  static Result<CFunction> make(const CSignature& signature, Body body);

  void* address() const;
  // The same in its type: function.as<int(const int*, int*)>().
  template <typename Function>
  Function* as() const {
    return reinterpret_cast<Function*>(address());
  }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_FFI_CALL_FOREIGN_FUNCTION_H_
