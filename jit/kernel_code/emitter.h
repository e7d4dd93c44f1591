#ifndef PIMJIT_JIT_KERNEL_CODE_EMITTER_H_
#define PIMJIT_JIT_KERNEL_CODE_EMITTER_H_

#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit {

// Writes the body of one kernel into one function. Expressions are emitted where they are used: the
// body is a tree.
class KernelEmitter {
 public:
  KernelEmitter(const kit::Kernel& kernel, llvm::Module& module);

  // A function of (arguments, position, one address per device buffer). Its addresses are noalias:
  // device buffers overlap only where nothing writes them, which noalias allows.
  llvm::Function* emit_body();
  // A KernelEntry that finds the addresses and calls `body`.
  void emit_entry(llvm::Function* body, const std::string& name);

 private:
  llvm::Type* type_of(kit::Type type);
  llvm::Value* element(int buffer, int index);
  llvm::Align alignment(int buffer) const;
  llvm::BasicBlock* block(const char* name);

  // expressions.cpp
  llvm::Value* expr(int e);
  llvm::Value* binary(const kit::Expr& e);
  llvm::Value* integer(kit::BinaryOp op, llvm::Value* a, llvm::Value* b);
  llvm::Value* real(kit::BinaryOp op, llvm::Value* a, llvm::Value* b);
  llvm::Value* divide(bool remainder, llvm::Value* a, llvm::Value* b);
  llvm::Value* logical(const kit::Expr& e);
  llvm::Value* select(const kit::Expr& e);
  llvm::Value* cast(const kit::Expr& e);

  // statements.cpp
  void stmt(int s);
  void loop(const kit::Stmt& s);
  void branch(const kit::Stmt& s);
  void copy(const kit::Stmt& s);
  llvm::MDNode* loop_hints(const kit::Stmt& s);

  const kit::Kernel& kernel_;
  llvm::Module& module_;
  llvm::IRBuilder<> builder_;
  llvm::Function* function_ = nullptr;
  llvm::Value* arguments_ = nullptr;
  llvm::Value* position_ = nullptr;
  std::vector<llvm::Value*> buffers_, variables_;
  std::vector<bool> loads_;  // by expression: whether there is a Load in it
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_KERNEL_CODE_EMITTER_H_
