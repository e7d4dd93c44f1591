#ifndef PIMJIT_JIT_LLVM_LOOP_HINT_H_
#define PIMJIT_JIT_LLVM_LOOP_HINT_H_

#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>

namespace pimjit {

// Gives a loop one hint of LLVM's, such as "llvm.loop.unroll.count" 4, at its branch back; `value`
// null: a hint without one. Call inside guard_llvm.
void hint_loop(llvm::BranchInst& back, const char* name, llvm::Constant* value);

}  // namespace pimjit

#endif  // PIMJIT_JIT_LLVM_LOOP_HINT_H_
