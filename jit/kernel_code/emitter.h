#ifndef PIMJIT_JIT_KERNEL_CODE_EMITTER_H_
#define PIMJIT_JIT_KERNEL_CODE_EMITTER_H_

#include <map>
#include <utility>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/jit/kernel_code/kernel_code.h"
#include "pimjit/jit/kernel_code/lanes.h"
#include "pimjit/jit/kernel_code/ranges.h"

namespace pimjit {

// Writes the body of one kernel into one function. Expressions are emitted where they are used: the
// body is a tree.
class KernelEmitter {
 public:
  KernelEmitter(const kit::Kernel& kernel, const KernelCodeOptions& options, llvm::Module& module);

  // A function of (arguments, position, one address per device buffer). Its addresses are noalias:
  // device buffers overlap only where nothing writes them, which noalias allows.
  llvm::Function* emit_body();
  // A KernelEntry that finds the addresses and calls `body`.
  void emit_entry(llvm::Function* body, const std::string& name);

 private:
  // Of one element, and of what an expression gives in the lanes at hand.
  llvm::Type* type_of(kit::Type type);
  llvm::Type* shape_of(kit::Type type);
  llvm::Value* element(int buffer, int index);
  llvm::Align alignment(int buffer) const;
  llvm::BasicBlock* block(const char* name);

  // expressions.cpp
  llvm::Value* expr(int e);
  llvm::Value* own_value(const kit::Expr& e);
  llvm::Value* entry_of(llvm::Value* table, const kit::Expr& e);
  llvm::Value* load(const kit::Expr& e);
  llvm::Value* binary(const kit::Expr& e);
  llvm::Value* integer(const kit::Expr& e, llvm::Value* a, llvm::Value* b);
  llvm::Value* real(kit::BinaryOp op, llvm::Value* a, llvm::Value* b);
  llvm::Value* divide(bool remainder, llvm::Value* a, llvm::Value* b);
  llvm::Value* logical(const kit::Expr& e);
  llvm::Value* select(const kit::Expr& e);
  llvm::Value* cast(const kit::Expr& e);

  // statements.cpp
  void stmt(int s);
  void store(const kit::Stmt& s);
  void loop(int s);
  void counted_loop(const kit::Stmt& s);
  void repeated(const kit::Stmt& s, int64_t copies);
  std::optional<int64_t> constant_extent(const kit::Stmt& s);
  int64_t copies_of(int s);
  void branch(const kit::Stmt& s);
  void copy(const kit::Stmt& s);
  void hint(const kit::Stmt& s, llvm::BranchInst& back);

  // lane_loop.cpp: loops whose iterations are computed side by side
  const LaneLoop& lanes_of(int s);
  void lane_loop(const kit::Stmt& s, const LaneLoop& lanes);
  void lane_pieces(const kit::Stmt& s, const LaneLoop& lanes, llvm::Value* min, int64_t extent);
  llvm::Value* lane_rounds(const kit::Stmt& s, const LaneLoop& lanes, llvm::Value* min,
                           llvm::Value* done, llvm::Value* extent, int64_t width);
  void lane_statements(const kit::Stmt& s, const LaneLoop& lanes, llvm::Value* first,
                       int64_t width);

  // lane_sums.cpp: sums over a loop in lanes, one partial sum in each lane
  void begin_sums(const LaneLoop& lanes, const std::vector<int64_t>& widths);
  void add_in_lanes(int stmt, const LaneSum& sum);
  void end_sums(const LaneLoop& lanes, const std::vector<int64_t>& widths);
  llvm::Value* combined(const LaneSum& sum, llvm::Value* a, llvm::Value* b);
  llvm::Value* over_lanes(const LaneSum& sum, llvm::Value* partial);

  const kit::Kernel& kernel_;
  const KernelCodeOptions options_;
  llvm::Module& module_;
  llvm::IRBuilder<> builder_;
  llvm::Function* function_ = nullptr;
  llvm::Value* arguments_ = nullptr;
  llvm::Value* position_ = nullptr;
  std::vector<llvm::Value*> buffers_, variables_;
  std::vector<bool> loads_;  // by expression: whether there is a Load in it
  Ranges ranges_;
  std::map<int, LaneLoop> lane_loops_;  // by statement
  const LaneLoop* lanes_ = nullptr;     // of the loop whose lanes are being computed
  unsigned width_ = 1;                  // how many they are
  std::map<std::pair<int, unsigned>, llvm::AllocaInst*> sums_;  // by statement and width
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_KERNEL_CODE_EMITTER_H_
