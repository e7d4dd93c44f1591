#include <algorithm>
#include <utility>

#include "pimjit/core/plugin/conformance_kernels.h"

namespace pimjit::conformance {
namespace {

Expr i32(int64_t value) {
  return make_int(DType::i32, value);
}
Expr binary(BinaryOp op, Expr a, Expr b) {
  return make_binary(op, std::move(a), std::move(b));
}

// for i in [0, count): body(i), over a fresh variable.
Stmt loop(Kernel& kernel, Expr count, const std::function<Stmt(Expr)>& body) {
  const int var = kernel.add_var("i", DType::i32);
  return make_for(var, i32(0), std::move(count), LoopKind::serial, 0,
                  body(make_var(DType::i32, var)));
}

}  // namespace

Kernel KernelMaker::copy_through() const {
  return make("copy_through", 0, false, [&](const Tile& tile) {
    return loop(*tile.kernel, i32(elements_),
                [&](const Expr& i) { return tile.store_output(i, tile.input(i)); });
  });
}

Kernel KernelMaker::arithmetic(bool multiply) const {
  return make("arithmetic", 0, false, [&](const Tile& tile) {
    return loop(*tile.kernel, i32(elements_), [&](const Expr& i) {
      const Expr a = tile.input(i);
      const Expr three = dtype_ == DType::f32 ? make_float(3) : make_int(dtype_, 3);
      return tile.store_output(
          i, binary(BinaryOp::add, multiply ? binary(BinaryOp::mul, a, three) : a, a));
    });
  });
}

Kernel KernelMaker::who_am_i() const {
  return make("who_am_i", 0, false, [&](const Tile& tile) {
    Expr unit = i32(0);
    for (int l = 0; l <= tile.unit_level; ++l) {
      unit = binary(BinaryOp::mul, unit, i32(counts_[static_cast<size_t>(l)]));
      unit = binary(BinaryOp::add, unit, make_level_index(DType::i32, l));
    }
    const Expr who = binary(BinaryOp::add, binary(BinaryOp::mul, unit, i32(100)), tile.instance);
    return loop(*tile.kernel, i32(elements_),
                [&](const Expr& i) { return tile.store_output(i, make_cast(dtype_, who)); });
  });
}

Kernel KernelMaker::run_time_bound() const {
  return make("run_time_bound", 1, true, [&](const Tile& tile) {
    return loop(*tile.kernel, make_param(DType::i32, 2),
                [&](const Expr& i) { return tile.store_output(i, tile.input(i)); });
  });
}

// A scope outside of `level`, inside a unit, whose elements kernels read and write: its instances
// meet there.
std::optional<int> KernelMaker::shared_scope(int level) const {
  for (size_t s = 0; s < target_->scopes.size(); ++s) {
    const Scope& scope = target_->scopes[s];
    const bool reachable = scope.level >= target_->unit_level() && scope.level < level;
    if (reachable && scope.element_access && scope.element_writes) return static_cast<int>(s);
  }
  return std::nullopt;
}

std::optional<Kernel> KernelMaker::exchange(int level) const {
  const std::optional<int> shared = shared_scope(level);
  const int64_t count = counts_[static_cast<size_t>(level)];
  if (!shared || count < 2) return std::nullopt;
  return make("exchange", 0, false, [&](const Tile& tile) {
    const Scope& scope = target_->scopes[static_cast<size_t>(*shared)];
    // A slot of its own granules for every instance.
    const int64_t align = std::max({scope.granule, scope.alignment, int64_t{8}});
    const int64_t slot = align / bytes_of(dtype_);
    const int buffer = static_cast<int>(tile.kernel->buffers.size());
    tile.kernel->buffers.push_back({"slots",
                                    dtype_,
                                    *shared,
                                    slot * count_inside(scope.level),
                                    BufferKind::local,
                                    -1,
                                    align,
                                    true,
                                    {}});
    const Expr own = linear(scope.level);
    const Expr index = make_level_index(DType::i32, level);
    const Expr after = binary(BinaryOp::add, index, i32(1));
    const Expr next = make_select(binary(BinaryOp::lt, after, i32(count)), after, i32(0));
    const Expr step =
        binary(BinaryOp::mul, binary(BinaryOp::sub, next, index), i32(count_inside(level)));
    const Expr neighbour = binary(BinaryOp::add, own, step);
    const Expr value = make_load(dtype_, buffer, binary(BinaryOp::mul, neighbour, i32(slot)));
    return make_seq({make_store(buffer, binary(BinaryOp::mul, own, i32(slot)), tile.input(i32(0))),
                     make_barrier(level), loop(*tile.kernel, i32(elements_), [&](const Expr& i) {
                       return tile.store_output(i, value);
                     })});
  });
}

std::optional<Kernel> KernelMaker::sum(int level) const {
  const std::optional<int> shared = shared_scope(level);
  const int64_t count = counts_[static_cast<size_t>(level)];
  if (!shared || count < 2) return std::nullopt;
  return make("sum", 0, false, [&](const Tile& tile) {
    const Scope& scope = target_->scopes[static_cast<size_t>(*shared)];
    const int64_t align = std::max({scope.granule, scope.alignment, int64_t{8}});
    const int64_t slot = align / bytes_of(dtype_);
    const int buffer = static_cast<int>(tile.kernel->buffers.size());
    tile.kernel->buffers.push_back({"slots",
                                    dtype_,
                                    *shared,
                                    slot * count_inside(scope.level),
                                    BufferKind::local,
                                    -1,
                                    align,
                                    true,
                                    {}});
    const Expr own = linear(scope.level);
    const Expr index = make_level_index(DType::i32, level);
    const Expr mine = binary(BinaryOp::mul, own, i32(slot));
    const Expr first =
        binary(BinaryOp::sub, own, binary(BinaryOp::mul, index, i32(count_inside(level))));
    const Expr value = make_load(dtype_, buffer, binary(BinaryOp::mul, first, i32(slot)));
    return make_seq({make_store(buffer, mine, tile.input(i32(0))),
                     make_combine(level, CombineOp::sum, buffer, mine, 1, 1, count),
                     loop(*tile.kernel, i32(elements_),
                          [&](const Expr& i) { return tile.store_output(i, value); })});
  });
}

}  // namespace pimjit::conformance
