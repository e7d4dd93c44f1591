#include "pimjit/jit/host/map_code.h"

#include "pimjit/core/support/dtype.h"

namespace pimjit {
namespace {

using Builder = llvm::IRBuilder<>;

llvm::Type* type_of(Builder& b, DType t) {
  return t == DType::b1 ? b.getInt1Ty() : b.getIntNTy(static_cast<unsigned>(8 * bytes_of(t)));
}

// The machine traps where the divisor is 0 or the quotient overflows, so it divides by 1 there.
llvm::Value* divide(Builder& b, bool remainder, llvm::Value* x, llvm::Value* by) {
  llvm::Type* const type = x->getType();
  llvm::Value* const by_zero = b.CreateICmpEQ(by, llvm::ConstantInt::get(type, 0));
  llvm::Value* const by_minus_one = b.CreateICmpEQ(by, llvm::ConstantInt::getSigned(type, -1));
  llvm::Value* const divisor =
      b.CreateSelect(b.CreateOr(by_zero, by_minus_one), llvm::ConstantInt::get(type, 1), by);
  if (remainder) return b.CreateSelect(by_zero, x, b.CreateSRem(x, divisor));
  llvm::Value* const quotient =
      b.CreateSelect(by_minus_one, b.CreateNeg(x), b.CreateSDiv(x, divisor));
  return b.CreateSelect(by_zero, llvm::ConstantInt::get(type, 0), quotient);
}

llvm::Value* binary(Builder& b, BinaryOp op, llvm::Value* x, llvm::Value* y) {
  switch (op) {
    case BinaryOp::add:
      return b.CreateAdd(x, y);
    case BinaryOp::sub:
      return b.CreateSub(x, y);
    case BinaryOp::mul:
      return b.CreateMul(x, y);
    case BinaryOp::div:
      return divide(b, false, x, y);
    case BinaryOp::mod:
      return divide(b, true, x, y);
    case BinaryOp::min:
      return b.CreateSelect(b.CreateICmpSLT(y, x), y, x);
    case BinaryOp::max:
      return b.CreateSelect(b.CreateICmpSLT(x, y), y, x);
    case BinaryOp::lt:
      return b.CreateICmpSLT(x, y);
    case BinaryOp::le:
      return b.CreateICmpSLE(x, y);
    case BinaryOp::eq:
      return b.CreateICmpEQ(x, y);
    case BinaryOp::ne:
      return b.CreateICmpNE(x, y);
    case BinaryOp::logical_and:
      return b.CreateAnd(x, y);
    case BinaryOp::logical_or:
      return b.CreateOr(x, y);
  }
  return nullptr;
}

}  // namespace

llvm::Value* map_code(Builder& builder, const ExprNode& e,
                      const std::vector<llvm::Value*>& digits) {
  const auto operand = [&](const Expr& o) { return map_code(builder, *o, digits); };
  llvm::Type* const type = type_of(builder, e.dtype);
  switch (e.kind) {
    case ExprKind::IntImm:
      return llvm::ConstantInt::get(type, static_cast<uint64_t>(as<IntImm>(e).value), true);
    case ExprKind::Var:
      return builder.CreateTrunc(digits[static_cast<size_t>(as<Var>(e).id)], type);
    case ExprKind::Binary: {
      const auto& n = as<Binary>(e);
      llvm::Value* const a = operand(n.a);
      return binary(builder, n.op, a, operand(n.b));
    }
    case ExprKind::Not:
      return builder.CreateNot(operand(as<Not>(e).a));
    case ExprKind::Select: {
      const auto& n = as<Select>(e);
      llvm::Value* const condition = operand(n.condition);
      llvm::Value* const if_true = operand(n.if_true);
      return builder.CreateSelect(condition, if_true, operand(n.if_false));
    }
    case ExprKind::Cast: {
      llvm::Value* const a = operand(as<Cast>(e).a);
      return a->getType()->isIntegerTy(1) ? builder.CreateZExt(a, type)
                                          : builder.CreateSExtOrTrunc(a, type);
    }
    default:
      return nullptr;  // refused by MapExpr
  }
}

}  // namespace pimjit
