#include <utility>

#include "pimjit/jit/kernel_code/emitter.h"

namespace pimjit {

using kit::BinaryOp;
using kit::ExprKind;

// In lanes, what is the same in all of them is computed once.
llvm::Value* KernelEmitter::expr(int index) {
  const kit::Expr& e = kernel_.exprs[static_cast<size_t>(index)];
  if (lanes_ == nullptr || lanes_->varies(index)) return own_value(e);
  const LaneLoop* const lanes = std::exchange(lanes_, nullptr);
  llvm::Value* const value = own_value(e);
  lanes_ = lanes;
  return builder_.CreateVectorSplat(width_, value);
}

llvm::Value* KernelEmitter::entry_of(llvm::Value* table, const kit::Expr& e) {
  llvm::Value* at =
      builder_.CreateConstGEP1_64(builder_.getInt64Ty(), table, static_cast<uint64_t>(e.index));
  return builder_.CreateTrunc(builder_.CreateLoad(builder_.getInt64Ty(), at), type_of(e.type));
}

llvm::Value* KernelEmitter::own_value(const kit::Expr& e) {
  switch (e.kind) {
    case ExprKind::IntImm:
      return llvm::ConstantInt::getSigned(type_of(e.type),
                                          e.type == kit::Type::b1 ? -e.value : e.value);
    case ExprKind::FloatImm:
      return llvm::ConstantFP::get(module_.getContext(), llvm::APFloat(e.real));
    case ExprKind::Var: {
      llvm::Value* const value = variables_[static_cast<size_t>(e.index)];
      if (lanes_ == nullptr) return value;
      return builder_.CreateAdd(builder_.CreateVectorSplat(width_, value),
                                builder_.CreateStepVector(shape_of(e.type)));
    }
    case ExprKind::LevelIndex:
      return entry_of(position_, e);
    case ExprKind::Param:
      return entry_of(arguments_, e);
    case ExprKind::Binary:
      return binary(e);
    case ExprKind::Not:
      return builder_.CreateNot(expr(e.a));
    case ExprKind::Select:
      return select(e);
    case ExprKind::Cast:
      return cast(e);
    case ExprKind::Load:
      return load(e);
  }
  return nullptr;
}

// In lanes: of consecutive elements, from that of the first lane on.
llvm::Value* KernelEmitter::load(const kit::Expr& e) {
  llvm::Type* const type = shape_of(e.type);
  const LaneLoop* const lanes = std::exchange(lanes_, nullptr);
  llvm::Value* const place = element(e.index, e.a);
  lanes_ = lanes;
  return builder_.CreateAlignedLoad(type, place, alignment(e.index));
}

llvm::Value* KernelEmitter::binary(const kit::Expr& e) {
  if (e.op == BinaryOp::logical_and || e.op == BinaryOp::logical_or) return logical(e);
  llvm::Value* a = expr(e.a);
  llvm::Value* b = expr(e.b);
  return a->getType()->isFPOrFPVectorTy() ? real(e.op, a, b) : integer(e, a, b);
}

llvm::Value* KernelEmitter::integer(const kit::Expr& e, llvm::Value* a, llvm::Value* b) {
  const bool exact = lanes_ == nullptr && ranges_.of(e).has_value();
  switch (e.op) {
    case BinaryOp::add:
      return builder_.CreateAdd(a, b, "", false, exact);
    case BinaryOp::sub:
      return builder_.CreateSub(a, b, "", false, exact);
    case BinaryOp::mul:
      return builder_.CreateMul(a, b, "", false, exact);
    case BinaryOp::div:
      return divide(false, a, b);
    case BinaryOp::mod:
      return divide(true, a, b);
    case BinaryOp::min:
      return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
    case BinaryOp::max:
      return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
    case BinaryOp::lt:
      return builder_.CreateICmpSLT(a, b);
    case BinaryOp::le:
      return builder_.CreateICmpSLE(a, b);
    case BinaryOp::eq:
      return builder_.CreateICmpEQ(a, b);
    default:
      return builder_.CreateICmpNE(a, b);
  }
}

// The machine traps where the divisor is 0 or the quotient overflows, so it divides by 1 there.
llvm::Value* KernelEmitter::divide(bool remainder, llvm::Value* a, llvm::Value* b) {
  llvm::Type* const type = a->getType();
  llvm::Value* const zero = llvm::ConstantInt::get(type, 0);
  llvm::Value* const by_zero = builder_.CreateICmpEQ(b, zero);
  llvm::Value* const by_minus_one =
      builder_.CreateICmpEQ(b, llvm::ConstantInt::getSigned(type, -1));
  llvm::Value* const divisor = builder_.CreateSelect(builder_.CreateOr(by_zero, by_minus_one),
                                                     llvm::ConstantInt::get(type, 1), b);
  if (remainder) return builder_.CreateSelect(by_zero, a, builder_.CreateSRem(a, divisor));
  llvm::Value* const quotient =
      builder_.CreateSelect(by_minus_one, builder_.CreateNeg(a), builder_.CreateSDiv(a, divisor));
  return builder_.CreateSelect(by_zero, zero, quotient);
}

// IEEE operations; at most a product and its sum become one.
llvm::Value* KernelEmitter::real(BinaryOp op, llvm::Value* a, llvm::Value* b) {
  llvm::FastMathFlags flags;
  flags.setAllowContract(options_.fused);
  const llvm::IRBuilderBase::FastMathFlagGuard restore(builder_);
  builder_.setFastMathFlags(flags);
  switch (op) {
    case BinaryOp::add:
      return builder_.CreateFAdd(a, b);
    case BinaryOp::sub:
      return builder_.CreateFSub(a, b);
    case BinaryOp::mul:
      return builder_.CreateFMul(a, b);
    case BinaryOp::div:
      return builder_.CreateFDiv(a, b);
    case BinaryOp::min:
      return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::minimum, a, b);
    case BinaryOp::max:
      return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::maximum, a, b);
    case BinaryOp::lt:
      return builder_.CreateFCmpOLT(a, b);
    case BinaryOp::le:
      return builder_.CreateFCmpOLE(a, b);
    case BinaryOp::eq:
      return builder_.CreateFCmpOEQ(a, b);
    default:
      return builder_.CreateFCmpUNE(a, b);
  }
}

llvm::Value* KernelEmitter::logical(const kit::Expr& e) {
  const bool both = e.op == BinaryOp::logical_and;
  llvm::Value* const a = expr(e.a);
  if (!loads_[static_cast<size_t>(e.b)]) {
    llvm::Value* const b = expr(e.b);
    return both ? builder_.CreateAnd(a, b) : builder_.CreateOr(a, b);
  }
  llvm::BasicBlock* const decided = builder_.GetInsertBlock();
  llvm::BasicBlock* const second = block("second");
  llvm::BasicBlock* const joined = block("joined");
  builder_.CreateCondBr(a, both ? second : joined, both ? joined : second);
  builder_.SetInsertPoint(second);
  llvm::Value* const b = expr(e.b);
  llvm::BasicBlock* const last = builder_.GetInsertBlock();
  builder_.CreateBr(joined);
  builder_.SetInsertPoint(joined);
  llvm::PHINode* const result = builder_.CreatePHI(builder_.getInt1Ty(), 2);
  result->addIncoming(builder_.getInt1(!both), decided);
  result->addIncoming(b, last);
  return result;
}

llvm::Value* KernelEmitter::select(const kit::Expr& e) {
  llvm::Value* const condition = expr(e.a);
  if (!loads_[static_cast<size_t>(e.b)] && !loads_[static_cast<size_t>(e.c)]) {
    llvm::Value* const if_true = expr(e.b);
    return builder_.CreateSelect(condition, if_true, expr(e.c));
  }
  llvm::BasicBlock* const arms[2] = {block("if_true"), block("if_false")};
  llvm::BasicBlock* const joined = block("joined");
  builder_.CreateCondBr(condition, arms[0], arms[1]);
  llvm::Value* values[2];
  llvm::BasicBlock* ends[2];
  for (int arm = 0; arm < 2; ++arm) {
    builder_.SetInsertPoint(arms[arm]);
    values[arm] = expr(arm == 0 ? e.b : e.c);
    ends[arm] = builder_.GetInsertBlock();
    builder_.CreateBr(joined);
  }
  builder_.SetInsertPoint(joined);
  llvm::PHINode* const result = builder_.CreatePHI(type_of(e.type), 2);
  for (int arm = 0; arm < 2; ++arm) result->addIncoming(values[arm], ends[arm]);
  return result;
}

llvm::Value* KernelEmitter::cast(const kit::Expr& e) {
  llvm::Value* const a = expr(e.a);
  llvm::Type* const to = shape_of(e.type);
  const bool from_b1 = a->getType()->isIntOrIntVectorTy(1);
  if (a->getType()->isFPOrFPVectorTy()) {  // saturates, and gives 0 for a NaN
    return builder_.CreateIntrinsic(llvm::Intrinsic::fptosi_sat, {to, a->getType()}, {a});
  }
  if (to->isFPOrFPVectorTy())
    return from_b1 ? builder_.CreateUIToFP(a, to) : builder_.CreateSIToFP(a, to);
  return from_b1 ? builder_.CreateZExt(a, to) : builder_.CreateSExtOrTrunc(a, to);
}

}  // namespace pimjit
