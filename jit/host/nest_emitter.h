#ifndef PIMJIT_JIT_HOST_NEST_EMITTER_H_
#define PIMJIT_JIT_HOST_NEST_EMITTER_H_

#include <functional>
#include <string>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "pimjit/jit/host/transfer_nest.h"

namespace pimjit {

// Told of every piece that is added up (TransferNest::followed), by the thread that has done it:
// elements [first, first + count) of the row-major tensor at `tensor`, of which no others need be
// there.
struct NestFollower {
  void (*piece)(const NestFollower* self, void* tensor, int64_t first, int64_t count);
};

// What generated code looks like from outside. `team` is a ThreadTeam or null, `tensor` the
// address of element 0, `strides` those of the tensor in elements (TensorLayout::strided),
// `follower` null or for nests that are followed, `slice` the number of the slice (nests of one
// slice). 0, or what pimjit_parallel_for returns.
using NestEntry = int(void* team, void* tensor, const int64_t* strides, void* staging,
                      const NestFollower* follower, int64_t slice);

// Writes one TransferNest into a module: a function that does a part of it, and a NestEntry, which
// shares it out among threads where it is large.
class NestEmitter {
 public:
  NestEmitter(const TransferNest& nest, TensorLayout layout, llvm::Module& module);
  void emit(const std::string& name);

 private:
  using Value = llvm::Value;
  // Positions [first, last) of the row are elements.
  struct Row {
    Value* inside;  // i1: first < last; null: it is known to be
    Value* first;
    Value* last;
    bool whole;          // first and last are the ends of this call's part of the row
    Value* tensor;       // address of the element at position 0
    Value* staging;      // of position 0
    Value* tensor_step;  // elements
  };

  // nest_emitter.cpp
  llvm::Function* emit_part(const std::string& name);
  llvm::Function* emit_body(llvm::Function* part, const std::string& name);
  void emit_entry(llvm::Function* part, const std::string& name);
  void split(Value* from, Value* to);
  void walk(size_t loop);
  void row();
  Row clipped();
  void clip(Row& r, Value* start, int64_t slope, int64_t extent);
  Value* index(size_t dimension);
  Value* tensor_step(const std::vector<int64_t>& index);
  Value* tensor_offset();
  Value* staging_offset();
  Value* ceil_div(Value* a, int64_t b);

  // row_code.cpp
  void pack_row(const Row& r);
  void unpack_row(const Row& r);
  void fill_tensor(const Row& r);
  void pack_elements(const Row& r, Value* first, Value* last);
  void unpack_elements(const Row& r, Value* first, Value* last);
  void move_each(Value* to, Value* to_step, llvm::Type* to_type, Value* from, Value* from_step,
                 llvm::Type* from_type, Value* first, Value* last);
  void move(Value* to, Value* to_step, Value* from, Value* from_step, Value* first, Value* last);
  void fill(Value* at, Value* step, Value* first, Value* last);
  llvm::Constant* padding();

  // stream_code.cpp
  bool streams() const;
  llvm::Function* emit_stream_copy();

  // reduce_code.cpp
  void reduce_row(const Row& r);
  void reduce_blocks(const Row& r, bool followed);
  void reduce_block(const Row& r, Value* first, Value* last, Value* partial);
  void reduce_group(Value* count, int64_t group, Value* from, Value* into, Value* into_step,
                    Value* to, Value* to_step);
  void reduce_elements();
  void pass_on(const Row& r, const Row& part, Value* first, Value* last);
  Value* combine(Value* a, Value* b);
  int64_t group() const;

  // Loops and blocks.
  llvm::BasicBlock* block(const char* name);
  // The branch back, null where nothing runs.
  llvm::BranchInst* loop(Value* from, Value* to, int64_t step,
                         const std::function<void(Value*)>& body);
  void when(Value* condition, const std::function<void()>& then,
            const std::function<void()>& otherwise = {});
  Value* number(int64_t n) { return builder_.getInt64(static_cast<uint64_t>(n)); }
  Value* times(Value* a, int64_t b);
  Value* scaled(Value* a, Value* b);
  Value* element(Value* base, Value* offset) { return element(base, offset, type_); }
  Value* element(Value* base, Value* offset, llvm::Type* type);
  Value* smaller(Value* a, Value* b);
  Value* larger(Value* a, Value* b);

  const TransferNest& nest_;
  const TensorLayout layout_;
  const NestSplit split_;
  llvm::Module& module_;
  llvm::IRBuilder<> builder_;
  llvm::Type* type_;          // of an element of the tensor
  llvm::Type* staging_type_;  // of one of staging
  llvm::Function* function_ = nullptr;
  llvm::Function* stream_copy_ = nullptr;  // null: memcpy will do
  Value* tensor_ = nullptr;
  Value* staging_ = nullptr;
  Value* follower_ = nullptr;
  std::vector<Value*> strides_;  // per dimension
  std::vector<Value*> digits_;   // values of the map's digits
  Value* row_from_ = nullptr;    // part of the row that is this call's
  Value* row_to_ = nullptr;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_HOST_NEST_EMITTER_H_
