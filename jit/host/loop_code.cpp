// Loops, branches and addresses of generated code.
#include "pimjit/jit/host/nest_emitter.h"

namespace pimjit {

llvm::BasicBlock* NestEmitter::block(const char* name) {
  return llvm::BasicBlock::Create(module_.getContext(), name, function_);
}

// A loop that runs at least once needs no test in front of it.
llvm::BranchInst* NestEmitter::loop(Value* from, Value* to, int64_t step,
                                    const std::function<void(Value*)>& body) {
  Value* const any = builder_.CreateICmpSLT(from, to);
  const auto* const known = llvm::dyn_cast<llvm::ConstantInt>(any);
  if (known != nullptr && known->isZero()) return nullptr;
  llvm::BasicBlock* const before = builder_.GetInsertBlock();
  llvm::BasicBlock* const inside = block("loop");
  llvm::BasicBlock* const after = block("after");
  if (known != nullptr) {
    builder_.CreateBr(inside);
  } else {
    builder_.CreateCondBr(any, inside, after);
  }
  builder_.SetInsertPoint(inside);
  llvm::PHINode* const i = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  i->addIncoming(from, before);
  body(i);
  Value* const next = builder_.CreateNSWAdd(i, number(step));
  i->addIncoming(next, builder_.GetInsertBlock());
  llvm::BranchInst* const back =
      builder_.CreateCondBr(builder_.CreateICmpSLT(next, to), inside, after);
  builder_.SetInsertPoint(after);
  return back;
}

void NestEmitter::when(Value* condition, const std::function<void()>& then,
                       const std::function<void()>& otherwise) {
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition)) {
    if (known->isOne()) return then();
    if (otherwise) otherwise();
    return;
  }
  llvm::BasicBlock* const yes = block("then");
  llvm::BasicBlock* const no = otherwise ? block("else") : nullptr;
  llvm::BasicBlock* const after = block("after");
  builder_.CreateCondBr(condition, yes, otherwise ? no : after);
  builder_.SetInsertPoint(yes);
  then();
  builder_.CreateBr(after);
  if (otherwise) {
    builder_.SetInsertPoint(no);
    otherwise();
    builder_.CreateBr(after);
  }
  builder_.SetInsertPoint(after);
}

llvm::Value* NestEmitter::times(Value* a, int64_t b) {
  return scaled(a, number(b));
}

// The builder folds constants only; here 0 and 1 are common.
llvm::Value* NestEmitter::scaled(Value* a, Value* b) {
  if (llvm::isa<llvm::ConstantInt>(a)) std::swap(a, b);
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(b)) {
    if (known->isZero()) return b;
    if (known->isOne()) return a;
  }
  return builder_.CreateMul(a, b);
}

llvm::Value* NestEmitter::element(Value* base, Value* offset, llvm::Type* type) {
  const auto* const known = llvm::dyn_cast<llvm::ConstantInt>(offset);
  if (known != nullptr && known->isZero()) return base;
  return builder_.CreateGEP(type, base, offset);
}

llvm::Value* NestEmitter::smaller(Value* a, Value* b) {
  return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
}

llvm::Value* NestEmitter::larger(Value* a, Value* b) {
  return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
}

}  // namespace pimjit
