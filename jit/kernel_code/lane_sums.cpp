// Sums over a loop in lanes: one partial sum in each lane, added up after the loop.
#include "pimjit/jit/kernel_code/emitter.h"

namespace pimjit {
namespace {

using kit::BinaryOp;

// What changes nothing where it is combined.
llvm::Constant* neutral(BinaryOp op, llvm::Type* type) {
  const unsigned bits = type->getIntegerBitWidth();
  switch (op) {
    case BinaryOp::mul:
      return llvm::ConstantInt::get(type, 1);
    case BinaryOp::min:
      return llvm::ConstantInt::get(type, llvm::APInt::getSignedMaxValue(bits));
    case BinaryOp::max:
      return llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(bits));
    default:
      return llvm::ConstantInt::get(type, 0);
  }
}

}  // namespace

// Partial sums are variables of the function, which LLVM then keeps in registers.
void KernelEmitter::begin_sums(const LaneLoop& lanes, const std::vector<int64_t>& widths) {
  llvm::BasicBlock& entry = function_->getEntryBlock();
  for (const int number : lanes.stores()) {
    const auto sum = lanes.sum(number);
    if (!sum) continue;
    llvm::Type* const element = type_of(kernel_.exprs[static_cast<size_t>(sum->value)].type);
    for (const int64_t lane_count : widths) {
      if (lane_count == 1) continue;
      const auto width = static_cast<unsigned>(lane_count);
      llvm::Type* const type = llvm::FixedVectorType::get(element, width);
      auto* const partial = llvm::IRBuilder<>(&entry, entry.begin()).CreateAlloca(type);
      builder_.CreateStore(llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(width),
                                                          neutral(sum->op, element)),
                           partial);
      sums_[{number, width}] = partial;
    }
  }
}

void KernelEmitter::add_in_lanes(int number, const LaneSum& sum) {
  llvm::AllocaInst* const partial = sums_.at({number, width_});
  llvm::Value* const before = builder_.CreateLoad(partial->getAllocatedType(), partial);
  builder_.CreateStore(combined(sum, before, expr(sum.value)), partial);
}

llvm::Value* KernelEmitter::combined(const LaneSum& sum, llvm::Value* a, llvm::Value* b) {
  switch (sum.op) {
    case BinaryOp::mul:
      return builder_.CreateMul(a, b);
    case BinaryOp::min:
      return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
    case BinaryOp::max:
      return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
    default:
      return builder_.CreateAdd(a, b);
  }
}

llvm::Value* KernelEmitter::over_lanes(const LaneSum& sum, llvm::Value* partial) {
  switch (sum.op) {
    case BinaryOp::mul:
      return builder_.CreateMulReduce(partial);
    case BinaryOp::min:
      return builder_.CreateIntMinReduce(partial, true);
    case BinaryOp::max:
      return builder_.CreateIntMaxReduce(partial, true);
    default:
      return builder_.CreateAddReduce(partial);
  }
}

// The partial sums of each statement, and then what the element held before the loop.
void KernelEmitter::end_sums(const LaneLoop& lanes, const std::vector<int64_t>& widths) {
  for (const int number : lanes.stores()) {
    const auto sum = lanes.sum(number);
    if (!sum) continue;
    const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(number)];
    llvm::Value* total = nullptr;
    for (const int64_t width : widths) {
      if (width == 1) continue;
      llvm::AllocaInst* const partial = sums_.at({number, static_cast<unsigned>(width)});
      llvm::Value* const value =
          over_lanes(*sum, builder_.CreateLoad(partial->getAllocatedType(), partial));
      total = total == nullptr ? value : combined(*sum, total, value);
    }
    if (total == nullptr) continue;
    llvm::Value* const place = element(s.dst, s.a);
    llvm::Value* const before =
        builder_.CreateAlignedLoad(total->getType(), place, alignment(s.dst));
    builder_.CreateAlignedStore(combined(*sum, before, total), place, alignment(s.dst));
  }
}

}  // namespace pimjit
