#ifndef PIMJIT_JIT_LLVM_OPTIMISE_H_
#define PIMJIT_JIT_LLVM_OPTIMISE_H_

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace pimjit {

// A short pipeline for code that is written well to begin with: registers instead of stack slots,
// common expressions, invariant code out of loops, vectorised and unrolled loops. Nothing across
// functions but inlining of those marked always_inline. Call inside guard_llvm.
void optimise(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace pimjit

#endif  // PIMJIT_JIT_LLVM_OPTIMISE_H_
