#include <algorithm>

#include "pimjit/core/lower/kernel_builder.h"
#include "pimjit/core/schedule/nest.h"

namespace pimjit {
namespace {

bool in_pairs(const TargetDesc& target, DType type) {
  const auto rules = target.numeric_rules.find(type);
  return rules != target.numeric_rules.end() && rules->second.order != SumOrder::sequential;
}

}  // namespace

void KernelBuilder::fill_reads(int position, std::vector<Stmt>& out) {
  for (const std::vector<Place>& places : reads_) {
    for (size_t c = 1; c < places.size(); ++c) {
      const Storage& cache = *places[c].storage;
      if (cache.depth != position) continue;
      const int level = cache.shared ? sharing_level(cache) : -1;
      // The last round's readers must be done before the shared tile is overwritten.
      if (level >= 0 && serial_loop_between(layout_.unit_loops, position))
        out.push_back(make_barrier(level));
      out.push_back(load_tile(places[c - 1], places[c]));
      if (level >= 0) out.push_back(make_barrier(level));
    }
  }
}

// Results: the first visit starts from the identity, later visits from what the parent storage
// holds.
void KernelBuilder::enter_results(int position, std::vector<Stmt>& out) {
  const bool reduces = stage_.reducer != Reducer::none;
  const Storage& innermost = *result_.back().storage;
  const int init_position = std::max(s_.depth(s_.init_at) + 1, innermost.depth);
  for (size_t c = 1; c < result_.size() && reduces; ++c) {
    const Place& cache = result_[c];
    if (cache.storage->depth != position) continue;
    const bool starts_here = c + 1 == result_.size() && !starts_apart_;
    const Expr first = first_visit(position);
    const int level = cache.storage->shared ? sharing_level(*cache.storage) : -1;
    if (!first) {
      if (starts_here) out.push_back(initialise(cache, position));
      continue;
    }
    std::vector<Stmt> later;
    // Only what holds the running result loads it; other members of a combining group and further
    // serial partial results start from the identity every time.
    const Expr leader = c == 1 ? leads_group() : Expr();
    const bool clears = leader || (c + 1 == result_.size() && partial_results(*cache.storage) > 1);
    if (clears) {
      later.push_back(initialise(cache, position));
      // Instances clear their own elements and load pieces of any.
      if (level >= 0) later.push_back(make_barrier(level));
    }
    const Stmt load = load_tile(result_[c - 1], cache);
    later.push_back(leader ? make_if(leader, load) : load);
    if (level >= 0) out.push_back(make_barrier(level));
    out.push_back(make_if(first, starts_here ? initialise(cache, position) : make_seq({}),
                          make_seq(std::move(later))));
    if (level >= 0) out.push_back(make_barrier(level));
  }
  if (reduces && starts_apart_ && init_position == position) {
    const Expr first = first_visit(position);
    const Stmt init = initialise(result_.back(), position);
    out.push_back(first ? make_if(first, init) : init);
  }
}

void KernelBuilder::flush_results(int position, std::vector<Stmt>& out) {
  for (size_t c = result_.size(); c-- > 1;) {
    const Place& cache = result_[c];
    if (cache.storage->depth != position) continue;
    if (c + 1 == result_.size()) {
      if (Stmt fold = fold_partials(cache)) out.push_back(fold);
    }
    const Expr leader = c == 1 ? leads_group() : Expr();
    if (c == 1) combine_instances(cache, out);
    const int level = cache.storage->shared ? sharing_level(*cache.storage) : -1;
    if (level >= 0) out.push_back(make_barrier(level));
    const Stmt store = store_tile(result_[c - 1], cache);
    out.push_back(leader ? make_if(leader, store) : store);
    if (level >= 0 && serial_loop_between(layout_.unit_loops, position))
      out.push_back(make_barrier(level));
  }
}

int KernelBuilder::sharing_level(const Storage& cache) const {
  const int scope_level = target_.scopes[static_cast<size_t>(cache.scope)].level;
  for (size_t l = static_cast<size_t>(scope_level + 1); l < target_.levels.size(); ++l) {
    if (layout_.level_counts[l] > 1) return static_cast<int>(l);
  }
  return static_cast<int>(target_.levels.size()) - 1;
}

// Stores the identity into the part of the tile that the loops inside `from_position` span.
Stmt KernelBuilder::initialise(const Place& place, int from_position) {
  std::vector<Expr> leaf = leaf_;
  std::vector<std::pair<int, int64_t>> loops;
  const auto span = [&](LoopId id) {
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (takes_part(loop) || loop.extent <= 1 || s_.depth(id) < from_position) return;
    const int var = kernel_.add_var("z", index_type_);
    leaf[static_cast<size_t>(id)] = make_var(index_type_, var);
    loops.emplace_back(var, loop.extent);
  };
  if (place.storage->native) {
    for (LoopId id : s_.nest) {
      if (place.operand->leaves >> id & 1) span(id);
    }
  } else {
    for (const Digit& digit : place.storage->tile) span(digit.loop);
  }
  Stmt body = make_store(place.buffer, element_address(place, leaf), neutral());
  if (place.storage->native) {
    if (const Expr inside = native_in_bounds(*place.operand, leaf)) body = make_if(inside, body);
  }
  for (size_t l = loops.size(); l-- > 0;) {
    body =
        make_for(loops[l].first, constant(0), constant(loops[l].second), LoopKind::serial, 1, body);
  }
  return body;
}

Stmt KernelBuilder::load_tile(const Place& parent, const Place& cache) {
  const bool block = parent.storage == &parent.operand->home && parent.operand->link_in >= 0 &&
                     !parent.storage->native;
  if (block) return move_block(parent, cache, parent.operand->link_in, cache);
  return move_elements(parent, cache, cache);
}

Stmt KernelBuilder::store_tile(const Place& parent, const Place& cache) {
  const bool block = parent.storage == &parent.operand->home && parent.operand->link_out >= 0 &&
                     !parent.storage->native;
  if (block) return move_block(cache, parent, parent.operand->link_out, cache);
  return move_elements(cache, parent, cache);
}

// Element by element over the digits of the cache's tile, for storages that no link joins or that
// keep another layout.
Stmt KernelBuilder::move_elements(const Place& from, const Place& to, const Place& cache) {
  std::vector<Expr> leaf = leaf_;
  std::vector<std::pair<int, int64_t>> loops;
  for (const Digit& digit : cache.storage->tile) {
    const Loop& loop = s_.loops[static_cast<size_t>(digit.loop)];
    if (loop.axis_kind == AxisKind::reduction && cache.operand->access == kOutputAccess) {
      leaf[static_cast<size_t>(digit.loop)] = constant(0);  // folded partial results are in digit 0
      continue;
    }
    if (takes_part(loop)) continue;
    const int var = kernel_.add_var("e", index_type_);
    leaf[static_cast<size_t>(digit.loop)] = make_var(index_type_, var);
    loops.emplace_back(var, digit.extent);
  }
  // Instances share the work by their own digits; a loop that the operand does not depend on leaves
  // it to its first instance.
  Expr mine;
  if (cache.storage->shared) {
    const int scope_level = target_.scopes[static_cast<size_t>(cache.storage->scope)].level;
    for (size_t p = static_cast<size_t>(cache.storage->depth); p < s_.nest.size(); ++p) {
      const LoopId id = s_.nest[p];
      const Loop& loop = s_.loops[static_cast<size_t>(id)];
      if (!takes_part(loop) || loop.level <= scope_level || loop.extent <= 1) continue;
      if ((cache.operand->leaves >> id & 1) == 0)
        mine = both(mine, is_zero(leaf_[static_cast<size_t>(id)]));
    }
  }
  Stmt body = make_store(to.buffer, element_address(to, leaf),
                         make_load(cache.operand->type, from.buffer, element_address(from, leaf)));
  if (from.storage->native || to.storage->native) {
    if (const Expr inside = native_in_bounds(*cache.operand, leaf)) body = make_if(inside, body);
  }
  for (size_t l = loops.size(); l-- > 0;) {
    body =
        make_for(loops[l].first, constant(0), constant(loops[l].second), LoopKind::serial, 1, body);
  }
  return mine ? make_if(mine, body) : body;
}

// How many results of each element the tile holds, one for each value of the serial factored loops.
int64_t KernelBuilder::partial_results(const Storage& cache) const {
  int64_t partials = 1;
  for (const Digit& digit : cache.tile) {
    if (s_.loops[static_cast<size_t>(digit.loop)].axis_kind == AxisKind::reduction)
      partials *= digit.extent;
  }
  return partials;
}

// `count` partial results from number `from` on are added to the first one, or (`apart`) each to
// the one as far from the first as it is from number `from`.
Stmt KernelBuilder::fold_one(const Place& cache, const Expr& target, int64_t from, int64_t count,
                             int64_t distance, bool apart) {
  const int number = kernel_.add_var("r", index_type_);
  const Expr step = make_var(index_type_, number);
  const int64_t begin = apart ? 0 : from;
  const Expr to = apart ? add_of(target, mul_of(step, distance)) : target;
  const Expr source = add_of(target, mul_of(add_of(step, constant(from - begin)), distance));
  const Stmt sum = make_store(
      cache.buffer, to,
      make_binary(pimjit::binary_of(stage_.reducer), make_load(stage_.compute, cache.buffer, to),
                  make_load(stage_.compute, cache.buffer, source)));
  return make_for(number, constant(begin), constant(count), LoopKind::serial, 1, sum);
}

// The second half is added to the first, until one is left.
Stmt KernelBuilder::fold_in_pairs(const Place& cache, const Expr& target, int64_t partials,
                                  int64_t distance) {
  std::vector<Stmt> steps;
  for (int64_t left = partials; left > 1;) {
    const int64_t half = (left + 1) / 2;
    steps.push_back(fold_one(cache, target, half, left - half, distance, true));
    left = half;
  }
  return make_seq(std::move(steps));
}

// Adds the serial partial results to those of digit 0, in the order that the target's description
// says. Null when there are none.
Stmt KernelBuilder::fold_partials(const Place& cache) {
  std::vector<Expr> leaf = leaf_;
  std::vector<Expr> first = leaf_;
  std::vector<std::pair<int, int64_t>> loops;
  const int64_t partials = partial_results(*cache.storage);
  int64_t distance = cache.storage->tile_elements;  // of an element's partial results
  for (const Digit& digit : cache.storage->tile) {
    const Loop& loop = s_.loops[static_cast<size_t>(digit.loop)];
    if (loop.axis_kind == AxisKind::reduction) {
      distance = std::min(distance, digit.stride);
      leaf[static_cast<size_t>(digit.loop)] = first[static_cast<size_t>(digit.loop)] = constant(0);
    } else if (!takes_part(loop)) {
      const int var = kernel_.add_var("f", index_type_);
      leaf[static_cast<size_t>(digit.loop)] = first[static_cast<size_t>(digit.loop)] =
          make_var(index_type_, var);
      loops.emplace_back(var, digit.extent);
    }
  }
  if (partials == 1) return {};
  const Expr target = element_address(cache, first);
  Stmt body = in_pairs(target_, stage_.compute)
                  ? fold_in_pairs(cache, target, partials, distance)
                  : fold_one(cache, target, 1, partials - 1, distance, false);
  for (size_t l = loops.size(); l-- > 0;) {
    body =
        make_for(loops[l].first, constant(0), constant(loops[l].second), LoopKind::serial, 1, body);
  }
  return body;
}

void KernelBuilder::combine_instances(const Place& cache, std::vector<Stmt>& out) {
  const int64_t elements = cache.storage->useful_elements / partial_results(*cache.storage);
  Expr slice = constant(0);
  for (const Digit& digit : cache.storage->slices)
    slice = add_of(slice, mul_of(level_digit(digit.loop), digit.stride));
  for (LoopId id : s_.nest) {
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (!loop.rfactored || !takes_part(loop) || host_adds_up(target_, loop) || loop.extent <= 1)
      continue;
    int64_t stride = 1;
    for (int p = s_.depth(id) + 1; p < static_cast<int>(s_.nest.size()); ++p) {
      const Loop& inner = s_.loops[static_cast<size_t>(s_.nest[static_cast<size_t>(p)])];
      if (inner.level == loop.level && inner.extent > 1) stride *= inner.extent;
    }
    out.push_back(make_combine(loop.level, combine_of(stage_.reducer), cache.buffer, slice,
                               elements, stride, loop.extent));
  }
}

}  // namespace pimjit
