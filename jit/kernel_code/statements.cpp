#include "pimjit/jit/kernel_code/emitter.h"

namespace pimjit {

using kit::LoopKind;
using kit::StmtKind;

void KernelEmitter::stmt(int index) {
  const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(index)];
  switch (s.kind) {
    case StmtKind::Seq:
      for (int i = 0; i < s.count; ++i)
        stmt(kernel_.children[static_cast<size_t>(s.first) + static_cast<size_t>(i)]);
      break;
    case StmtKind::For:
      loop(s);
      break;
    case StmtKind::If:
      branch(s);
      break;
    case StmtKind::Let:
      variables_[static_cast<size_t>(s.var)] = expr(s.a);
      stmt(s.body);
      break;
    case StmtKind::Store: {
      llvm::Value* const place = element(s.dst, s.a);
      builder_.CreateAlignedStore(expr(s.b), place, alignment(s.dst));
      break;
    }
    case StmtKind::Copy:
      copy(s);
      break;
    case StmtKind::Barrier:
    case StmtKind::Combine:
      break;  // refused before
  }
}

void KernelEmitter::loop(const kit::Stmt& s) {
  llvm::Value* const min = expr(s.a);
  llvm::Value* const extent = expr(s.b);
  llvm::Type* const type = min->getType();
  // The language has no loop whose end overflows, except empty ones, which do not get here.
  llvm::BasicBlock* const before = builder_.GetInsertBlock();
  llvm::BasicBlock* const body = block("loop");
  llvm::BasicBlock* const after = block("after");
  builder_.CreateCondBr(builder_.CreateICmpSGT(extent, llvm::ConstantInt::get(type, 0)), body,
                        after);
  builder_.SetInsertPoint(body);
  llvm::PHINode* const count = builder_.CreatePHI(type, 2);
  count->addIncoming(llvm::ConstantInt::get(type, 0), before);
  variables_[static_cast<size_t>(s.var)] = builder_.CreateNSWAdd(min, count);
  stmt(s.body);
  llvm::Value* const next = builder_.CreateNSWAdd(count, llvm::ConstantInt::get(type, 1));
  count->addIncoming(next, builder_.GetInsertBlock());
  llvm::BranchInst* const back =
      builder_.CreateCondBr(builder_.CreateICmpSLT(next, extent), body, after);
  if (llvm::MDNode* hints = loop_hints(s)) back->setMetadata(llvm::LLVMContext::MD_loop, hints);
  builder_.SetInsertPoint(after);
}

// What the kind of a loop permits; LLVM still checks that the result stays the same.
llvm::MDNode* KernelEmitter::loop_hints(const kit::Stmt& s) {
  llvm::LLVMContext& context = module_.getContext();
  const auto hint = [&](const char* name, llvm::Constant* value) {
    std::vector<llvm::Metadata*> parts = {llvm::MDString::get(context, name)};
    if (value != nullptr) parts.push_back(llvm::ConstantAsMetadata::get(value));
    return llvm::MDNode::get(context, parts);
  };
  llvm::MDNode* what = nullptr;
  if (s.loop == LoopKind::vectorized) {
    what = hint("llvm.loop.vectorize.enable", builder_.getTrue());
  } else if (s.loop == LoopKind::unrolled) {
    what = s.unroll == 0
               ? hint("llvm.loop.unroll.full", nullptr)
               : hint("llvm.loop.unroll.count", builder_.getInt32(static_cast<uint32_t>(s.unroll)));
  } else {
    return nullptr;
  }
  llvm::MDNode* const loop = llvm::MDNode::getDistinct(context, {nullptr, what});
  loop->replaceOperandWith(0, loop);
  return loop;
}

void KernelEmitter::branch(const kit::Stmt& s) {
  llvm::Value* const condition = expr(s.a);
  llvm::BasicBlock* const then = block("then");
  llvm::BasicBlock* const otherwise = s.else_body == kit::kNone ? nullptr : block("else");
  llvm::BasicBlock* const after = block("after");
  builder_.CreateCondBr(condition, then, otherwise == nullptr ? after : otherwise);
  builder_.SetInsertPoint(then);
  stmt(s.body);
  builder_.CreateBr(after);
  if (otherwise != nullptr) {
    builder_.SetInsertPoint(otherwise);
    stmt(s.else_body);
    builder_.CreateBr(after);
  }
  builder_.SetInsertPoint(after);
}

void KernelEmitter::copy(const kit::Stmt& s) {
  llvm::Value* const to = element(s.dst, s.a);
  llvm::Value* const from = element(s.src, s.b);
  const int64_t bytes = kit::bytes_of(kernel_.buffers[static_cast<size_t>(s.dst)].type);
  llvm::Value* const elements = builder_.CreateSExtOrTrunc(expr(s.c), builder_.getInt64Ty());
  builder_.CreateMemCpy(
      to, alignment(s.dst), from, alignment(s.src),
      builder_.CreateMul(elements, builder_.getInt64(static_cast<uint64_t>(bytes))));
}

}  // namespace pimjit
