#ifndef PIMJIT_JIT_LLVM_LLVM_VERSION_H_
#define PIMJIT_JIT_LLVM_LLVM_VERSION_H_

#include <memory>
#include <string>

#include <llvm/ADT/StringMap.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/TaskDispatch.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/TargetParser/Host.h>

// Everything that differs between versions of LLVM, and nothing else. For .cpp files.

static_assert(LLVM_VERSION_MAJOR >= 18 && LLVM_VERSION_MAJOR <= 20,
              "pimjit is written against LLVM 19; look through this header for another version");

namespace pimjit::llvm_version {

inline llvm::Function* intrinsic(llvm::Module& module, llvm::Intrinsic::ID id,
                                 llvm::ArrayRef<llvm::Type*> overloads = {}) {
#if LLVM_VERSION_MAJOR >= 20
  return llvm::Intrinsic::getOrInsertDeclaration(&module, id, overloads);
#else
  return llvm::Intrinsic::getDeclaration(&module, id, overloads);
#endif
}

// Features of this machine as a target machine takes them: "+avx2,-amx-tile,...", sorted.
inline llvm::StringMap<bool> host_features() {
#if LLVM_VERSION_MAJOR >= 19
  return llvm::sys::getHostCPUFeatures();
#else
  llvm::StringMap<bool> features;
  llvm::sys::getHostCPUFeatures(features);
  return features;
#endif
}

// This process as the place where linked code runs; work is done on the calling thread.
inline llvm::Expected<std::unique_ptr<llvm::orc::ExecutorProcessControl>> own_process() {
  return llvm::orc::SelfExecutorProcessControl::Create(
      std::make_shared<llvm::orc::SymbolStringPool>(),
      std::make_unique<llvm::orc::InPlaceTaskDispatcher>());
}

}  // namespace pimjit::llvm_version

#endif  // PIMJIT_JIT_LLVM_LLVM_VERSION_H_
