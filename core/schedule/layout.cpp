#include "pimjit/core/schedule/layout.h"

#include <algorithm>

#include "pimjit/core/schedule/copy_rule.h"
#include "pimjit/core/schedule/home_tiles.h"
#include "pimjit/core/schedule/leaves.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/stored_type.h"

namespace pimjit {
namespace {

class Layouter {
 public:
  Layouter(const Workload& w, const TargetDesc& target, const Schedule& schedule, int stage)
      : w_(w),
        target_(target),
        schedule_(schedule),
        number_(stage),
        stage_(w.stages[stage]),
        s_(schedule.stages[stage]) {}

  Legal<StageLayout> run() {
    masks_ = all_leaves(s_);
    find_geometry();
    for (size_t a = 0; a < stage_.accesses.size(); ++a) {
      OperandLayout operand;
      operand.access = static_cast<int>(a);
      operand.tensor = stage_.accesses[a].tensor;
      auto done = lay_out(operand, s_.reads);
      if (!done) return tl::unexpected(done.error());
      out_.reads.push_back(std::move(operand));
    }
    out_.result.access = kOutputAccess;
    out_.result.tensor = stage_.output;
    auto done = lay_out(out_.result, s_.writes);
    if (!done) return tl::unexpected(done.error());
    auto fits = check_capacity();
    if (!fits) return tl::unexpected(fits.error());
    return std::move(out_);
  }

 private:
  Rejection refuse(RejectionCode code, PlaceKind kind, int place, int64_t have = 0,
                   int64_t limit = 0) const {
    Rejection r{code};
    r.stage = static_cast<int8_t>(number_);
    r.place_kind = kind;
    r.place = place;
    r.have = have;
    r.limit = limit;
    return r;
  }

  void find_geometry() {
    out_.unit_level = target_.unit_level();
    out_.level_counts.assign(target_.levels.size(), 1);
    out_.scope_elements_bytes.assign(target_.scopes.size(), 0);
    out_.home_bytes.assign(target_.scopes.size(), 0);
    bool leading = true;
    innermost_bound_ = 0;
    for (size_t p = 0; p < s_.nest.size(); ++p) {
      const LoopId id = s_.nest[p];
      const Loop& loop = s_.loops[id];
      if (!runs_in_parallel(target_, loop)) {
        leading = false;
        continue;
      }
      out_.bound |= LoopMask{1} << id;
      out_.level_counts[loop.level] *= std::max<int64_t>(loop.extent, 1);
      innermost_bound_ = static_cast<int>(p) + 1;
      if (leading && loop.level <= out_.unit_level) out_.unit_loops = static_cast<int>(p) + 1;
    }
    for (size_t a = 0; a < stage_.axes.size(); ++a) {
      if (overshoots(static_cast<int>(a))) out_.guarded_axes |= LoopMask{1} << a;
    }
  }

  // Whether the nest runs `loop`'s value past its extent.
  bool overshoots(LoopId loop) const {
    const Loop& l = s_.loops[loop];
    if (l.needs_guard || l.padded) return true;
    if (l.fused_into != kRoot) return overshoots(l.fused_into);
    for (int c = 0; c < l.child_count; ++c) {
      if (overshoots(l.children[c])) return true;
    }
    return false;
  }

  // Caches sit inside the loops that pick their scope's instance, and inside the unit's loops.
  int effective_depth(LoopId at, int scope) const {
    int depth = std::max(s_.depth(at) + 1, out_.unit_loops);
    for (size_t p = 0; p < s_.nest.size(); ++p) {
      const Loop& loop = s_.loops[s_.nest[p]];
      if (runs_in_parallel(target_, loop) && loop.level <= target_.scopes[scope].level)
        depth = std::max(depth, static_cast<int>(p) + 1);
    }
    return depth;
  }

  int home_scope_of(int tensor) const {
    for (const Placement& p : schedule_.placements) {
      if (p.tensor == tensor) return p.scope;
    }
    return target_.home_scope();
  }

  bool is_native(int home_scope, bool is_result) const {
    return target_.scopes[home_scope].host == HostAccess::direct &&
           !(is_result && host_reduced() != 0);
  }

  // Factored loops whose partial results the host adds up: each value keeps results of its own.
  LoopMask host_reduced() const {
    LoopMask mask = 0;
    for (LoopId id : s_.nest) {
      if (host_adds_up(target_, s_.loops[id])) mask |= LoopMask{1} << id;
    }
    return mask;
  }

  // The loops at or inside `depth` that make up the tile, in descending order of their steps in the
  // tensor.
  std::vector<Digit> tile_digits(const OperandLayout& operand, int depth, int scope_level) const {
    std::vector<Digit> digits;
    for (size_t p = static_cast<size_t>(depth); p < s_.nest.size(); ++p) {
      const LoopId id = s_.nest[p];
      const Loop& loop = s_.loops[id];
      if ((operand.leaves >> id & 1) == 0 || loop.extent == 1) continue;
      if (runs_in_parallel(target_, loop) && loop.level <= scope_level) continue;
      digits.push_back({id, loop.extent, 0});
    }
    const auto steps = steps_in_tensor(w_, stage_, s_, operand.access);
    std::stable_sort(digits.begin(), digits.end(),
                     [&](const Digit& a, const Digit& b) { return steps[a.loop] > steps[b.loop]; });
    int64_t stride = 1;
    for (size_t d = digits.size(); d-- > 0;) {
      digits[d].stride = stride;
      stride *= std::max<int64_t>(digits[d].extent, 1);
    }
    return digits;
  }

  static int64_t useful(const std::vector<Digit>& digits) {
    int64_t n = 1;
    for (const Digit& d : digits) n *= std::max<int64_t>(d.extent, 1);
    return n;
  }

  Legal<void> lay_out(OperandLayout& operand, const std::vector<Cache>& caches) {
    operand.leaves = access_leaves(stage_, masks_, operand.access);
    const bool is_result = operand.access == kOutputAccess;
    operand.home.scope = home_scope_of(operand.tensor);
    operand.type = stored_type(w_, schedule_, operand.tensor);
    operand.home.native = is_native(operand.home.scope, is_result);

    for (const Cache& cache : caches) {
      if (!is_result && cache.access != operand.access) continue;
      Storage storage;
      storage.scope = cache.scope;
      storage.depth = effective_depth(cache.at, cache.scope);
      if (!operand.caches.empty() && storage.depth < operand.caches.back().depth) {
        return reject(refuse(RejectionCode::cache_order, PlaceKind::loop, cache.at));
      }
      operand.caches.push_back(std::move(storage));
    }
    auto linked = find_links(operand);
    if (!linked) return linked;
    auto placed = place_home(operand);
    if (!placed) return placed;
    return place_caches(operand);
  }

  Legal<void> find_links(OperandLayout& operand) {
    const bool is_result = operand.access == kOutputAccess;
    const Scope& home = target_.scopes[operand.home.scope];
    const bool home_elements = home.element_access && (!is_result || home.element_writes);
    if (operand.caches.empty()) {
      if (home_elements) return {};
      operand.staged = true;
      for (size_t scope = 0; scope < target_.scopes.size(); ++scope) {
        if (!target_.scopes[scope].element_access || !target_.scopes[scope].element_writes)
          continue;
        operand.link_in = target_.find_link(operand.home.scope, static_cast<int>(scope));
        operand.link_out = target_.find_link(static_cast<int>(scope), operand.home.scope);
        if (operand.link_in >= 0 && (!is_result || operand.link_out >= 0)) {
          operand.staging_scope = static_cast<int>(scope);
          return {};
        }
      }
      return reject(refuse(RejectionCode::no_link, PlaceKind::scope, operand.home.scope));
    }
    const int outermost = operand.caches.front().scope;
    operand.link_in = target_.find_link(operand.home.scope, outermost);
    operand.link_out = target_.find_link(outermost, operand.home.scope);
    const Scope& first = target_.scopes[outermost];
    const bool by_elements = home_elements && first.element_access && first.element_writes;
    const bool linked =
        is_result ? operand.link_out >= 0 && operand.link_in >= 0 : operand.link_in >= 0;
    if (!linked && !by_elements)
      return reject(refuse(RejectionCode::no_link, PlaceKind::scope, outermost));
    if (operand.home.native && !by_elements)
      return reject(refuse(RejectionCode::no_link, PlaceKind::scope, outermost));
    if (!linked || operand.home.native) operand.link_in = operand.link_out = -1;
    for (size_t c = 0; c < operand.caches.size(); ++c) {
      const Scope& scope = target_.scopes[operand.caches[c].scope];
      // Inner caches are filled element by element, and results are stored so.
      const bool stored = is_result || c > 0;
      if (!scope.element_access || (stored && !scope.element_writes)) {
        return reject(
            refuse(RejectionCode::scope_not_accessible, PlaceKind::scope, operand.caches[c].scope));
      }
    }
    return {};
  }

  Legal<void> place_home(OperandLayout& operand) {
    Storage& home = operand.home;
    const Scope& scope = target_.scopes[home.scope];
    const int64_t element = bytes_of(operand.type);
    home.depth = operand.caches.empty() ? std::max(innermost_bound_, out_.unit_loops)
                                        : operand.caches.front().depth;
    if (home.native) {
      home.elements = w_.tensors[operand.tensor].elements();
      return {};
    }
    home.tile = tile_digits(operand, home.depth, scope.level);
    home.useful_elements = useful(home.tile);
    std::vector<int> scopes{home.scope};
    if (!operand.caches.empty()) scopes.push_back(operand.caches.front().scope);
    if (operand.staged) scopes.push_back(operand.staging_scope);
    const std::vector<int> links{operand.link_in, operand.link_out};
    const CopyRule rule = copy_rule(target_, element, scopes, links);
    if (rule.chunk < rule.minimum) {
      return reject(refuse(RejectionCode::no_copy_size, PlaceKind::scope, home.scope, rule.minimum,
                           rule.chunk));
    }
    home.tile_elements = padded_bytes(home.useful_elements * element, rule) / element;
    home.step_elements = rule.multiple / element;
    home.min_elements = rule.minimum / element;
    home.chunk_elements = rule.chunk / element;
    if (operand.staged) {
      operand.staging_elements = rule.minimum / element;
      home.tile_elements = round_up(home.tile_elements, operand.staging_elements);
    }
    const bool is_result = operand.access == kOutputAccess;
    const int64_t elements = place_home_tiles(
        w_, target_, number_, s_, is_result ? host_reduced() : 0, has_native(), operand);
    const std::vector<int> host_links{target_.find_link(kHost, home.scope),
                                      target_.find_link(home.scope, kHost)};
    home.elements =
        padded_bytes(elements * element, copy_rule(target_, element, {home.scope}, host_links)) /
        element;
    out_.home_bytes[home.scope] += round_up(home.elements * element, scope.alignment);
    return {};
  }

  // Whether some home is the tensor itself: pads_are_guards of the layout to be.
  bool has_native() const {
    bool any = is_native(home_scope_of(stage_.output), true);
    for (const Access& a : stage_.accesses) any = any || is_native(home_scope_of(a.tensor), false);
    return any;
  }

  Legal<void> place_caches(OperandLayout& operand) {
    const int64_t element = bytes_of(operand.type);
    for (size_t c = 0; c < operand.caches.size(); ++c) {
      Storage& cache = operand.caches[c];
      const bool innermost = c + 1 == operand.caches.size();
      const Scope& scope = target_.scopes[cache.scope];
      cache.tile = tile_digits(operand, cache.depth, scope.level);
      cache.useful_elements = useful(cache.tile);
      if (c == 0 && !operand.home.native) {
        cache.tile_elements = operand.home.tile_elements;
      } else {
        const std::vector<int> links =
            c == 0 ? std::vector<int>{operand.link_in, operand.link_out} : std::vector<int>{};
        const CopyRule rule = copy_rule(target_, element, {cache.scope}, links);
        cache.tile_elements = padded_bytes(cache.useful_elements * element, rule) / element;
      }
      if (operand.access == kOutputAccess && innermost) {
        if (interleaves(operand, cache))
          interleave_partial_digit(cache);
        else
          add_partial_digits(cache);
      }
      add_slices(cache);
      const bool by_elements = c > 0 || operand.link_in < 0;
      auto shared = check_sharing(cache, element, operand.access == kOutputAccess || by_elements);
      if (!shared) return shared;
      out_.scope_elements_bytes[cache.scope] += round_up(cache.elements * element, scope.alignment);
    }
    if (operand.staged) {
      const int64_t slots = instances_sharing(operand.staging_scope);
      const Scope& scope = target_.scopes[operand.staging_scope];
      out_.scope_elements_bytes[operand.staging_scope] +=
          round_up(slots * operand.staging_elements * element, scope.alignment);
    }
    return {};
  }

  // Whether the partial results of an element lie side by side: those of the innermost loop, as the
  // lanes of a vector, where the tile of digit 0 is not moved or combined as one block.
  bool interleaves(const OperandLayout& operand, const Storage& cache) const {
    if (!operand.home.native || s_.nest.empty()) return false;
    const LoopId last = s_.nest.back();
    for (const LoopId id : s_.nest) {
      const Loop& loop = s_.loops[id];
      if (!loop.rfactored || loop.extent <= 1) continue;
      if (id != last || runs_in_parallel(target_, loop)) return false;
    }
    const Loop& loop = s_.loops[last];
    return loop.rfactored && loop.extent > 1 && static_cast<int>(s_.nest.size()) > cache.depth;
  }

  void interleave_partial_digit(Storage& cache) {
    const LoopId last = s_.nest.back();
    const int64_t extent = s_.loops[last].extent;
    for (Digit& digit : cache.tile) digit.stride *= extent;
    cache.tile.push_back({last, extent, 1});
    cache.tile_elements *= extent;
    cache.useful_elements *= extent;
  }

  // Elsewhere they are the slowest digits of the innermost cache, so that digit 0 alone has the
  // plain layout.
  void add_partial_digits(Storage& cache) {
    for (size_t p = s_.nest.size(); p-- > 0;) {
      const LoopId id = s_.nest[p];
      const Loop& loop = s_.loops[id];
      if (!loop.rfactored || runs_in_parallel(target_, loop) || loop.extent <= 1 ||
          static_cast<int>(p) < cache.depth)
        continue;
      cache.tile.insert(cache.tile.begin(), {id, loop.extent, cache.tile_elements});
      cache.tile_elements *= loop.extent;
      cache.useful_elements *= loop.extent;
    }
  }

  void add_slices(Storage& cache) {
    int64_t stride = cache.tile_elements;
    for (int p = cache.depth; p-- > 0;) {
      const LoopId id = s_.nest[p];
      const Loop& loop = s_.loops[id];
      if (!runs_in_parallel(target_, loop) || loop.level <= target_.scopes[cache.scope].level ||
          loop.extent <= 1)
        continue;
      cache.slices.insert(cache.slices.begin(), {id, loop.extent, stride});
      stride *= loop.extent;
    }
    cache.elements = stride;
  }

  int64_t instances_sharing(int scope) const {
    int64_t n = 1;
    for (size_t l = 0; l < target_.levels.size(); ++l) {
      if (static_cast<int>(l) > target_.scopes[scope].level) n *= out_.level_counts[l];
    }
    return n;
  }

  Legal<void> check_sharing(Storage& cache, int64_t element, bool written_by_elements) {
    const Scope& scope = target_.scopes[cache.scope];
    for (size_t p = static_cast<size_t>(cache.depth); p < s_.nest.size(); ++p) {
      const LoopId id = s_.nest[p];
      const Loop& loop = s_.loops[id];
      if (!runs_in_parallel(target_, loop) || loop.level <= scope.level || loop.extent <= 1)
        continue;
      cache.shared = true;
      if (!target_.levels[first_level_inside(scope.level)].barrier) {
        return reject(refuse(RejectionCode::barrier_missing, PlaceKind::level,
                             first_level_inside(scope.level)));
      }
      if (!written_by_elements) continue;
      for (const Digit& digit : cache.tile) {
        if (digit.loop == id && digit.stride * element % scope.granule != 0) {
          return reject(refuse(RejectionCode::shared_granule, PlaceKind::scope, cache.scope,
                               digit.stride * element, scope.granule));
        }
      }
    }
    return {};
  }

  // The outermost level inside `level` that runs more than one instance.
  int first_level_inside(int level) const {
    for (size_t l = static_cast<size_t>(level + 1); l < target_.levels.size(); ++l) {
      if (out_.level_counts[l] > 1) return static_cast<int>(l);
    }
    return static_cast<int>(target_.levels.size()) - 1;
  }

  Legal<void> check_capacity() const {
    for (size_t i = 0; i < target_.scopes.size(); ++i) {
      const Scope& scope = target_.scopes[i];
      const int64_t lost =
          scope.reserved + scope.reserved_per_instance * instances_sharing(static_cast<int>(i));
      const int64_t need = out_.scope_elements_bytes[i] +
                           (scope.host == HostAccess::direct ? 0 : out_.home_bytes[i]);
      if (need > 0 && need > scope.capacity - lost) {
        return reject(refuse(RejectionCode::scope_overflow, PlaceKind::scope, static_cast<int>(i),
                             need, scope.capacity - lost));
      }
    }
    return check_sizes();
  }

  Legal<void> check_sizes() const {
    constexpr int64_t kLimit = INT32_MAX;  // kernels index with 32 bits
    const auto too_large = [&](const OperandLayout& o) {
      return !o.home.native && o.home.elements > kLimit;
    };
    for (const OperandLayout& o : out_.reads) {
      if (too_large(o))
        return reject(refuse(RejectionCode::size_overflow, PlaceKind::tensor, o.tensor,
                             o.home.elements, kLimit));
    }
    const OperandLayout& r = out_.result;
    if (too_large(r))
      return reject(refuse(RejectionCode::size_overflow, PlaceKind::tensor, r.tensor,
                           r.home.elements, kLimit));
    return {};
  }

  const Workload& w_;
  const TargetDesc& target_;
  const Schedule& schedule_;
  int number_;
  const Stage& stage_;
  const StageSchedule& s_;
  std::vector<LoopMask> masks_;
  int innermost_bound_ = 0;
  StageLayout out_;
};

}  // namespace

int64_t StageLayout::units() const {
  int64_t n = 1;
  for (int l = 0; l <= unit_level; ++l) n *= level_counts[static_cast<size_t>(l)];
  return n;
}
int64_t StageLayout::instances_per_unit() const {
  int64_t n = 1;
  for (size_t l = static_cast<size_t>(unit_level + 1); l < level_counts.size(); ++l)
    n *= level_counts[l];
  return n;
}

Legal<StageLayout> layout_stage(const Workload& w, const TargetDesc& target, const Schedule& s,
                                int stage) {
  return Layouter(w, target, s, stage).run();
}

}  // namespace pimjit
