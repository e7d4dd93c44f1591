#include "pimjit/jit/host/nest_emitter.h"

#include "pimjit/jit/host/map_code.h"

namespace pimjit {
namespace {

llvm::Type* element_type(llvm::IRBuilder<>& builder, DType t) {
  if (is_float(t)) return builder.getFloatTy();
  return builder.getIntNTy(static_cast<unsigned>(8 * bytes_of(t)));
}

// Arguments of a part and fields of the closure: pointers, the slice, [from, to).
enum Argument : unsigned { kTensor, kStrides, kStaging, kFollower, kSlice, kFrom, kTo, kArguments };

std::vector<llvm::Type*> argument_types(llvm::IRBuilder<>& b, unsigned count) {
  std::vector<llvm::Type*> types(kSlice, b.getPtrTy());
  types.resize(count, b.getInt64Ty());
  return types;
}

}  // namespace

NestEmitter::NestEmitter(const TransferNest& nest, TensorLayout layout, llvm::Module& module)
    : nest_(nest),
      layout_(layout),
      split_(split_of(nest)),
      module_(module),
      builder_(module.getContext()),
      type_(element_type(builder_, nest.dtype)),
      staging_type_(element_type(builder_, nest.staging)),
      strides_(nest.shape.size()),
      digits_(nest.digits + 1, builder_.getInt64(0)) {}

void NestEmitter::emit(const std::string& name) {
  if (streams()) stream_copy_ = emit_stream_copy();
  emit_entry(emit_part(name), name);
}

llvm::Function* NestEmitter::emit_part(const std::string& name) {
  function_ = llvm::Function::Create(
      llvm::FunctionType::get(builder_.getVoidTy(), argument_types(builder_, kArguments), false),
      llvm::Function::InternalLinkage, name + ".part", module_);
  // Inlined its addresses would no longer be known to be distinct.
  function_->addFnAttr(llvm::Attribute::NoInline);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  function_->addParamAttr(kTensor, llvm::Attribute::NoAlias);
  function_->addParamAttr(kStaging, llvm::Attribute::NoAlias);
  builder_.SetInsertPoint(block("start"));
  tensor_ = function_->getArg(kTensor);
  staging_ = function_->getArg(kStaging);
  follower_ = function_->getArg(kFollower);
  int64_t stride = 1;
  for (size_t d = nest_.shape.size(); d-- > 0; stride *= nest_.shape[d]) {
    strides_[d] =
        layout_ == TensorLayout::row_major
            ? number(stride)
            : builder_.CreateLoad(builder_.getInt64Ty(),
                                  builder_.CreateConstInBoundsGEP1_64(
                                      builder_.getInt64Ty(), function_->getArg(kStrides), d));
  }
  for (const SliceDigit& d : nest_.slice) {
    digits_[d.digit] = builder_.CreateURem(
        builder_.CreateUDiv(function_->getArg(kSlice), number(d.stride)), number(d.extent));
  }
  if (!nest_.empty) split(function_->getArg(kFrom), function_->getArg(kTo));
  // Stores past the caches are in no order with others until then.
  if (stream_copy_ != nullptr) builder_.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent);
  builder_.CreateRetVoid();
  return function_;
}

// int body(void* closure, int64_t from, int64_t to), as pimjit_parallel_for calls it.
llvm::Function* NestEmitter::emit_body(llvm::Function* part, const std::string& name) {
  llvm::Type* const word = builder_.getInt64Ty();
  function_ = llvm::Function::Create(
      llvm::FunctionType::get(builder_.getInt32Ty(), {builder_.getPtrTy(), word, word}, false),
      llvm::Function::InternalLinkage, name + ".body", module_);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  builder_.SetInsertPoint(block("start"));
  std::vector<Value*> arguments;
  for (llvm::Type* type : argument_types(builder_, kFrom)) {
    Value* const field =
        builder_.CreateConstInBoundsGEP1_64(word, function_->getArg(0), arguments.size());
    arguments.push_back(builder_.CreateLoad(type, field));
  }
  arguments.push_back(function_->getArg(1));
  arguments.push_back(function_->getArg(2));
  builder_.CreateCall(part, arguments);
  builder_.CreateRet(builder_.getInt32(0));
  return function_;
}

void NestEmitter::emit_entry(llvm::Function* part, const std::string& name) {
  const bool parallel = split_.grain < split_.count;
  llvm::Function* const body = parallel ? emit_body(part, name) : nullptr;
  std::vector<llvm::Type*> types{builder_.getPtrTy()};
  for (llvm::Type* type : argument_types(builder_, kFrom)) types.push_back(type);
  function_ = llvm::Function::Create(llvm::FunctionType::get(builder_.getInt32Ty(), types, false),
                                     llvm::Function::ExternalLinkage, name, module_);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  builder_.SetInsertPoint(block("start"));
  std::vector<Value*> arguments;
  for (unsigned a = 1; a < types.size(); ++a) arguments.push_back(function_->getArg(a));
  if (!parallel) {
    arguments.push_back(number(0));
    arguments.push_back(number(split_.count));
    builder_.CreateCall(part, arguments);
    builder_.CreateRet(builder_.getInt32(0));
    return;
  }
  llvm::Type* const word = builder_.getInt64Ty();
  Value* const closure = builder_.CreateAlloca(word, number(kFrom));
  for (size_t i = 0; i < arguments.size(); ++i) {
    builder_.CreateStore(arguments[i], builder_.CreateConstInBoundsGEP1_64(word, closure, i));
  }
  const auto pointer = builder_.getPtrTy();
  const llvm::FunctionCallee run = module_.getOrInsertFunction(
      "pimjit_parallel_for",
      llvm::FunctionType::get(builder_.getInt32Ty(), {pointer, word, word, word, pointer, pointer},
                              false));
  builder_.CreateRet(
      builder_.CreateCall(run, {function_->getArg(0), number(0), number(split_.count),
                                number(split_.grain), body, closure}));
}

// Iterations or positions [from, to) of what is shared out.
void NestEmitter::split(Value* from, Value* to) {
  row_from_ = split_.row ? from : number(0);
  row_to_ = split_.row ? to : number(nest_.row.extent);
  if (split_.loops == 0) return walk(0);
  loop(from, to, 1, [&](Value* i) {
    for (size_t k = split_.loops; k-- > 0;) {
      const NestLoop& l = nest_.outer[k];
      digits_[l.digit] = k == 0 ? i : builder_.CreateURem(i, number(l.extent));
      if (k > 0) i = builder_.CreateUDiv(i, number(l.extent));
    }
    walk(split_.loops);
  });
}

void NestEmitter::walk(size_t k) {
  if (k == nest_.outer.size()) return nest_.by_element ? reduce_elements() : row();
  const NestLoop& l = nest_.outer[k];
  loop(number(0), number(l.extent), 1, [&](Value* i) {
    digits_[l.digit] = i;
    walk(k + 1);
  });
}

void NestEmitter::row() {
  const Row r = clipped();
  switch (nest_.kind) {
    case NestKind::pack:
      return pack_row(r);
    case NestKind::unpack:
      return unpack_row(r);
    case NestKind::fill:
      return fill_tensor(r);
  }
}

llvm::Value* NestEmitter::index(size_t d) {
  const NestIndex& index = nest_.index[d];
  if (!index.affine) return map_code(builder_, *index.expr, digits_);
  Value* sum = number(index.constant);
  for (const SliceDigit& s : nest_.slice)
    sum = builder_.CreateAdd(sum, times(digits_[s.digit], s.index[d]));
  for (const NestLoop& l : nest_.outer)
    sum = builder_.CreateAdd(sum, times(digits_[l.digit], l.index[d]));
  for (const NestLoop& l : nest_.reducing)
    sum = builder_.CreateAdd(sum, times(digits_[l.digit], l.index[d]));
  return sum;
}

// Elements of the tensor that one iteration of a loop moves on.
llvm::Value* NestEmitter::tensor_step(const std::vector<int64_t>& index) {
  Value* sum = number(0);
  for (size_t d = 0; d < index.size(); ++d) {
    if (!nest_.index[d].affine && index[d] == 0) continue;
    sum = builder_.CreateAdd(sum, times(strides_[d], index[d]));
  }
  return sum;
}

// Of position 0 of the row. Loops contribute outermost first, so that what does not change in an
// inner loop is a subexpression.
llvm::Value* NestEmitter::tensor_offset() {
  Value* sum = number(0);
  for (size_t d = 0; d < nest_.index.size(); ++d) {
    const NestIndex& index = nest_.index[d];
    if (index.affine) sum = builder_.CreateAdd(sum, times(strides_[d], index.constant));
  }
  const auto add = [&](size_t digit, const std::vector<int64_t>& steps) {
    for (size_t d = 0; d < steps.size(); ++d) {
      if (!nest_.index[d].affine || steps[d] == 0) continue;
      sum = builder_.CreateAdd(sum, scaled(digits_[digit], times(strides_[d], steps[d])));
    }
  };
  for (const SliceDigit& s : nest_.slice) add(s.digit, s.index);
  for (const NestLoop& l : nest_.outer) add(l.digit, l.index);
  for (const NestLoop& l : nest_.reducing) add(l.digit, l.index);
  for (size_t d = 0; d < nest_.index.size(); ++d) {
    if (!nest_.index[d].affine) sum = builder_.CreateAdd(sum, scaled(index(d), strides_[d]));
  }
  return sum;
}

llvm::Value* NestEmitter::staging_offset() {
  Value* sum = number(0);
  for (const NestLoop& l : nest_.outer)
    sum = builder_.CreateAdd(sum, times(digits_[l.digit], l.staging));
  for (const NestLoop& l : nest_.reducing)
    sum = builder_.CreateAdd(sum, times(digits_[l.digit], l.staging));
  return sum;
}

NestEmitter::Row NestEmitter::clipped() {
  Row r{nullptr, row_from_, row_to_, true, nullptr, nullptr, nullptr};
  if (nest_.guard) r.inside = map_code(builder_, *nest_.guard, digits_);
  for (size_t d = 0; d < nest_.index.size(); ++d) {
    if (nest_.index[d].checked) clip(r, index(d), nest_.row.index[d], nest_.shape[d]);
  }
  if (r.first != row_from_ || r.last != row_to_) {
    Value* const any = builder_.CreateICmpSLT(r.first, r.last);
    r.inside = r.inside == nullptr ? any : builder_.CreateAnd(r.inside, any);
  }
  r.tensor_step = tensor_step(nest_.row.index);
  r.tensor = element(tensor_, tensor_offset());
  r.staging = element(staging_, staging_offset(), staging_type_);
  return r;
}

// Positions x with 0 <= start + slope * x < extent.
void NestEmitter::clip(Row& r, Value* start, int64_t slope, int64_t extent) {
  if (slope == 0) {
    Value* const ok = builder_.CreateICmpULT(start, number(extent));
    r.inside = r.inside == nullptr ? ok : builder_.CreateAnd(r.inside, ok);
    return;
  }
  r.whole = false;
  const int64_t step = slope > 0 ? slope : -slope;
  Value* const to_end = builder_.CreateSub(number(extent), start);
  Value* const past_end = builder_.CreateSub(start, number(extent - 1));
  Value* const low =
      slope > 0 ? ceil_div(builder_.CreateNeg(start), step) : ceil_div(past_end, step);
  Value* const high =
      slope > 0 ? ceil_div(to_end, step) : ceil_div(builder_.CreateAdd(start, number(1)), step);
  r.first = larger(r.first, low);
  r.last = smaller(r.last, high);
}

llvm::Value* NestEmitter::ceil_div(Value* a, int64_t b) {
  if (b == 1) return a;
  Value* const quotient = builder_.CreateSDiv(a, number(b));
  Value* const rest = builder_.CreateSRem(a, number(b));
  Value* const up = builder_.CreateICmpSGT(rest, number(0));
  return builder_.CreateAdd(quotient, builder_.CreateZExt(up, builder_.getInt64Ty()));
}

}  // namespace pimjit
