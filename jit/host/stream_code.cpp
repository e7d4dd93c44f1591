// Copies of memory so large that it leaves the caches before anyone reads it: written past them, so
// that the lines are not read first.
#include <algorithm>

#include "pimjit/jit/host/nest_emitter.h"
#include "pimjit/jit/llvm/host_machine.h"

namespace pimjit {
namespace {

// Stores past the caches are whole lines; shorter rows would be made of parts.
constexpr int64_t kLine = 64;

}  // namespace

bool NestEmitter::streams() const {
  if (nest_.kind == NestKind::fill || nest_.partials() > 1) return false;
  if (nest_.staging != nest_.dtype) return false;
  return nest_.row.extent * bytes_of(nest_.dtype) >= 2 * kLine && nest_.bytes() >= kLargeTransfer;
}

// void copy(void* to, const void* from, int64_t bytes), one in a module.
llvm::Function* NestEmitter::emit_stream_copy() {
  const char* const name = "copy.streamed";
  if (llvm::Function* const known = module_.getFunction(name)) return known;
  llvm::Type* const pointer = builder_.getPtrTy();
  function_ = llvm::Function::Create(
      llvm::FunctionType::get(builder_.getVoidTy(), {pointer, pointer, builder_.getInt64Ty()},
                              false),
      llvm::Function::InternalLinkage, name, module_);
  function_->addFnAttr(llvm::Attribute::NoInline);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  function_->addParamAttr(0, llvm::Attribute::NoAlias);
  function_->addParamAttr(1, llvm::Attribute::NoAlias);
  builder_.SetInsertPoint(block("start"));
  Value* const to = function_->getArg(0);
  Value* const from = function_->getArg(1);
  Value* const bytes = function_->getArg(2);
  const auto at = [&](Value* base, Value* offset) {
    return builder_.CreateGEP(builder_.getInt8Ty(), base, offset);
  };
  const auto rest = [&](Value* first, Value* last) {
    when(builder_.CreateICmpSLT(first, last), [&] {
      builder_.CreateMemCpy(at(to, first), llvm::Align(1), at(from, first), llvm::Align(1),
                            builder_.CreateSub(last, first));
    });
  };
  Value* const address = builder_.CreatePtrToInt(to, builder_.getInt64Ty());
  Value* const to_line = builder_.CreateAnd(builder_.CreateNeg(address), number(kLine - 1));
  Value* const head = smaller(to_line, bytes);
  Value* const lines = builder_.CreateAnd(builder_.CreateSub(bytes, head), number(-kLine));
  Value* const tail = builder_.CreateAdd(head, lines);
  rest(number(0), head);
  const int64_t width = std::min<int64_t>(kLine, host_machine().vector_bytes);
  llvm::Type* const vector =
      llvm::FixedVectorType::get(builder_.getInt8Ty(), static_cast<unsigned>(width));
  llvm::MDNode* const past_caches =
      llvm::MDNode::get(module_.getContext(), llvm::ConstantAsMetadata::get(builder_.getInt32(1)));
  loop(head, tail, kLine, [&](Value* i) {
    for (int64_t k = 0; k < kLine; k += width) {
      Value* const place = builder_.CreateAdd(i, number(k));
      Value* const value = builder_.CreateAlignedLoad(vector, at(from, place), llvm::Align(1));
      builder_.CreateAlignedStore(value, at(to, place), llvm::Align(static_cast<uint64_t>(width)))
          ->setMetadata(llvm::LLVMContext::MD_nontemporal, past_caches);
    }
  });
  rest(tail, bytes);
  builder_.CreateRetVoid();
  return function_;
}

}  // namespace pimjit
