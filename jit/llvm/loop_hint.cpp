#include "pimjit/jit/llvm/loop_hint.h"

#include <vector>

#include <llvm/IR/Metadata.h>

namespace pimjit {

void hint_loop(llvm::BranchInst& back, const char* name, llvm::Constant* value) {
  llvm::LLVMContext& context = back.getContext();
  std::vector<llvm::Metadata*> parts = {llvm::MDString::get(context, name)};
  if (value != nullptr) parts.push_back(llvm::ConstantAsMetadata::get(value));
  llvm::MDNode* const hint = llvm::MDNode::get(context, parts);
  llvm::MDNode* const loop = llvm::MDNode::getDistinct(context, {nullptr, hint});
  loop->replaceOperandWith(0, loop);
  back.setMetadata(llvm::LLVMContext::MD_loop, loop);
}

}  // namespace pimjit
