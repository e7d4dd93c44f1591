#include <algorithm>
#include <utility>

#include "pimjit/jit/kernel_code/emitter.h"
#include "pimjit/jit/llvm/loop_hint.h"

namespace pimjit {
namespace {

// Statements that the copies of a loop's body may come to: of one that is to be unrolled, of any
// other. What small tiles are for, values in registers, needs known addresses.
constexpr int64_t kMostCopies = 256, kFewCopies = 64;

}  // namespace

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
      loop(index);
      break;
    case StmtKind::If:
      branch(s);
      break;
    case StmtKind::Let:
      variables_[static_cast<size_t>(s.var)] = expr(s.a);
      ranges_.set(s.var, ranges_.of(s.a));
      stmt(s.body);
      break;
    case StmtKind::Store:
      store(s);
      break;
    case StmtKind::Copy:
      copy(s);
      break;
    case StmtKind::Barrier:
    case StmtKind::Combine:
      break;  // refused before
  }
}

// In lanes: to consecutive elements, from that of the first lane on.
void KernelEmitter::store(const kit::Stmt& s) {
  const LaneLoop* const lanes = std::exchange(lanes_, nullptr);
  llvm::Value* const place = element(s.dst, s.a);
  lanes_ = lanes;
  builder_.CreateAlignedStore(expr(s.b), place, alignment(s.dst));
}

std::optional<int64_t> KernelEmitter::constant_extent(const kit::Stmt& s) {
  const kit::Expr& extent = kernel_.exprs[static_cast<size_t>(s.b)];
  if (extent.kind != kit::ExprKind::IntImm) return std::nullopt;
  return std::max<int64_t>(extent.value, 0);
}

// How many statements come out of one: loops that run on count as one, with kMostCopies added so
// that nothing around them is repeated unless it says so.
int64_t KernelEmitter::copies_of(int index) {
  const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(index)];
  int64_t sum = 0;
  switch (s.kind) {
    case StmtKind::Seq:
      for (int i = 0; i < s.count; ++i)
        sum += copies_of(kernel_.children[static_cast<size_t>(s.first) + static_cast<size_t>(i)]);
      return sum;
    case StmtKind::Let:
      return copies_of(s.body);
    case StmtKind::For: {
      const auto extent = constant_extent(s);
      if (extent && lanes_of(index).possible()) return 1 + *extent / 64;
      const bool whole = s.loop == LoopKind::unrolled && (s.unroll == 0 || s.unroll >= extent);
      const int64_t copies = copies_of(s.body);
      if (extent && (whole || copies * *extent <= kFewCopies)) return copies * *extent;
      return kMostCopies + copies;
    }
    case StmtKind::If:
      return copies_of(s.body) + (s.else_body == kit::kNone ? 0 : copies_of(s.else_body));
    default:
      return 1;
  }
}

void KernelEmitter::loop(int index) {
  const kit::Stmt& s = kernel_.stmts[static_cast<size_t>(index)];
  if (s.loop != LoopKind::unrolled && lanes_of(index).possible())
    return lane_loop(s, lanes_of(index));
  const auto extent = constant_extent(s);
  const bool whole = s.loop == LoopKind::unrolled && (s.unroll == 0 || s.unroll >= extent);
  const int64_t copies = extent ? copies_of(s.body) * *extent : 0;
  if (extent && copies <= (whole ? kMostCopies : kFewCopies)) return repeated(s, *extent);
  counted_loop(s);
}

// The body once for each value of the variable, known in each.
void KernelEmitter::repeated(const kit::Stmt& s, int64_t copies) {
  llvm::Value* const min = expr(s.a);
  const auto from = ranges_.of(s.a);
  for (int64_t i = 0; i < copies; ++i) {
    llvm::Value* const step = llvm::ConstantInt::getSigned(min->getType(), i);
    variables_[static_cast<size_t>(s.var)] = builder_.CreateNSWAdd(min, step);
    ranges_.set(s.var, from ? std::optional<Range>({from->low + i, from->high + i}) : std::nullopt);
    stmt(s.body);
  }
}

void KernelEmitter::counted_loop(const kit::Stmt& s) {
  llvm::Value* const min = expr(s.a);
  llvm::Value* const extent = expr(s.b);
  llvm::Type* const type = min->getType();
  ranges_.set(s.var, ranges_.of_loop(s));
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
  hint(s, *back);
  builder_.SetInsertPoint(after);
}

// What the kind of a loop permits; LLVM still checks that the result stays the same.
void KernelEmitter::hint(const kit::Stmt& s, llvm::BranchInst& back) {
  // A hint to vectorise would let LLVM sum floats in another order.
  if (s.loop != LoopKind::unrolled) return;
  if (s.unroll == 0) return hint_loop(back, "llvm.loop.unroll.full", nullptr);
  hint_loop(back, "llvm.loop.unroll.count", builder_.getInt32(static_cast<uint32_t>(s.unroll)));
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
