// Generated code that adds up partial results. Every element takes its contributions in the order
// of the reducing loops, each rounded for itself.
#include "pimjit/jit/host/nest_emitter.h"
#include "pimjit/jit/llvm/loop_hint.h"

namespace pimjit {
namespace {

constexpr int64_t kBlockBytes = 4096;  // of the sums so far: they stay in the first cache
constexpr int64_t kGroup = 8;          // partial results added in one pass over them

}  // namespace

int64_t NestEmitter::group() const {
  return nest_.how.reduce_group > 0 ? nest_.how.reduce_group : kGroup;
}

// In blocks of the row. Groups of partial results are added to sums that are kept beside the
// tensor, which takes the last ones: it is written once, whatever its strides.
void NestEmitter::reduce_row(const Row& r) {
  if (!nest_.followed) return reduce_blocks(r, false);
  when(
      builder_.CreateIsNotNull(follower_), [&] { reduce_blocks(r, true); },
      [&] { reduce_blocks(r, false); });
}

void NestEmitter::reduce_blocks(const Row& r, bool followed) {
  const bool once = nest_.partials() <= group() && nest_.reducing.size() == 1;
  if (once && !followed) return reduce_block(r, r.first, r.last, nullptr);
  const int64_t elements =
      nest_.how.reduce_block > 0 ? nest_.how.reduce_block : kBlockBytes / bytes_of(nest_.dtype);
  llvm::AllocaInst* sums = nullptr;
  if (!once || nest_.dropped) {
    llvm::IRBuilder<> start(&function_->getEntryBlock(), function_->getEntryBlock().begin());
    sums = start.CreateAlloca(llvm::ArrayType::get(type_, static_cast<uint64_t>(elements)));
    sums->setAlignment(llvm::Align(64));
  }
  loop(r.first, r.last, elements, [&](Value* from) {
    Value* const to = smaller(builder_.CreateAdd(from, number(elements)), r.last);
    Row part = r;
    if (followed && nest_.dropped) part.tensor = element(sums, builder_.CreateNeg(from));
    reduce_block(part, from, to, once ? nullptr : sums);
    if (followed) pass_on(r, part, from, to);
  });
}

// Positions [first, last) of a row whose elements follow each other in a row-major tensor, or lie
// at `part` instead.
void NestEmitter::pass_on(const Row& r, const Row& part, Value* first, Value* last) {
  llvm::Type* const pointer = builder_.getPtrTy();
  llvm::Type* const word = builder_.getInt64Ty();
  Value* const run = builder_.CreateLoad(pointer, follower_);
  Value* const start = builder_.CreatePtrDiff(type_, r.tensor, tensor_);
  Value* const tensor = nest_.dropped ? element(part.tensor, builder_.CreateNeg(start)) : tensor_;
  builder_.CreateCall(
      llvm::FunctionType::get(builder_.getVoidTy(), {pointer, pointer, word, word}, false), run,
      {follower_, tensor, builder_.CreateAdd(start, first), builder_.CreateSub(last, first)});
}

// The groups of the innermost reducing loop inside the others. The first group, perhaps a smaller
// one, begins the sums; the last one's go to the tensor.
void NestEmitter::reduce_block(const Row& r, Value* first, Value* last, Value* sums) {
  const NestLoop& inner = nest_.reducing.back();
  Value* const count = builder_.CreateSub(last, first);
  Value* const tensor = element(r.tensor, scaled(first, r.tensor_step));
  Value* const staging = element(r.staging, times(first, nest_.row.staging));
  if (sums == nullptr)
    return reduce_group(count, inner.extent, staging, nullptr, nullptr, tensor, r.tensor_step);
  Value* const one = number(1);
  const int64_t head = (inner.extent - 1) % group() + 1;
  const bool nested = nest_.reducing.size() > 1;
  const std::function<void(size_t, Value*, Value*, Value*)> walk =
      [&](size_t k, Value* from, Value* is_first, Value* is_last) {
        if (k + 1 < nest_.reducing.size()) {
          const NestLoop& l = nest_.reducing[k];
          loop(number(0), number(l.extent), 1, [&](Value* i) {
            Value* const begins = builder_.CreateICmpEQ(i, number(0));
            Value* const ends = builder_.CreateICmpEQ(i, number(l.extent - 1));
            walk(k + 1, element(from, times(i, l.staging)), builder_.CreateAnd(is_first, begins),
                 builder_.CreateAnd(is_last, ends));
          });
          return;
        }
        const auto into = [&](bool begin, int64_t group, Value* part, Value* ends) {
          Value* const before = begin ? nullptr : sums;
          when(
              ends, [&] { reduce_group(count, group, part, before, one, tensor, r.tensor_step); },
              [&] { reduce_group(count, group, part, before, one, sums, one); });
        };
        const bool more = inner.extent > head;
        Value* const head_ends = more ? builder_.getFalse() : is_last;
        when(
            is_first, [&] { into(true, head, from, head_ends); },
            nested ? std::function<void()>([&] { into(false, head, from, head_ends); }) : nullptr);
        loop(number(head), number(inner.extent), group(), [&](Value* i) {
          Value* const ends = builder_.CreateICmpEQ(i, number(inner.extent - group()));
          into(false, group(), element(from, times(i, inner.staging)),
               builder_.CreateAnd(is_last, ends));
        });
      };
  walk(0, staging, builder_.getTrue(), builder_.getTrue());
}

// to[x] = into[x] + from[x] + from[x + staging] + ... over `group` partial results; `into` null:
// beginning with from[x].
void NestEmitter::reduce_group(Value* count, int64_t group, Value* from, Value* into,
                               Value* into_step, Value* to, Value* to_step) {
  llvm::BranchInst* const latch = loop(number(0), count, 1, [&](Value* x) {
    Value* sum = nullptr;
    if (into != nullptr)
      sum = builder_.CreateAlignedLoad(type_, element(into, scaled(x, into_step)), llvm::Align(1));
    Value* const at = times(x, nest_.row.staging);
    for (int64_t g = 0; g < group; ++g) {
      Value* const place = element(element(from, at), number(g * nest_.reducing.back().staging));
      Value* const part = builder_.CreateAlignedLoad(type_, place, llvm::Align(1));
      sum = sum == nullptr ? part : combine(sum, part);
    }
    builder_.CreateAlignedStore(sum, element(to, scaled(x, to_step)), llvm::Align(1));
  });
  // Elements are independent of each other: no order of additions changes.
  if (latch != nullptr && nest_.how.reduce_lanes > 0)
    hint_loop(*latch, "llvm.loop.vectorize.width",
              builder_.getInt32(static_cast<uint32_t>(nest_.how.reduce_lanes)));
}

// One element, whose contributions do not all count: the first that does is stored, the others
// are added to it.
void NestEmitter::reduce_elements() {
  llvm::IRBuilder<> start(&function_->getEntryBlock(), function_->getEntryBlock().begin());
  llvm::AllocaInst* const begun = start.CreateAlloca(builder_.getInt1Ty());
  builder_.CreateStore(builder_.getFalse(), begun);
  const std::function<void(size_t)> walk = [&](size_t k) {
    if (k < nest_.reducing.size()) {
      const NestLoop& l = nest_.reducing[k];
      loop(number(0), number(l.extent), 1, [&](Value* i) {
        digits_[l.digit] = i;
        walk(k + 1);
      });
      digits_[l.digit] = number(0);
      return;
    }
    const Row r = clipped();
    const auto add = [&] {
      Value* const part = builder_.CreateAlignedLoad(type_, r.staging, llvm::Align(1));
      when(
          builder_.CreateLoad(builder_.getInt1Ty(), begun),
          [&] {
            Value* const sum = builder_.CreateAlignedLoad(type_, r.tensor, llvm::Align(1));
            builder_.CreateAlignedStore(combine(sum, part), r.tensor, llvm::Align(1));
          },
          [&] { builder_.CreateAlignedStore(part, r.tensor, llvm::Align(1)); });
      builder_.CreateStore(builder_.getTrue(), begun);
    };
    if (r.inside == nullptr) return add();
    when(r.inside, add);
  };
  walk(0);
}

llvm::Value* NestEmitter::combine(Value* a, Value* b) {
  const bool real = is_float(nest_.dtype);
  switch (nest_.reducer) {
    case Reducer::sum:
      return real ? builder_.CreateFAdd(a, b) : builder_.CreateAdd(a, b);
    case Reducer::prod:
      return real ? builder_.CreateFMul(a, b) : builder_.CreateMul(a, b);
    case Reducer::min:
    case Reducer::max:
      break;
    case Reducer::none:
      return b;
  }
  const bool least = nest_.reducer == Reducer::min;
  Value* const x = least ? b : a;
  Value* const y = least ? a : b;
  if (!real) return builder_.CreateSelect(builder_.CreateICmpSLT(x, y), b, a);
  Value* const chosen = builder_.CreateSelect(builder_.CreateFCmpOLT(x, y), b, a);
  return builder_.CreateSelect(builder_.CreateFCmpUNO(a, b), llvm::ConstantFP::getNaN(type_),
                               chosen);
}

}  // namespace pimjit
