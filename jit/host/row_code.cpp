// Rows of generated code that are copied or filled.
#include "pimjit/jit/host/nest_emitter.h"

namespace pimjit {
namespace {

bool is_one(const llvm::Value* v) {
  const auto* const known = llvm::dyn_cast<llvm::ConstantInt>(v);
  return known != nullptr && known->isOne();
}

}  // namespace

// Padding is written only if the map fills it.
void NestEmitter::pack_row(const Row& r) {
  Value* const step = number(nest_.row.staging);
  const auto elements = [&] { pack_elements(r, r.first, r.last); };
  const auto pad = [&](Value* first, Value* last) {
    if (nest_.fill_padding) fill(r.staging, step, first, last);
  };
  const auto none = [&] { pad(row_from_, row_to_); };
  if (r.inside == nullptr) return elements();
  if (r.whole) {
    when(r.inside, elements, nest_.fill_padding ? std::function<void()>(none) : nullptr);
    return;
  }
  const auto part = [&] {
    if (nest_.row.extent > 1) {
      elements();
      pad(row_from_, r.first);
      pad(r.last, row_to_);
    } else {
      elements();
    }
  };
  // Whole rows have a length that is known, as most of them do.
  const auto whole = [&] { pack_elements(r, row_from_, row_to_); };
  Value* const is_whole =
      builder_.CreateAnd(r.inside, builder_.CreateAnd(builder_.CreateICmpEQ(r.first, row_from_),
                                                      builder_.CreateICmpEQ(r.last, row_to_)));
  when(is_whole, whole, [&] { when(r.inside, part, none); });
}

void NestEmitter::pack_elements(const Row& r, Value* first, Value* last) {
  Value* const step = number(nest_.row.staging);
  if (nest_.staging == nest_.dtype)
    return move(r.staging, step, r.tensor, r.tensor_step, first, last);
  move_each(r.staging, step, staging_type_, r.tensor, r.tensor_step, type_, first, last);
}

void NestEmitter::unpack_elements(const Row& r, Value* first, Value* last) {
  Value* const step = number(nest_.row.staging);
  if (nest_.staging == nest_.dtype)
    return move(r.tensor, r.tensor_step, r.staging, step, first, last);
  move_each(r.tensor, r.tensor_step, type_, r.staging, step, staging_type_, first, last);
}

// One after the other; integers may lose high bits on the way, or get copies of their sign.
void NestEmitter::move_each(Value* to, Value* to_step, llvm::Type* to_type, Value* from,
                            Value* from_step, llvm::Type* from_type, Value* first, Value* last) {
  loop(first, last, 1, [&](Value* i) {
    Value* value = builder_.CreateAlignedLoad(
        from_type, element(from, scaled(i, from_step), from_type), llvm::Align(1));
    if (to_type != from_type) value = builder_.CreateSExtOrTrunc(value, to_type);
    builder_.CreateAlignedStore(value, element(to, scaled(i, to_step), to_type), llvm::Align(1));
  });
}

void NestEmitter::unpack_row(const Row& r) {
  if (nest_.reducer != Reducer::none && !nest_.reducing.empty()) {
    if (r.inside == nullptr) return reduce_row(r);
    return when(r.inside, [&] { reduce_row(r); });
  }
  const auto elements = [&] { unpack_elements(r, r.first, r.last); };
  if (r.inside == nullptr) return elements();
  if (r.whole) return when(r.inside, elements);
  const auto whole = [&] { unpack_elements(r, row_from_, row_to_); };
  Value* const is_whole =
      builder_.CreateAnd(r.inside, builder_.CreateAnd(builder_.CreateICmpEQ(r.first, row_from_),
                                                      builder_.CreateICmpEQ(r.last, row_to_)));
  when(is_whole, whole, [&] { when(r.inside, elements); });
}

void NestEmitter::fill_tensor(const Row& r) {
  fill(r.tensor, r.tensor_step, r.first, r.last);
}

// Elements [first, last) counted from both addresses.
void NestEmitter::move(Value* to, Value* to_step, Value* from, Value* from_step, Value* first,
                       Value* last) {
  const auto strided = [&] { move_each(to, to_step, type_, from, from_step, type_, first, last); };
  const auto block_copy = [&] {
    Value* const bytes = times(builder_.CreateSub(last, first), bytes_of(nest_.dtype));
    if (stream_copy_ != nullptr) {
      builder_.CreateCall(stream_copy_, {element(to, first), element(from, first), bytes});
      return;
    }
    builder_.CreateMemCpy(element(to, first), llvm::Align(1), element(from, first), llvm::Align(1),
                          bytes);
  };
  Value* const gaps[] = {to_step, from_step};
  Value* gapless = builder_.getTrue();
  for (Value* step : gaps) {
    if (!is_one(step))
      gapless = builder_.CreateAnd(gapless, builder_.CreateICmpEQ(step, number(1)));
  }
  when(gapless, block_copy, strided);
}

void NestEmitter::fill(Value* at, Value* step, Value* first, Value* last) {
  loop(first, last, 1, [&](Value* i) {
    builder_.CreateAlignedStore(padding(), element(at, scaled(i, step), staging_type_),
                                llvm::Align(1));
  });
}

llvm::Constant* NestEmitter::padding() {
  if (is_float(nest_.dtype))
    return llvm::ConstantFP::get(module_.getContext(),
                                 llvm::APFloat(static_cast<float>(nest_.pad_real)));
  return llvm::ConstantInt::get(staging_type_, static_cast<uint64_t>(nest_.pad_integer), true);
}

}  // namespace pimjit
