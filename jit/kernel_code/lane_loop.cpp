#include <algorithm>

#include "pimjit/jit/kernel_code/emitter.h"
#include "pimjit/jit/llvm/host_machine.h"

namespace pimjit {
namespace {

constexpr int64_t kRegisters = 4;   // vector registers that one statement works on at a time
constexpr int64_t kMostPieces = 4;  // of a loop written out; longer ones run

int64_t power_of_two_below(int64_t n) {
  int64_t power = 1;
  while (2 * power <= n) power *= 2;
  return power;
}

int64_t widest_piece(const LaneLoop& lanes) {
  return kRegisters * host_machine().vector_bytes / lanes.widest_bytes();
}

}  // namespace

const LaneLoop& KernelEmitter::lanes_of(int s) {
  const auto known = lane_loops_.find(s);
  if (known != lane_loops_.end()) return known->second;
  return lane_loops_.emplace(s, LaneLoop(kernel_, kernel_.stmts[static_cast<size_t>(s)]))
      .first->second;
}

// All statements for `width` values of the variable from `first` on.
void KernelEmitter::lane_statements(const kit::Stmt& s, const LaneLoop& lanes, llvm::Value* first,
                                    int64_t width) {
  variables_[static_cast<size_t>(s.var)] = first;
  lanes_ = width > 1 ? &lanes : nullptr;
  width_ = static_cast<unsigned>(width);
  for (const int number : lanes.stores()) {
    const auto sum = lanes_ != nullptr ? lanes.sum(number) : std::nullopt;
    if (sum) {
      add_in_lanes(number, *sum);
    } else {
      store(kernel_.stmts[static_cast<size_t>(number)]);
    }
  }
  lanes_ = nullptr;
}

void KernelEmitter::lane_loop(const kit::Stmt& s, const LaneLoop& lanes) {
  const auto known = constant_extent(s);
  llvm::Value* const min = expr(s.a);
  ranges_.set(s.var, ranges_.of_loop(s));
  if (known) return lane_pieces(s, lanes, min, *known);
  llvm::Value* const extent = expr(s.b);
  llvm::Value* done = llvm::ConstantInt::get(min->getType(), 0);
  const int64_t piece = widest_piece(lanes);
  const std::vector<int64_t> widths = {piece, piece / kRegisters, 1};
  begin_sums(lanes, widths);
  for (const int64_t width : widths) done = lane_rounds(s, lanes, min, done, extent, width);
  end_sums(lanes, widths);
}

// An extent that is known: full pieces, then smaller ones, always the same for the same extent, so
// that a tile is cut alike wherever it is used.
void KernelEmitter::lane_pieces(const kit::Stmt& s, const LaneLoop& lanes, llvm::Value* min,
                                int64_t extent) {
  llvm::Type* const type = min->getType();
  const int64_t piece = widest_piece(lanes);
  std::vector<int64_t> widths;
  for (int64_t rest = extent; rest > 0; rest -= widths.back())
    widths.push_back(rest >= piece ? rest / piece * piece : power_of_two_below(rest));
  if (!widths.empty() && widths[0] >= piece) widths[0] = piece;
  begin_sums(lanes, widths);
  int64_t done = 0;
  if (extent / piece > kMostPieces) {
    done = extent / piece * piece;
    lane_rounds(s, lanes, min, llvm::ConstantInt::get(type, 0),
                llvm::ConstantInt::getSigned(type, done), piece);
  }
  while (done < extent) {
    const int64_t width = std::min(piece, power_of_two_below(extent - done));
    lane_statements(s, lanes, builder_.CreateNSWAdd(min, llvm::ConstantInt::getSigned(type, done)),
                    width);
    done += width;
  }
  end_sums(lanes, widths);
}

// Rounds of `width` values from `done` on as long as they are inside; how far they came.
llvm::Value* KernelEmitter::lane_rounds(const kit::Stmt& s, const LaneLoop& lanes, llvm::Value* min,
                                        llvm::Value* done, llvm::Value* extent, int64_t width) {
  llvm::Type* const type = min->getType();
  llvm::Value* const step = llvm::ConstantInt::getSigned(type, width);
  // No sum of what is done and a step, which might overflow.
  const auto fits = [&](llvm::Value* from) {
    return builder_.CreateICmpSLE(step, builder_.CreateNSWSub(extent, from));
  };
  llvm::BasicBlock* const before = builder_.GetInsertBlock();
  llvm::BasicBlock* const body = block("lanes");
  llvm::BasicBlock* const after = block("after");
  builder_.CreateCondBr(fits(done), body, after);
  builder_.SetInsertPoint(body);
  llvm::PHINode* const count = builder_.CreatePHI(type, 2);
  count->addIncoming(done, before);
  lane_statements(s, lanes, builder_.CreateNSWAdd(min, count), width);
  llvm::Value* const next = builder_.CreateNSWAdd(count, step);
  llvm::BasicBlock* const last = builder_.GetInsertBlock();
  count->addIncoming(next, last);
  builder_.CreateCondBr(fits(next), body, after);
  builder_.SetInsertPoint(after);
  llvm::PHINode* const reached = builder_.CreatePHI(type, 2);
  reached->addIncoming(done, before);
  reached->addIncoming(next, last);
  return reached;
}

}  // namespace pimjit
