#include "pimjit/jit/kernel_code/emitter.h"

#include <algorithm>
#include <string>

namespace pimjit {
namespace {

bool loads(const kit::Expr& e, const std::vector<bool>& before) {
  const auto in = [&](int operand) {
    return operand != kit::kNone && before[static_cast<size_t>(operand)];
  };
  return e.kind == kit::ExprKind::Load || in(e.a) || in(e.b) || in(e.c);
}

}  // namespace

KernelEmitter::KernelEmitter(const kit::Kernel& kernel, const KernelCodeOptions& options,
                             llvm::Module& module)
    : kernel_(kernel),
      options_(options),
      module_(module),
      builder_(module.getContext()),
      buffers_(kernel.buffers.size()),
      variables_(kernel.vars.size()),
      ranges_(kernel) {
  for (const kit::Expr& e : kernel.exprs) loads_.push_back(loads(e, loads_));
}

llvm::Type* KernelEmitter::type_of(kit::Type type) {
  if (type == kit::Type::f32) return builder_.getFloatTy();
  return type == kit::Type::b1 ? builder_.getInt1Ty()
                               : builder_.getIntNTy(static_cast<unsigned>(8 * kit::bytes_of(type)));
}

llvm::Type* KernelEmitter::shape_of(kit::Type type) {
  llvm::Type* const element = type_of(type);
  return lanes_ == nullptr ? element : llvm::FixedVectorType::get(element, width_);
}

llvm::BasicBlock* KernelEmitter::block(const char* name) {
  return llvm::BasicBlock::Create(module_.getContext(), name, function_);
}

llvm::Align KernelEmitter::alignment(int buffer) const {
  const kit::Buffer& b = kernel_.buffers[static_cast<size_t>(buffer)];
  const int64_t natural = kit::bytes_of(b.type);
  return llvm::Align(static_cast<uint64_t>(b.is_local() ? natural : std::min(b.align, natural)));
}

llvm::Value* KernelEmitter::element(int buffer, int index) {
  llvm::Value* i = builder_.CreateSExtOrTrunc(expr(index), builder_.getInt64Ty());
  const auto b = static_cast<size_t>(buffer);
  return builder_.CreateInBoundsGEP(type_of(kernel_.buffers[b].type), buffers_[b], i);
}

llvm::Function* KernelEmitter::emit_body() {
  std::vector<llvm::Type*> types(2, builder_.getPtrTy());
  for (const kit::Buffer& b : kernel_.buffers) {
    if (!b.is_local()) types.push_back(builder_.getPtrTy());
  }
  function_ = llvm::Function::Create(llvm::FunctionType::get(builder_.getVoidTy(), types, false),
                                     llvm::Function::InternalLinkage, "body", module_);
  // Inlined into the entry its addresses would no longer be known to be distinct.
  function_->addFnAttr(llvm::Attribute::NoInline);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  builder_.SetInsertPoint(block("start"));
  arguments_ = function_->getArg(0);
  position_ = function_->getArg(1);
  unsigned next = 2;
  for (size_t b = 0; b < buffers_.size(); ++b) {
    const kit::Buffer& buffer = kernel_.buffers[b];
    if (buffer.is_local()) {
      llvm::Type* type =
          llvm::ArrayType::get(type_of(buffer.type), static_cast<uint64_t>(buffer.elements));
      llvm::AllocaInst* place = builder_.CreateAlloca(type);
      place->setAlignment(llvm::Align(64));
      buffers_[b] = place;
      continue;
    }
    function_->addParamAttr(next, llvm::Attribute::NoAlias);
    if (!buffer.written) function_->addParamAttr(next, llvm::Attribute::ReadOnly);
    buffers_[b] = function_->getArg(next++);
  }
  stmt(kernel_.body);
  builder_.CreateRetVoid();
  return function_;
}

void KernelEmitter::emit_entry(llvm::Function* body, const std::string& name) {
  const std::vector<llvm::Type*> types(3, builder_.getPtrTy());
  function_ = llvm::Function::Create(llvm::FunctionType::get(builder_.getVoidTy(), types, false),
                                     llvm::Function::ExternalLinkage, name, module_);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  builder_.SetInsertPoint(block("start"));
  llvm::Value* const scopes = function_->getArg(0);
  std::vector<llvm::Value*> values = {function_->getArg(1), function_->getArg(2)};
  for (const kit::Buffer& b : kernel_.buffers) {
    if (b.is_local()) continue;
    llvm::Value* scope = builder_.CreateLoad(
        builder_.getPtrTy(),
        builder_.CreateConstGEP1_64(builder_.getPtrTy(), scopes, static_cast<uint64_t>(b.scope)));
    llvm::Value* offset = builder_.CreateLoad(
        builder_.getInt64Ty(), builder_.CreateConstGEP1_64(builder_.getInt64Ty(), values[0],
                                                           static_cast<uint64_t>(b.param)));
    values.push_back(builder_.CreateGEP(builder_.getInt8Ty(), scope, offset));
  }
  builder_.CreateCall(body, values);
  builder_.CreateRetVoid();
}

}  // namespace pimjit
