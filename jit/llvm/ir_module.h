#ifndef PIMJIT_JIT_LLVM_IR_MODULE_H_
#define PIMJIT_JIT_LLVM_IR_MODULE_H_

#include <memory>
#include <string>

#include "pimjit/core/support/error.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace pimjit {

// A module of LLVM IR for the host together with the context it lives in, so that modules of
// different owners share nothing. Movable; one thread at a time.
class IrModule {
 public:
  IrModule();                                  // empty: nothing but assignment and destruction
  explicit IrModule(const std::string& name);  // call inside guard_llvm
  // LLVM's text form. Errors, internal: invalid_ir with LLVM's message and line, out_of_memory.
  static Result<IrModule> parse(const std::string& name, const std::string& text);
  ~IrModule();
  IrModule(IrModule&& other) noexcept;
  IrModule& operator=(IrModule&& other) noexcept;

  bool empty() const { return module_ == nullptr; }
  llvm::LLVMContext& context() const { return *context_; }
  llvm::Module& module() const { return *module_; }
  std::string name() const;
  std::string text() const;
  // What LLVM's verifier says against it; empty when nothing. Call inside guard_llvm.
  std::string mistakes() const;

  // Gives up ownership without destroying anything: for what LLVM left in an unknown state.
  void leak();

 private:
  std::unique_ptr<llvm::LLVMContext> context_;
  std::unique_ptr<llvm::Module> module_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_LLVM_IR_MODULE_H_
