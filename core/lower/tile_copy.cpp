#include <algorithm>

#include "pimjit/core/lower/kernel_builder.h"
#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/nest.h"

namespace pimjit {

// A tile moves in the smallest pieces the link allows, each under the test whether any of it is
// inside the tensor: both sides hold the tile as one contiguous block, padded alike. What larger
// copies and fewer tests can be made of that is left to the pass convert_copies.
Stmt KernelBuilder::move_block(const Place& from, const Place& to, int link, const Place& cache) {
  const OperandLayout& operand = *cache.operand;
  const auto base = [&](const Place& place) {
    return place.storage == &operand.home ? home_tile_base(operand) : cache_base(*place.storage);
  };
  const Expr from_base = base(from), to_base = base(to);
  if (cache.storage->shared) return move_shared_block(from_base, to_base, from, to, link, cache);
  const auto copy_at = [&](const Expr& at, int64_t elements) {
    return copy(link, to.buffer, add_of(to_base, at), from.buffer, add_of(from_base, at), elements);
  };
  const Storage& home = operand.home;
  const int64_t total = home.tile_elements, piece = home.min_elements;
  if (home.useful_elements > 0 && !home.tile.empty() && home.tile.back().stride == 1 &&
      home.tile.back().extent % piece == 0) {
    return move_rows(home, operand, copy_at);
  }
  Stmt body;
  if (total % piece != 0) {
    body = move_whole(home, copy_at);
  } else {
    const int var = kernel_.add_var("c", index_type_);
    body = make_for(var, constant(0), constant(total / piece), LoopKind::serial, 1,
                    copy_at(mul_of(make_var(index_type_, var), piece), piece));
  }
  // No piece is inside the tensor unless the first element is.
  std::vector<Expr> leaf = leaf_;
  for (const Digit& digit : home.tile) leaf[static_cast<size_t>(digit.loop)] = constant(0);
  const Expr inside = piece_in_bounds(operand, leaf);
  return inside ? make_if(inside, body) : body;
}

// A tile whose rows are whole pieces.
Stmt KernelBuilder::move_rows(const Storage& home, const OperandLayout& operand,
                              const CopyAt& copy_at) {
  const int64_t piece = home.min_elements;
  std::vector<Expr> leaf = leaf_;
  std::vector<std::pair<int, int64_t>> loops;
  Expr at = constant(0);
  for (const Digit& digit : home.tile) {
    const int64_t step = digit.stride == 1 ? piece : 1;
    if (digit.extent == step) {
      leaf[static_cast<size_t>(digit.loop)] = constant(0);
      continue;
    }
    const int var = kernel_.add_var("c", index_type_);
    const Expr value = mul_of(make_var(index_type_, var), step);
    leaf[static_cast<size_t>(digit.loop)] = value;
    at = add_of(at, mul_of(value, digit.stride));
    loops.emplace_back(var, digit.extent / step);
  }
  Stmt body = copy_at(at, piece);
  if (const Expr inside = piece_in_bounds(operand, leaf)) body = make_if(inside, body);
  for (size_t l = loops.size(); l-- > 0;) {
    body =
        make_for(loops[l].first, constant(0), constant(loops[l].second), LoopKind::serial, 1, body);
  }
  return body;
}

// A tile that is no whole number of the smallest pieces, in as few copies as the link allows.
Stmt KernelBuilder::move_whole(const Storage& home, const CopyAt& copy_at) {
  const int64_t total = home.tile_elements;
  const int64_t chunk = std::min(total, home.chunk_elements);
  const int64_t whole = total / chunk, rest = total % chunk;
  std::vector<Stmt> out;
  const int var = kernel_.add_var("b", index_type_);
  out.push_back(make_for(var, constant(0), constant(whole), LoopKind::serial, 1,
                         copy_at(mul_of(make_var(index_type_, var), chunk), chunk)));
  if (rest != 0) out.push_back(copy_at(constant(total - rest), rest));
  return make_seq(std::move(out));
}

// Whether the first element of a piece, and with it any of it, is inside the tensor. Null where
// that is certain or must not be asked: iterations into padding read what the host has put there,
// and a stream of commands shared by several instances has no conditions.
Expr KernelBuilder::piece_in_bounds(const OperandLayout& operand,
                                    const std::vector<Expr>& leaf) const {
  if (!target_.limits.control_flow) return {};
  for (const Level& level : target_.levels) {
    if (level.kind == LevelKind::lockstep) return {};
  }
  LoopMask axes = 0;
  if (operand.access == kOutputAccess) {
    axes = (LoopMask{1} << stage_.rank) - 1;
  } else {
    for (const AffineIndex& index : stage_.accesses[static_cast<size_t>(operand.access)].index) {
      for (size_t a = 0; a < index.coefficients.size(); ++a) {
        if (index.coefficients[a] != 0) axes |= LoopMask{1} << a;
      }
    }
  }
  axes &= layout_.guarded_axes & ~padded_axes(stage_, s_, pads_are_guards(layout_));
  const NestValues values(s_, leaf, index_type_);
  Expr all;
  for (size_t a = 0; a < stage_.axes.size(); ++a) {
    if (axes >> a & 1)
      all = both(all, less_than(values.value(static_cast<int>(a)), stage_.axes[a].extent));
  }
  return all;
}

std::pair<Expr, int64_t> KernelBuilder::member(const Storage& cache) const {
  const int scope_level = target_.scopes[static_cast<size_t>(cache.scope)].level;
  Expr index = constant(0);
  int64_t count = 1;
  for (size_t p = static_cast<size_t>(cache.depth); p < s_.nest.size(); ++p) {
    const LoopId id = s_.nest[p];
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (!takes_part(loop) || loop.level <= scope_level || loop.extent <= 1) continue;
    index = add_of(mul_of(index, loop.extent), leaf_[static_cast<size_t>(id)]);
    count *= loop.extent;
  }
  return {index, count};
}

// An even share for each member, or more when the rest would be too small to be a copy of its own.
int64_t KernelBuilder::piece_elements(const Storage& home, int64_t members) {
  const int64_t total = home.tile_elements, step = home.step_elements;
  const int64_t even = ((total + members - 1) / members + step - 1) / step * step;
  for (int64_t piece = std::max(even, home.min_elements);
       piece <= std::min(total, home.chunk_elements); piece += step) {
    const int64_t rest = total % piece;
    if (rest == 0 || rest >= home.min_elements) return piece;
  }
  return std::min(total, home.chunk_elements);
}

// The instances that share a tile copy it together, piece by piece in turn.
Stmt KernelBuilder::move_shared_block(const Expr& from_base, const Expr& to_base, const Place& from,
                                      const Place& to, int link, const Place& cache) {
  const OperandLayout& operand = *cache.operand;
  const int64_t total = operand.home.tile_elements;
  const auto [me, members] = member(*cache.storage);
  const int64_t piece = piece_elements(operand.home, members);
  const int64_t whole = total / piece, rest = total % piece;
  const auto copy_at = [&](const Expr& at, int64_t elements) {
    return copy(link, to.buffer, add_of(to_base, at), from.buffer, add_of(from_base, at), elements);
  };
  std::vector<Stmt> out;
  const int var = kernel_.add_var("p", index_type_);
  const Expr number = add_of(mul_of(make_var(index_type_, var), members), me);
  Stmt body = copy_at(mul_of(number, piece), piece);
  if (whole % members != 0) body = make_if(less_than(number, whole), body);
  const int64_t rounds = (whole + members - 1) / members;
  out.push_back(make_for(var, constant(0), constant(rounds), LoopKind::serial, 1, body));
  if (rest != 0) {
    const Expr mine = make_binary(BinaryOp::eq, me, constant(whole % members));
    out.push_back(make_if(mine, copy_at(constant(total - rest), rest)));
  }
  return make_seq(std::move(out));
}

}  // namespace pimjit
