#include "pimjit/jit/llvm/ir_module.h"

#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/llvm/fatal_guard.h"
#include "pimjit/jit/llvm/host_machine.h"

namespace pimjit {

IrModule::IrModule() = default;
IrModule::~IrModule() = default;
IrModule::IrModule(IrModule&& other) noexcept = default;

IrModule::IrModule(const std::string& name)
    : context_(std::make_unique<llvm::LLVMContext>()),
      module_(std::make_unique<llvm::Module>(name, *context_)) {
  module_->setTargetTriple(host_machine().triple);
  module_->setDataLayout(host_machine().data_layout);
}

// The module goes before its context.
IrModule& IrModule::operator=(IrModule&& other) noexcept {
  module_ = std::move(other.module_);
  context_ = std::move(other.context_);
  return *this;
}

Result<IrModule> IrModule::parse(const std::string& name, const std::string& text) {
  IrModule ir;
  llvm::SMDiagnostic wrong;
  bool failed = false;
  const Status done = guard_llvm([&] {
    ir = IrModule(name);
    const llvm::MemoryBufferRef buffer(text, name);
    failed = llvm::parseAssemblyInto(buffer, ir.module_.get(), nullptr, wrong);
  });
  if (!done) {
    ir.leak();
    return fail(done.error());
  }
  if (failed) {
    return fail(internal_error("invalid_ir", cat("this is not IR: ", wrong.getMessage().str()),
                               cat(name, ":", wrong.getLineNo())));
  }
  return ir;
}

std::string IrModule::name() const {
  return empty() ? std::string() : module_->getName().str();
}

std::string IrModule::text() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (!empty()) module_->print(out, nullptr);
  return text;
}

std::string IrModule::mistakes() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  return llvm::verifyModule(*module_, &out) ? text : std::string();
}

void IrModule::leak() {
  static_cast<void>(module_.release());
  static_cast<void>(context_.release());
}

}  // namespace pimjit
